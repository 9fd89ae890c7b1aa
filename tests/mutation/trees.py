"""Copies of the checkout whose specifications are others, and what is generated from them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_COPIED = ("src", "generated", "specs", "tests", "scripts", "docs", "docker", ".github")
_LEFT = shutil.ignore_patterns("node_modules", "__pycache__")


@contextmanager
def mutated(file: str, document: dict[str, Any]) -> Iterator[tuple[Path, dict[str, str]]]:
    """A checkout with `document` in the place of specs/`file`, and the environment to use it in.

    Raises GenerationFailed where no classes can be made from it.
    """
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    tree = Path(mkdtemp(prefix="mutant-", dir=build))
    try:
        for name in _COPIED:
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, tree / name, ignore=_LEFT)
        for path in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), *ROOT.glob("*.txt")):
            shutil.copy(path, tree)
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
        (tree / "specs" / file).write_text(text, "utf-8")
        _generate(tree, file)
        places = os.pathsep.join([str(tree / "src"), str(tree / "generated")])
        yield tree, {**os.environ, "PYTHONPATH": places}
    finally:
        shutil.rmtree(tree)


class GenerationFailed(Exception):
    """The generator refused the specification: that, too, is being noticed."""


def _generate(tree: Path, file: str) -> None:
    output = tree / "generated/ollama_openai_proxy_models" / file.replace(".yaml", ".py")
    command = [str(Path(sys.executable).parent / "datamodel-codegen"), "--input", f"specs/{file}"]
    try:
        subprocess.run(
            [*command, "--output", str(output)],
            cwd=tree,
            check=True,
            capture_output=True,
            timeout=300,
        )
    except subprocess.CalledProcessError as error:
        raise GenerationFailed(error.stderr.decode()) from error

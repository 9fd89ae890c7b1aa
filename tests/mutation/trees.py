"""Copies of the checkout with a modified specification and the models generated from it."""

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
_IGNORED = shutil.ignore_patterns("node_modules", "__pycache__")


@contextmanager
def mutated(file: str, document: dict[str, Any]) -> Iterator[tuple[Path, dict[str, str]]]:
    """Create a checkout with `document` in place of specs/`file`. Delete it afterwards.

    Yields the folder and the environment variables to run the tests with. Raises GenerationFailed
    if the generator rejects the specification.
    """
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    tree = Path(mkdtemp(prefix="mutant-", dir=build))
    try:
        for name in _COPIED:
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, tree / name, ignore=_IGNORED)
        for path in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), *ROOT.glob("*.txt")):
            shutil.copy(path, tree)
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
        (tree / "specs" / file).write_text(text, "utf-8")
        _generate(tree, file)
        search_path = os.pathsep.join([str(tree / "src"), str(tree / "generated")])
        yield tree, {**os.environ, "PYTHONPATH": search_path}
    finally:
        shutil.rmtree(tree)


class GenerationFailed(Exception):
    """The generator rejected the specification. This counts as a detected fault."""


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

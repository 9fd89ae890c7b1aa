"""Plants one fault after another, and tells which of them no test notices."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from .mutants import Mutant, answer_mutants, contract_mutants
from .trees import ROOT, GenerationFailed, mutated

_LIMIT = 900
"""Seconds for the tests against one mutant: one on which they hang is noticed, too."""
_FOLDERS = ("handlers", "wire", "replays", "translator", "backend", "conformance", "contract")
"""Of tests that run in this process. Those that hold files against each other would be no proof."""
_CONTRACT = "tests/contract/test_service.py::test_the_service_keeps_its_contract"
_FAILED = 1
"""pytest's exit code when tests failed; others say that they did not run."""


class Verdict(NamedTuple):
    """What the tests made of a mutant: `by` names the one that noticed it."""

    mutant: str
    killed: bool
    by: str
    seconds: float


class NotTested(Exception):
    """The tests did not run; the message is their output."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("only", nargs="*", help="mutants whose name contains one of these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, default=ROOT / "build/mutation.json", metavar="PATH")
    parser.add_argument("--list", action="store_true", help="name the mutants, test nothing")
    return parser.parse_args()


def _stages(mutant: Mutant) -> list[list[str]]:
    """The test files: those that speak of the path, the others, and those that fuzz; of these the
    one operation before all, where it is what is served that is described wrongly."""
    stages: list[list[str]] = [[], [], []]
    near = mutant.path.partition("{")[0]
    for folder in _FOLDERS:
        for file in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            far = 1 if near not in file.read_text("utf-8") else 0
            stage = 2 if "contract" in file.parts else far
            stages[stage].append(str(file.relative_to(ROOT)))
    if mutant.target == "ollama.yaml":
        operation = mutant.fault.split()[0]
        stages.insert(0, ["-p", "tests.mutation.narrowing", "--operation", operation, _CONTRACT])
    return [files for files in stages if files]


def _tested(mutant: Mutant, options: Iterable[str], **where: Any) -> Verdict:
    began = monotonic()
    by = None
    for files in _stages(mutant):
        by = _noticed([*options, *files], where)
        if by is not None:
            break
    return Verdict(str(mutant), by is not None, by or "", monotonic() - began)


def _noticed(arguments: list[str], where: dict[str, Any]) -> str | None:
    """The test that fails, if one does."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider"]
    try:
        run = subprocess.run(
            [*command, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            **where,
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    if run.returncode == 0:
        return None
    # A mutant that cannot even be imported is noticed by every test.
    if run.returncode != _FAILED and "Error" not in run.stdout + run.stderr:
        raise NotTested(run.stdout + run.stderr)
    rows = (
        row for row in run.stdout.splitlines() if row.startswith(("FAILED tests", "ERROR tests"))
    )
    return next(rows, "it cannot be imported").partition(" - ")[0]


def _answer(mutant: Mutant) -> Verdict:
    options = ["-p", "tests.mutation.plugin", "--mutant", str(mutant)]
    return _tested(mutant, options, cwd=ROOT)


def _contract(mutant: Mutant, document: dict[str, Any]) -> Verdict:
    try:
        with mutated(mutant.target, document) as (tree, environment):
            return _tested(mutant, [], cwd=tree, env=environment)
    except GenerationFailed:
        return Verdict(str(mutant), True, "the generator", 0)


def _all() -> Iterator[tuple[Mutant, partial[Verdict]]]:
    for mutant in answer_mutants():
        yield mutant, partial(_answer, mutant)
    for mutant, document in contract_mutants():
        yield mutant, partial(_contract, mutant, document)


def main() -> int:
    options = _arguments()
    chosen = [
        (mutant, run)
        for mutant, run in _all()
        if not options.only or any(part in str(mutant) for part in options.only)
    ]
    if options.list:
        print("\n".join(str(mutant) for mutant, _ in chosen))
        return 0
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = list(_as_they_end(pool.submit(run) for _, run in chosen))
    survivors = [verdict for verdict in verdicts if not verdict.killed]
    killed = len(verdicts) - len(survivors)
    print(
        f"{killed} of {len(verdicts)} mutants killed: {100 * killed / max(len(verdicts), 1):.0f} %"
    )
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps([verdict._asdict() for verdict in verdicts], indent=1))
    return 1 if survivors or not verdicts else 0


def _as_they_end(futures: Iterable[Future[Verdict]]) -> Iterator[Verdict]:
    for future in list(futures):
        verdict = future.result()
        word = "killed" if verdict.killed else "SURVIVED"
        print(f"{word:8} {verdict.seconds:5.0f} s  {verdict.mutant}  {verdict.by}", flush=True)
        yield verdict


if __name__ == "__main__":
    sys.exit(main())

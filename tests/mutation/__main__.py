"""Plant faults one by one and report those that no test detects."""

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

from .mutants import Mutant, contract_mutants, handler_mutants
from .trees import ROOT, GenerationFailed, mutated

_LIMIT = 900
"""Time limit in seconds for the tests of one mutant. Exceeding it counts as a failed test."""
_FOLDERS = ("handlers", "wire", "replays", "translator", "backend", "conformance", "contract")
"""Tests of the running service. Tests that compare files would detect any modified file."""
_CONTRACT = "tests/contract/test_service.py::test_the_service_keeps_its_contract"
_FAILED = 1
"""pytest's exit code if tests failed. Higher codes mean that the tests did not run."""


class Verdict(NamedTuple):
    """The result for one mutant; `by` is the test that detected it."""

    mutant: str
    killed: bool
    by: str
    seconds: float


class NotTested(Exception):
    """The tests did not run; the message is their output."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("only", nargs="*", help="mutants whose name contains one of these")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="mutants tested in parallel"
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=ROOT / "build/mutation.json",
        metavar="PATH",
        help="file for the results",
    )
    parser.add_argument("--list", action="store_true", help="list the mutants without testing them")
    return parser.parse_args()


def _stages(mutant: Mutant) -> list[list[str]]:
    """Return pytest arguments in the order in which they are most likely to detect the mutant.

    First the test files that contain the path, then the others, then the contract tests. For a
    fault in specs/ollama.yaml, the contract test of that operation alone comes before all.
    """
    stages: list[list[str]] = [[], [], []]
    prefix = mutant.path.partition("{")[0]
    for folder in _FOLDERS:
        for file in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            other = 1 if prefix not in file.read_text("utf-8") else 0
            stage = 2 if "contract" in file.parts else other
            stages[stage].append(str(file.relative_to(ROOT)))
    if mutant.target == "ollama.yaml":
        operation = mutant.fault.split()[0]
        stages.insert(0, ["-p", "tests.mutation.narrowing", "--operation", operation, _CONTRACT])
    return [files for files in stages if files]


def _run_tests(mutant: Mutant, options: Iterable[str], **where: Any) -> Verdict:
    began = monotonic()
    by = None
    for files in _stages(mutant):
        by = _first_failure([*options, *files], where)
        if by is not None:
            break
    return Verdict(str(mutant), by is not None, by or "", monotonic() - began)


def _first_failure(arguments: list[str], where: dict[str, Any]) -> str | None:
    """Return the name of the first failed test, or None if all pass."""
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
        return "time limit"
    if run.returncode == 0:
        return None
    # A mutant that cannot be imported fails before any test runs.
    if run.returncode != _FAILED and "Error" not in run.stdout + run.stderr:
        raise NotTested(run.stdout + run.stderr)
    rows = (
        row for row in run.stdout.splitlines() if row.startswith(("FAILED tests", "ERROR tests"))
    )
    return next(rows, "import error").partition(" - ")[0]


def _test_handler(mutant: Mutant) -> Verdict:
    options = ["-p", "tests.mutation.plugin", "--mutant", str(mutant)]
    return _run_tests(mutant, options, cwd=ROOT)


def _test_contract(mutant: Mutant, document: dict[str, Any]) -> Verdict:
    try:
        with mutated(mutant.target, document) as (tree, environment):
            return _run_tests(mutant, [], cwd=tree, env=environment)
    except GenerationFailed:
        return Verdict(str(mutant), True, "the generator", 0)


def _all() -> Iterator[tuple[Mutant, partial[Verdict]]]:
    for mutant in handler_mutants():
        yield mutant, partial(_test_handler, mutant)
    for mutant, document in contract_mutants():
        yield mutant, partial(_test_contract, mutant, document)


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
        verdicts = list(_as_they_finish(pool.submit(run) for _, run in chosen))
    survivors = [verdict for verdict in verdicts if not verdict.killed]
    killed = len(verdicts) - len(survivors)
    print(
        f"{killed} of {len(verdicts)} mutants killed: {100 * killed / max(len(verdicts), 1):.0f} %"
    )
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps([verdict._asdict() for verdict in verdicts], indent=1))
    return 1 if survivors or not verdicts else 0


def _as_they_finish(futures: Iterable[Future[Verdict]]) -> Iterator[Verdict]:
    for future in list(futures):
        verdict = future.result()
        word = "killed" if verdict.killed else "SURVIVED"
        print(f"{word:8} {verdict.seconds:5.0f} s  {verdict.mutant}  {verdict.by}", flush=True)
        yield verdict


if __name__ == "__main__":
    sys.exit(main())

"""Fuzzes the service against its contract: rounds with new seeds until --max-time is over.

Each round tests the service against specs/ollama.yaml. Rounds vary the transport (in this process
or over a socket), the backend generated from specs/openai.yaml (willing or moody), its dialect,
and whether the service requires an API key.
"""

import argparse
import atexit
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
import warnings
from itertools import count, product
from random import SystemRandom
from typing import NamedTuple

from hypothesis.configuration import set_hypothesis_home_dir

from ollama_openai_proxy.profiles.dialects import DIALECTS
from tests.fakes.answers import Mood
from tests.fakes.generated import GeneratedBackend

from .campaign import PHASES, Outcome, Plan, run
from .exclusions import EXCLUSIONS
from .report import described, table
from .targets import KEY, WAYS

_MOODS: tuple[Mood, ...] = ("willing", "moody")
_ROUNDS = [(way, mood, key) for key, mood, way in product((None, KEY), _MOODS, WAYS)]
_DIALECTS = tuple(DIALECTS)
_SHOWN = 50
"""Failures printed at most; all of them are counted."""
_MINIMUM_LEFT = 5
"""Seconds that must be left for another round to start."""
_MINIMUM_LENGTH = 60
"""Minimum length of a round in seconds. In less time it would not reach all phases."""


class Round(NamedTuple):
    """One campaign: the configuration under test and its seed."""

    way: str
    mood: Mood
    key: str | None
    dialect: str
    seed: int

    def __str__(self) -> str:
        key = "a key" if self.key else "no key"
        return f"seed {self.seed}, {self.way}, {self.mood} {self.dialect} backend, {key}"


def main() -> int:
    """Run the rounds and return the exit code: 1 if a check failed."""
    arguments = _arguments()
    _isolate()
    began = time.monotonic()
    outcome = Outcome()
    print(f"first seed: {arguments.seed} (repeat with --seed {arguments.seed})", flush=True)
    ways = [each for each in _ROUNDS if arguments.way in (None, each[0])]
    for seed in count(arguments.seed):
        left = arguments.max_time - (time.monotonic() - began)
        if left < _MINIMUM_LEFT:
            break
        share = min(left, max(_MINIMUM_LENGTH, arguments.max_time / len(ways)))
        # Derived from the seed, so that the seed alone reproduces the round.
        way, mood, key = ways[seed % len(ways)]
        dialect = _DIALECTS[seed % len(_DIALECTS)]
        _run_round(Round(way, mood, key, dialect, seed), arguments, share, outcome)
    print(table(outcome))
    unused = [row.name for row in EXCLUSIONS if row.name not in outcome.ledger.uses]
    print(f"unused exclusions: {', '.join(unused) or 'none'}")
    return 1 if outcome.findings else 0


def _run_round(this: Round, arguments: argparse.Namespace, share: float, outcome: Outcome) -> None:
    began = time.monotonic()
    phases = tuple(arguments.phases.split(","))
    plan = Plan(this.seed, arguments.examples, phases, steady=False, seconds=int(share))
    with WAYS[this.way](GeneratedBackend(this.seed, this.mood), this.key, this.dialect) as target:
        found = run(target, plan)
    cases = sum(found.statuses.values())
    seconds = time.monotonic() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{this}: {cases} cases, {len(found.findings)} failures, {seconds:.0f} s, "
        f"peak memory so far: {megabytes} MB",
        flush=True,
    )
    for finding in found.findings[: max(0, _SHOWN - len(outcome.findings))]:
        print(f"\n{described(finding)}\n  ({this})\n", flush=True)
    outcome.add(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument(
        "--max-time", type=float, default=300, metavar="SECONDS", help="length of the run"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=SystemRandom().getrandbits(32),
        help="seed of the first round (default: random)",
    )
    parser.add_argument(
        "--examples", type=int, default=50, help="test cases per operation and round"
    )
    parser.add_argument(
        "--phases", default=",".join(PHASES), help="comma-separated phases of Schemathesis"
    )
    parser.add_argument("--way", choices=list(WAYS), help="run all rounds with this transport")
    return parser.parse_args()


def _isolate() -> None:
    """Remove the developer's settings, disable logging, and store Hypothesis data temporarily."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OLLAMA_")):
            del os.environ[name]
    storage = tempfile.mkdtemp(prefix="hypothesis-")
    atexit.register(shutil.rmtree, storage, ignore_errors=True)
    set_hypothesis_home_dir(storage)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    sys.exit(main())

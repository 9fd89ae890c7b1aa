"""The contract tests in the long: rounds with new seeds until the time is over.

Each round holds the service against specs/ollama.yaml, in this process or on a socket, on another
backend made from specs/openai.yaml, willing or moody, with or without a key.
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
"""Failures shown at most; all are counted."""
_SHORTEST = 5
"""Seconds that a round is worth beginning for."""
_ENOUGH = 60
"""Seconds that a round takes at least, so that it reaches all phases."""


class Round(NamedTuple):
    """One campaign: what is under test, and by which seed."""

    way: str
    mood: Mood
    key: str | None
    dialect: str
    seed: int

    def __str__(self) -> str:
        key = "a key" if self.key else "no key"
        return f"seed {self.seed}, {self.way}, {self.mood} {self.dialect} backend, {key}"


def main() -> int:
    """Exits 1 where something failed."""
    arguments = _arguments()
    _quiet()
    began = time.monotonic()
    outcome = Outcome()
    print(f"seed {arguments.seed}: again by --seed {arguments.seed}", flush=True)
    ways = [each for each in _ROUNDS if arguments.way in (None, each[0])]
    for seed in count(arguments.seed):
        left = arguments.max_time - (time.monotonic() - began)
        if left < _SHORTEST:
            break
        share = min(left, max(_ENOUGH, arguments.max_time / len(ways)))
        # By the seed, so that it alone tells a round.
        way, mood, key = ways[seed % len(ways)]
        dialect = _DIALECTS[seed % len(_DIALECTS)]
        _one(Round(way, mood, key, dialect, seed), arguments, share, outcome)
    print(table(outcome))
    unused = [row.name for row in EXCLUSIONS if row.name not in outcome.ledger.uses]
    print(f"exclusions that nothing hit: {', '.join(unused) or 'none'}")
    return 1 if outcome.findings else 0


def _one(this: Round, arguments: argparse.Namespace, share: float, outcome: Outcome) -> None:
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
        f"{megabytes} MB at most so far",
        flush=True,
    )
    for finding in found.findings[: max(0, _SHOWN - len(outcome.findings))]:
        print(f"\n{described(finding)}\n  ({this})\n", flush=True)
    outcome.add(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--max-time", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32))
    parser.add_argument("--examples", type=int, default=50, help="cases of an operation, a round")
    parser.add_argument("--phases", default=",".join(PHASES))
    parser.add_argument("--way", choices=list(WAYS), help="only in this way")
    return parser.parse_args()


def _quiet() -> None:
    """Neither the developer's settings nor what the service logs has a say, and nothing is left."""
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

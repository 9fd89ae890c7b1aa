"""The command line of `scripts/bench`."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .rounds import COMPARISON, QUICK, Effort
from .systems import PROXY_COMMAND

APIS = ("ollama", "openai")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench",
        description="Compares the proxy with a relay on the same stack, or two commits with each "
        "other.",
    )
    usual = Effort()
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument(
        "--rounds",
        type=int,
        help=f"rounds that count ({usual.rounds}; with --compare {COMPARISON.rounds}; quick: 1)",
    )
    parser.add_argument(
        "--seconds", type=float, help=f"length of a slice ({usual.seconds}; quick: {QUICK.seconds})"
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        default=[],
        metavar="PATTERN",
        help="only these rows, such as 'chat*'",
    )
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), metavar="PATH")
    parser.add_argument("--force", action="store_true", help="measure even if the machine is busy")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 if a goal is missed; with --compare, if an interval exceeds --limit",
    )
    _add_comparison(parser)
    _add_proxy(parser)
    options = parser.parse_args(arguments)
    if options.head and not options.compare:
        parser.error("--with needs --compare")
    return options


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    comparing = parser.add_argument_group("comparison of two commits")
    comparing.add_argument("--compare", metavar="COMMIT", help="the base commit")
    comparing.add_argument(
        "--with", dest="head", metavar="COMMIT", help="the head commit (default: the working tree)"
    )
    comparing.add_argument(
        "--limit", type=float, default=1.05, help="upper limit of head / base (default: 1.05)"
    )


def _add_proxy(parser: argparse.ArgumentParser) -> None:
    other = parser.add_argument_group("another proxy")
    other.add_argument(
        "--proxy-command",
        default=PROXY_COMMAND,
        help="the command to measure; {python}, {port} and {backend} (a URL) are filled in",
    )
    other.add_argument("--proxy-api", choices=APIS, default="ollama", help="the API of that proxy")


def effort(options: argparse.Namespace) -> Effort:
    chosen = QUICK if options.quick else COMPARISON if options.compare else Effort()
    if options.rounds:
        chosen = replace(chosen, rounds=options.rounds)
    if options.seconds:
        chosen = replace(chosen, seconds=options.seconds)
    return chosen

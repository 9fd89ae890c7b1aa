"""Entry point of the program: parses the command line and runs a command."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from .. import DISTRIBUTION
from ..config.settings import SettingsError
from ..local import LocalError
from . import health, keys, serve

_BAD_USAGE = 2  # the exit code of argparse
_CANNOT_LISTEN = 1
_EXIT_CODES: dict[type[Exception], int] = {
    SettingsError: _BAD_USAGE,
    LocalError: _BAD_USAGE,
    ValueError: _BAD_USAGE,
    serve.CannotListen: _CANNOT_LISTEN,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and print its output. On failure, print one line to stderr and exit."""
    options = _parser().parse_args(arguments)
    try:
        output = options.run(options)
    except tuple(_EXIT_CODES) as error:
        code = next(code for kind, code in _EXIT_CODES.items() if isinstance(error, kind))
        _fail(str(error), code)
    if output is not None:
        print(output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=DISTRIBUTION,
        description="Serve the Ollama HTTP API on top of any OpenAI-compatible backend.",
    )
    parser.add_argument(
        "--version", action="version", version=f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve.add_command(commands)
    health.add_command(commands)
    keys.add_commands(commands)
    return parser


def _fail(message: str, code: int) -> NoReturn:
    print(f"{DISTRIBUTION}: {message}", file=sys.stderr)
    sys.exit(code)

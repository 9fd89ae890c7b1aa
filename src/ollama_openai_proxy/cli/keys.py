"""ollama-openai-proxy new-key and hash-key: making keys, and writing them down."""

import argparse
import getpass
import secrets
import sys
from typing import Any

from ..access.keys import hashed

_BYTES = 32
_BEGINNING = "oop-"  # so that a key found somewhere can be told from others


def add_commands(commands: Any) -> None:
    """Adds them to the command line; `run` of what is parsed gives their output, or ValueError."""
    new = commands.add_parser(
        "new-key", help="make a key for a client", description="Makes a key for a client."
    )
    new.set_defaults(run=_new_key)
    hash_ = commands.add_parser(
        "hash-key",
        help="write a key down without telling it",
        description="Reads a key from the standard input, and prints what stands for it in "
        "OLLAMA_OPENAI_PROXY_API_KEYS or a file of keys.",
    )
    hash_.add_argument("--name", default="", help="whose key it is; the log tells the name")
    hash_.set_defaults(run=_hash_key)


def _new_key(_: argparse.Namespace) -> str:
    return _BEGINNING + secrets.token_urlsafe(_BYTES)


def _hash_key(options: argparse.Namespace) -> str:
    key = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.read()
    return hashed(key.strip(), options.name)

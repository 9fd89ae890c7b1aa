"""`ollama-openai-proxy new-key` and `hash-key`: generate and hash API keys."""

import argparse
import getpass
import secrets
import sys
from typing import Any

from ..access.keys import hashed

_BYTES = 32
_PREFIX = "oop-"  # makes a leaked key recognizable as one of ours


def add_commands(commands: Any) -> None:
    """Add `new-key` and `hash-key` to the commands of the program.

    The `run` of their parsed options returns the output, or raises ValueError for an invalid key.
    """
    new = commands.add_parser(
        "new-key",
        help="generate an API key for a client",
        description="Generate a random API key for a client and print it.",
    )
    new.set_defaults(run=_new_key)
    hash_ = commands.add_parser(
        "hash-key",
        help="hash an API key, to store it without revealing it",
        description="Read an API key from standard input and print its hash, which can replace the "
        "key in OLLAMA_OPENAI_PROXY_API_KEYS or in a file of keys.",
    )
    hash_.add_argument("--name", default="", help="name of the key, shown in the log")
    hash_.set_defaults(run=_hash_key)


def _new_key(_: argparse.Namespace) -> str:
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def _hash_key(options: argparse.Namespace) -> str:
    key = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.read()
    return hashed(key.strip(), options.name)

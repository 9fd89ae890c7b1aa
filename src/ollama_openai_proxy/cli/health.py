"""ollama-openai-proxy health: asks a running service how it is; the standard library is enough."""

import argparse
import http.client
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..config.addresses import parse_host

_PATIENCE = 5.0
"""Seconds for each step of the answer."""
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_HOST = "OLLAMA_HOST"
_SHOWN = 200


def add_command(commands: Any) -> None:
    """Adds it to the others of the command line."""
    text = "Asks a running service whether it is alive. The exit code is 0 or 1."
    parser = commands.add_parser("health", help="ask a running service how it is", description=text)
    parser.add_argument("--url", help="where it is; else where OLLAMA_HOST says that it listens")
    parser.add_argument("--ready", action="store_true", help="also whether its backend answers")
    parser.set_defaults(run=run)


def main(arguments: Sequence[str]) -> None:
    """The command by itself: it runs every few seconds, and should not import the service."""
    parser = argparse.ArgumentParser(prog="ollama-openai-proxy")
    add_command(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    print(run(options))


def run(options: argparse.Namespace) -> str:
    """What to print of a service that is well; ends with 1 and a line on one that is not."""
    base = (options.url or f"http://{_address()}").rstrip("/")
    url = base + ("/readyz" if options.ready else "/healthz")
    try:
        status, body = _asked(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        sys.exit(f"{url}: {error}")
    line = f"{url}: {status} {body}"
    if status != 200:
        sys.exit(line)
    return line


def _asked(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http:// or https:// URL")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        body = answer.read(_SHOWN).decode(errors="replace")
        return answer.status, " ".join(body.split())
    finally:
        connection.close()


def _address() -> str:
    """Where a service with our settings is heard from this machine."""
    address = parse_host(os.environ.get(_HOST) or _in_file() or "")
    return str(address._replace(host=_EVERYWHERE.get(address.host, address.host)))


def _in_file() -> str | None:
    if not Path(".env").exists():
        return None
    from dotenv import dotenv_values

    return dotenv_values(".env").get(_HOST)

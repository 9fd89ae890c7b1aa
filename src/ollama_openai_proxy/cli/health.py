"""`ollama-openai-proxy health`: checks a running service, with the standard library alone."""

import argparse
import http.client
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..config.addresses import parse_host

_TIMEOUT = 5.0
"""Seconds for each socket operation."""
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Loopback addresses to use in place of those that stand for all interfaces."""
_HOST = "OLLAMA_HOST"
_MAX_BODY = 200
"""Bytes of the response body that are printed."""


def add_command(commands: Any) -> None:
    """Add `health` to the commands of the program."""
    text = "Check whether a running service is alive. The exit code is 0 if it is, otherwise 1."
    parser = commands.add_parser("health", help="check a running service", description=text)
    parser.add_argument("--url", help="URL of the service (default: the address in OLLAMA_HOST)")
    parser.add_argument(
        "--ready", action="store_true", help="also check that its backend is available"
    )
    parser.set_defaults(run=run)


def main(arguments: Sequence[str]) -> None:
    """Run only this command, without importing the service: containers run it often."""
    parser = argparse.ArgumentParser(prog="ollama-openai-proxy")
    add_command(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    print(run(options))


def run(options: argparse.Namespace) -> str:
    """Return the line to print for a healthy service. Otherwise exit with 1 and the reason."""
    base = (options.url or f"http://{_address()}").rstrip("/")
    url = base + ("/readyz" if options.ready else "/healthz")
    try:
        status, body = _get(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        sys.exit(f"{url}: {error}")
    line = f"{url}: {status} {body}"
    if status != 200:
        sys.exit(line)
    return line


def _get(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("invalid URL; expected something like http://localhost:11434")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        body = response.read(_MAX_BODY).decode(errors="replace")
        return response.status, " ".join(body.split())
    finally:
        connection.close()


def _address() -> str:
    """The address at which this machine reaches a service with our settings."""
    address = parse_host(os.environ.get(_HOST) or _host_in_file() or "")
    return str(address._replace(host=_LOOPBACK.get(address.host, address.host)))


def _host_in_file() -> str | None:
    if not Path(".env").exists():
        return None
    from dotenv import dotenv_values

    return dotenv_values(".env").get(_HOST)

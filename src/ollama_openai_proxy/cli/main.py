"""The command line: settings → a listening socket → the server."""

import argparse
import logging
import os
import socket
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

from .. import DISTRIBUTION
from ..access.hosts import is_loopback
from ..config.addresses import HostPort
from ..config.settings import Settings, SettingsError, read_settings, variable
from ..local import LocalBackend, LocalError
from ..server import log_to_stderr, make_application, serve
from . import health
from .keys import add_commands

if TYPE_CHECKING:
    from connexion import AsyncApp

_BAD_USAGE = 2  # as argparse
_CANNOT_LISTEN = 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; ends with an exit code."""
    options = _parser().parse_args(arguments)
    if options.command != "serve":
        _print(options)
        return
    try:
        settings = _guarded(_settings(options))
    except SettingsError as error:
        _fail(str(error), _BAD_USAGE)
    log_to_stderr(settings)
    listening = _listen(settings.host)
    local = None
    if options.local is not None:
        try:
            local = LocalBackend(options.local)
        except LocalError as error:
            _fail(str(error), _BAD_USAGE)
        settings = settings.model_copy(
            update={"backend_url": local.url, "embeddings_url": local.embeddings_url}
        )
    _serve(settings, listening)


def _print(options: argparse.Namespace) -> None:
    try:
        print(options.run(options))
    except ValueError as error:
        _fail(str(error), _BAD_USAGE)


def application() -> "AsyncApp":
    """The application of one worker process: settings from the environment."""
    settings = _guarded(read_settings())
    log_to_stderr(settings)
    return make_application(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=DISTRIBUTION,
        description="Serves the Ollama HTTP API on top of any OpenAI-compatible backend.",
    )
    parser.add_argument(
        "--version", action="version", version=f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = commands.add_parser(
        "serve",
        help="serve the Ollama API",
        description="Serves the Ollama API. What is not given here is read from the environment.",
    )
    serving.add_argument("--host", help="address to listen on (OLLAMA_HOST)")
    serving.add_argument("--port", type=int, help="port to listen on (OLLAMA_HOST)")
    serving.add_argument("--backend-url", help="the OpenAI-compatible backend (OPENAI_BASE_URL)")
    serving.add_argument(
        "--local",
        nargs="?",
        const="",
        metavar="MODEL.gguf",
        help="serve a model from this process by llama.cpp; without a path a small one",
    )
    serving.add_argument("--workers", type=int, help="processes that serve")
    serving.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
    serving.add_argument(
        "--insecure",
        action="store_true",
        help="listen on other addresses than the loopback without asking for a key",
    )
    health.add_command(commands)
    add_commands(commands)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(
        host=options.host,
        backend_url=options.backend_url,
        workers=options.workers,
        log_level=options.log_level,
        insecure=options.insecure or None,
    )
    if options.port is None:
        return settings
    if not 0 <= options.port <= 65535:
        raise SettingsError(f"--port: {options.port} is not a port")
    return settings.model_copy(update={"host": HostPort(settings.host.host, options.port)})


def _guarded(settings: Settings) -> Settings:
    """The settings, unless anybody could use the backend by them. Raises SettingsError."""
    if settings.authenticates or settings.insecure or is_loopback(settings.host.host):
        return settings
    raise SettingsError(
        f"{variable('host')}: other machines reach {settings.host}, and need no key: set "
        f"{variable('api_keys')} (`{DISTRIBUTION} new-key` makes one), listen on 127.0.0.1, "
        f"or say --insecure"
    )


def _listen(address: HostPort) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen(2048)
    except OSError as error:
        _fail(f"cannot listen on {address}: {error.strerror or error}", _CANNOT_LISTEN)
    listening.set_inheritable(True)
    return listening


def _serve(settings: Settings, listening: socket.socket) -> None:
    log = logging.getLogger(__name__)
    host, port = listening.getsockname()[:2]
    where = settings.backend_url.partition("?")[0]  # a query may hold a key
    log.info("listening on http://%s, backend %s", HostPort(host, port), where)
    if settings.workers > 1:  # each reads its settings anew
        _export(settings)
    serve(settings, listening, f"{__name__}:application")


def _export(settings: Settings) -> None:
    for field in ("host", "backend_url", "embeddings_url", "insecure", "log_level"):
        value = getattr(settings, field)
        if value is not None:
            os.environ[variable(field)] = str(value)


def _fail(message: str, code: int) -> NoReturn:
    print(f"{DISTRIBUTION}: {message}", file=sys.stderr)
    sys.exit(code)

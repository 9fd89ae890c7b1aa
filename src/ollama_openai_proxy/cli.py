"""ollama-openai-proxy serve: settings → a listening socket → uvicorn."""

import argparse
import contextlib
import logging
import os
import socket
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

import uvicorn
from uvicorn.supervisors import Multiprocess

from .address import HostPort
from .local import LocalBackend, LocalError
from .settings import Settings, SettingsError, read_settings, variable

if TYPE_CHECKING:
    from connexion import AsyncApp

_NAME = "ollama-openai-proxy"
_BAD_USAGE = 2  # as argparse
_CANNOT_LISTEN = 1
_GRACE = 8
"""Seconds that open streams have left when the service is to end; Docker gives ten."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; ends with an exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
    except SettingsError as error:
        _fail(str(error), _BAD_USAGE)
    _log_to_stderr(settings)
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


def application() -> "AsyncApp":
    """The application of one worker process: settings from the environment."""
    settings = read_settings()
    _log_to_stderr(settings)
    return _application(settings)


def _application(settings: Settings) -> "AsyncApp":
    # Connexion imports Starlette's test client, which wants a library that we have no use for;
    # and it takes a second to import, which --help need not wait for.
    warnings.filterwarnings("ignore", "Using `httpx` with")
    from .app import create_app

    return create_app(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_NAME,
        description="Serves the Ollama HTTP API on top of any OpenAI-compatible backend.",
    )
    parser.add_argument("--version", action="version", version=f"{_NAME} {version(_NAME)}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve")
    serve = commands.add_parser(
        "serve",
        help="serve the Ollama API",
        description="Serves the Ollama API. What is not given here is read from the environment.",
    )
    serve.add_argument("--host", help="address to listen on (OLLAMA_HOST)")
    serve.add_argument("--port", type=int, help="port to listen on (OLLAMA_HOST)")
    serve.add_argument("--backend-url", help="the OpenAI-compatible backend (OPENAI_BASE_URL)")
    serve.add_argument(
        "--local",
        nargs="?",
        const="",
        metavar="MODEL.gguf",
        help="serve a model from this process by llama.cpp; without a path a small one",
    )
    serve.add_argument("--workers", type=int, help="processes that serve")
    serve.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(
        host=options.host,
        backend_url=options.backend_url,
        workers=options.workers,
        log_level=options.log_level,
    )
    if options.port is None:
        return settings
    if not 0 <= options.port <= 65535:
        raise SettingsError(f"--port: {options.port} is not a port")
    return settings.model_copy(update={"host": HostPort(settings.host.host, options.port)})


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
    several = settings.workers > 1
    if several:  # each reads its settings anew
        _export(settings)
    config = uvicorn.Config(
        "ollama_openai_proxy.cli:application" if several else _application(settings),
        factory=several,
        loop="auto" if sys.platform == "win32" else "uvloop",
        http="httptools",
        ws="none",
        lifespan="on",  # else an operation without a handler would not stop the start
        workers=settings.workers,
        timeout_graceful_shutdown=_GRACE,
        log_config=None,
        access_log=settings.log_level in ("debug", "info"),
        server_header=False,
    )
    server = uvicorn.Server(config)
    if several:
        Multiprocess(config, sockets=[listening]).run()
        return
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again once it has ended
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(3)


def _export(settings: Settings) -> None:
    for field in ("host", "backend_url", "embeddings_url", "log_level"):
        value = getattr(settings, field)
        if value is not None:
            os.environ[variable(field)] = str(value)


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("connexion", "uvicorn.error", "asyncio"):
        logging.getLogger(noisy).setLevel(
            logging.DEBUG if settings.log_level == "debug" else logging.WARNING
        )


def _fail(message: str, code: int) -> NoReturn:
    print(f"{_NAME}: {message}", file=sys.stderr)
    sys.exit(code)

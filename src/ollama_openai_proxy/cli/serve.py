"""`ollama-openai-proxy serve`: reads the settings, opens a listening socket and runs the server."""

import argparse
import logging
import os
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import DISTRIBUTION
from ..access.hosts import is_loopback
from ..config.addresses import HostPort
from ..config.settings import Settings, SettingsError, read_settings, variable
from ..local import LocalBackend
from ..server import log_to_stderr, make_application, serve

if TYPE_CHECKING:
    from connexion.middleware import ConnexionMiddleware


class CannotListen(Exception):
    """Listening on the configured address failed. The message is one line."""


class Flag(NamedTuple):
    """A command-line flag that overrides the setting `field`; `how` is passed to argparse."""

    name: str
    field: str
    how: dict[str, Any]


FLAGS = (
    Flag("--host", "host", {"help": "address to listen on (OLLAMA_HOST)"}),
    Flag(
        "--backend-url", "backend_url",
        {"help": "the OpenAI-compatible backend (OPENAI_BASE_URL)"},
    ),
    Flag("--workers", "workers", {"type": int, "help": "number of worker processes"}),
    Flag("--log-level", "log_level", {"choices": ["debug", "info", "warning", "error"]}),
    Flag(
        "--insecure", "insecure",
        {
            "action": "store_true", "default": None,
            "help": "listen on addresses other than loopback without requiring an API key",
        },
    ),
)  # fmt: skip
"""All flags that override one setting. `--port` and `--local` are handled separately."""

_INHERITED = ("host", "backend_url", "embeddings_url", "insecure", "log_level")
"""Settings that flags can change. Worker processes read them from the environment."""


def add_command(commands: Any) -> None:
    """Add `serve` to the commands of the program."""
    parser = commands.add_parser(
        "serve",
        help="serve the Ollama API",
        description="Serve the Ollama API. Settings without a flag are read from the environment.",
    )
    for flag in FLAGS:
        parser.add_argument(flag.name, dest=flag.field, **flag.how)
    parser.add_argument("--port", type=int, help="port to listen on (OLLAMA_HOST)")
    parser.add_argument(
        "--local",
        nargs="?",
        const="",
        metavar="MODEL.gguf",
        help="run a model in this process with llama.cpp (default: a small packaged model)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Serve until the process receives a signal to stop.

    Raises SettingsError, LocalError or CannotListen.
    """
    settings = _guarded(_settings(options))
    log_to_stderr(settings)
    with _listen(settings.host) as listening:
        local = None if options.local is None else LocalBackend(options.local)
        if local is not None:
            settings = settings.model_copy(
                update={"backend_url": local.url, "embeddings_url": local.embeddings_url}
            )
        _serve(settings, listening)


def application() -> "ConnexionMiddleware":
    """Create the application of one worker process, with settings from the environment."""
    settings = _guarded(read_settings())
    log_to_stderr(settings)
    return make_application(settings)


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(**{flag.field: getattr(options, flag.field) for flag in FLAGS})
    if options.port is None:
        return settings
    if not 0 <= options.port <= 65535:
        raise SettingsError(f"--port: invalid port {options.port}; expected 0 to 65535")
    return settings.model_copy(update={"host": HostPort(settings.host.host, options.port)})


def _guarded(settings: Settings) -> Settings:
    """Return the settings. Raises SettingsError if they would let anyone use the backend."""
    if settings.authenticates or settings.insecure or is_loopback(settings.host.host):
        return settings
    raise SettingsError(
        f"{variable('host')}: other machines could use {settings.host} without an API key; set "
        f"{variable('api_keys')} (`{DISTRIBUTION} new-key` generates one), listen on 127.0.0.1, "
        f"or pass --insecure"
    )


def _listen(address: HostPort) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise CannotListen(f"cannot listen on {address}: {error.strerror or error}") from None
    listening.set_inheritable(True)
    return listening


def _serve(settings: Settings, listening: socket.socket) -> None:
    log = logging.getLogger(__name__)
    host, port = listening.getsockname()[:2]
    where = settings.backend_url.partition("?")[0]  # a query may contain a key
    log.info("listening on http://%s, backend %s", HostPort(host, port), where)
    if settings.workers > 1:  # worker processes read their settings from the environment
        _export(settings)
    serve(settings, listening, f"{__name__}:application")


def _export(settings: Settings) -> None:
    for field in _INHERITED:
        value = getattr(settings, field)
        if value is not None:
            os.environ[variable(field)] = str(value)

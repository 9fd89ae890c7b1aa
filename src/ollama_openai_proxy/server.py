"""Runs uvicorn in one or several processes, handles signals and sets up logging."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from . import DISTRIBUTION
from .config.settings import Settings
from .lifecycle import Lifecycle
from .telemetry.logs import JSONFormatter, TextFormatter

if TYPE_CHECKING:
    from connexion.middleware import ConnexionMiddleware

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client expects the directory for metrics of all workers."""
_NOT_STARTED = 3  # uvicorn's exit code for a failed startup
_KEEP_ALIVE = 120
"""Seconds after which an idle client connection is closed. This must be longer than clients and
load balancers keep connections, or a request may arrive on a connection that is being closed."""
_HEALTHCHECK_TIMEOUT = 60
"""Seconds for a worker to respond to the supervisor's health check, which kills it otherwise.

A worker responds once it has begun to import its modules. That takes a second of CPU time, of which
an overloaded machine may give it a tenth. uvicorn's default is 5 s."""
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SIGNALLED = 128  # a shell's exit code for a signal is 128 plus its number
_MEMORY = Path("/dev/shm")  # noqa: S108  (often writable where nothing else is)

_log = logging.getLogger(__name__)


def serve(settings: Settings, listening: socket.socket, application: str) -> None:
    """Serve on the socket `listening` until the process receives a signal to stop.

    `application` is the import string of the factory that worker processes call, as
    `module:function`. It reads the settings again. Exits with an error code on failure.
    """
    several = settings.workers > 1

    def single() -> "ConnexionMiddleware":
        return make_application(settings)

    config = uvicorn.Config(
        application if several else single,
        factory=True,
        loop="auto" if sys.platform == "win32" else "uvloop",
        http="httptools",
        ws="none",
        lifespan="on",  # otherwise startup would ignore an operation without a handler
        workers=settings.workers,
        timeout_worker_healthcheck=_HEALTHCHECK_TIMEOUT,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.grace,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,  # our own request log has more details
        server_header=False,
    )
    if several:
        with _shared_metrics():
            code = _Workers(config, listening).serve()
        if code:
            sys.exit(code)
        return
    os.environ.pop(_DIRECTORY, None)  # a single process does not share its metrics
    server = uvicorn.Server(config)
    # uvicorn raises the signal again after it has shut down. Exit with 0 then.
    signal.signal(signal.SIGTERM, _exit)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(_NOT_STARTED)


def make_application(settings: Settings) -> "ConnexionMiddleware":
    """Create the application of this process, from within uvicorn's event loop."""
    # Connexion imports Starlette's test client, which warns about a library that we do not need.
    warnings.filterwarnings("ignore", "Using `httpx` with")
    # Imported late: Connexion takes a second to import, which would delay --help.
    from .app import create_app

    lifecycle = Lifecycle()
    _handle_signals(lifecycle, settings.drain)
    return create_app(settings, lifecycle=lifecycle)


def log_to_stderr(settings: Settings) -> None:
    """Set up logging in this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter() if settings.log_format == "json" else TextFormatter())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for noisy in ("connexion", "uvicorn.error", "asyncio"):
        logging.getLogger(noisy).setLevel(
            logging.DEBUG if settings.log_level == "debug" else logging.WARNING
        )


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _handle_signals(lifecycle: Lifecycle, drain: float) -> None:
    """Drain on the first signal, and exit at once on the second.

    Draining makes the service unready and stops uvicorn `drain` seconds later. With several
    workers, only the parent process reacts to Ctrl-C, which the terminal sends to all of them.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # Python delivers signals to the main thread only
    loop = asyncio.get_running_loop()

    def draining(stop: Any) -> Any:
        def handle(number: int, frame: FrameType | None) -> None:
            if lifecycle.draining:
                os._exit(_SIGNALLED + number)
            lifecycle.draining = True
            if drain:
                loop.call_soon_threadsafe(loop.call_later, drain, stop, number, None)
            else:
                stop(number, frame)

        return handle

    signal.signal(signal.SIGTERM, draining(signal.getsignal(signal.SIGTERM)))
    parent = multiprocessing.parent_process()
    if parent is None:
        signal.signal(signal.SIGINT, draining(signal.getsignal(signal.SIGINT)))
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if sys.platform != "win32":
            _stop_with(parent.sentinel, loop)


def _stop_with(parent: int, loop: asyncio.AbstractEventLoop) -> None:
    """Stop this process when its parent has died, since an orphan would keep the port in use."""

    def parent_died() -> None:
        loop.remove_reader(parent)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent, parent_died)


class _Workers(Multiprocess):
    """uvicorn's supervisor. It also cleans up metrics, and a second signal kills the workers."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config, [listening])
        self._received: list[int] = []

    def serve(self) -> int:
        """Serve until all workers have exited, and return the exit code."""
        self.run()
        if len(self._received) > 1:
            return _SIGNALLED + self._received[1]
        failed = any(process.exitcode == _NOT_STARTED for process in self.processes)
        return 0 if self._received or not failed else _NOT_STARTED

    def handle_signals(self) -> None:
        """Handle the signals in the queue."""
        self._count()
        super().handle_signals()

    def keep_subprocess_alive(self) -> None:
        """Restart workers that have died, and remove their gauges from the metrics."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            _forget(pid)

    def join_all(self) -> None:
        """Wait for all workers to exit. A second signal kills them."""
        while any(process.process.is_alive() for process in self.processes):
            self._count()
            self.signal_queue.clear()
            if len(self._received) > 1:
                for process in self.processes:
                    process.process.kill()
            for process in self.processes:
                process.process.join(0.1)

    def _count(self) -> None:
        self._received += [number for number in self.signal_queue if number in _STOP_SIGNALS]


@contextmanager
def _shared_metrics() -> Generator[None]:
    """Provide a directory in which prometheus_client combines the metrics of all workers."""
    directory = _new_directory()
    if directory is None:
        os.environ.pop(_DIRECTORY, None)
        _log.warning(
            "metrics_not_shared: no writable directory for the metrics of several workers, so "
            "/metrics covers only the worker that responds; mount a directory at /tmp or set TMPDIR"
        )
        yield
        return
    os.environ[_DIRECTORY] = directory
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _new_directory() -> str | None:
    for parent in (None, _MEMORY):
        with contextlib.suppress(OSError):
            return tempfile.mkdtemp(prefix=f"{DISTRIBUTION}-", dir=parent)
    return None


def _forget(pid: int | None) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    if _DIRECTORY in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]

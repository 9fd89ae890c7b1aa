"""Serves until it is told to end: uvicorn in one process or several, signals, and the log."""

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
_NOT_STARTED = 3
_KEPT_ALIVE = 120
"""Seconds for which a connection may be idle: longer than clients and balancers keep one, else a
request meets one that is just being closed."""
_PATIENCE = 20
"""Seconds for a worker to give a sign of life: on a busy machine it takes some to begin."""
_ENDING = (signal.SIGINT, signal.SIGTERM)
_SIGNALLED = 128  # and the signal's number: what a shell makes of it
_MEMORY = Path("/dev/shm")  # noqa: S108  (where nothing else can be written, often this can)

_log = logging.getLogger(__name__)


def serve(settings: Settings, listening: socket.socket, application: str) -> None:
    """Serves at a socket. `application` names what makes the application of a worker process,
    which reads its settings anew."""
    several = settings.workers > 1

    def alone() -> "ConnexionMiddleware":
        return make_application(settings)

    config = uvicorn.Config(
        application if several else alone,
        factory=True,
        loop="auto" if sys.platform == "win32" else "uvloop",
        http="httptools",
        ws="none",
        lifespan="on",  # else an operation without a handler would not stop the start
        workers=settings.workers,
        timeout_worker_healthcheck=_PATIENCE,
        timeout_keep_alive=_KEPT_ALIVE,
        timeout_graceful_shutdown=settings.grace,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,  # ours says more
        server_header=False,
    )
    if several:
        with _shared_numbers():
            code = _Workers(config, listening).serve()
        if code:
            sys.exit(code)
        return
    os.environ.pop(_DIRECTORY, None)  # one process has nobody to share its numbers with
    server = uvicorn.Server(config)
    # What has ended because it was told to has ended well. uvicorn raises the signal once more.
    signal.signal(signal.SIGTERM, _end)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(_NOT_STARTED)


def make_application(settings: Settings) -> "ConnexionMiddleware":
    """The application of this process, which uvicorn has begun to serve."""
    # Connexion imports Starlette's test client, which wants a library that we have no use for;
    # and it takes a second to import, which --help need not wait for.
    warnings.filterwarnings("ignore", "Using `httpx` with")
    from .app import create_app

    lifecycle = Lifecycle()
    _heed_signals(lifecycle, settings.drain)
    return create_app(settings, lifecycle=lifecycle)


def log_to_stderr(settings: Settings) -> None:
    """Sets up the log of this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter() if settings.log_format == "json" else TextFormatter())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for noisy in ("connexion", "uvicorn.error", "asyncio"):
        logging.getLogger(noisy).setLevel(
            logging.DEBUG if settings.log_level == "debug" else logging.WARNING
        )


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _heed_signals(lifecycle: Lifecycle, drain: float) -> None:
    """The first signal makes us unready and, `drain` seconds later, ends uvicorn; a second one
    ends the process. Where several serve, the parent alone hears of Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        return  # signals come elsewhere
    loop = asyncio.get_running_loop()

    def heeding(ends: Any) -> Any:
        def heed(number: int, frame: FrameType | None) -> None:
            if lifecycle.draining:
                os._exit(_SIGNALLED + number)
            lifecycle.draining = True
            if drain:
                loop.call_soon_threadsafe(loop.call_later, drain, ends, number, None)
            else:
                ends(number, frame)

        return heed

    signal.signal(signal.SIGTERM, heeding(signal.getsignal(signal.SIGTERM)))
    parent = multiprocessing.parent_process()
    if parent is None:
        signal.signal(signal.SIGINT, heeding(signal.getsignal(signal.SIGINT)))
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if sys.platform != "win32":
            _end_with(parent.sentinel, loop)


def _end_with(parent: int, loop: asyncio.AbstractEventLoop) -> None:
    """Ends this process when its parent is gone: nobody could tell it to, and the port is taken."""

    def gone() -> None:
        loop.remove_reader(parent)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent, gone)


class _Workers(Multiprocess):
    """uvicorn's processes; their numbers are taken care of, and a second signal ends them."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config, [listening])
        self._told: list[int] = []

    def serve(self) -> int:
        """Until all have ended; the exit code."""
        self.run()
        if len(self._told) > 1:
            return _SIGNALLED + self._told[1]
        failed = any(process.exitcode == _NOT_STARTED for process in self.processes)
        return 0 if self._told or not failed else _NOT_STARTED

    def handle_signals(self) -> None:
        """Heeds those that have come."""
        self._count()
        super().handle_signals()

    def keep_subprocess_alive(self) -> None:
        """Starts those anew that have died, whose open streams are none any more."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            _forget(pid)

    def join_all(self) -> None:
        """Waits for all; at a second signal no longer."""
        while any(process.process.is_alive() for process in self.processes):
            self._count()
            self.signal_queue.clear()
            if len(self._told) > 1:
                for process in self.processes:
                    process.process.kill()
            for process in self.processes:
                process.process.join(0.1)

    def _count(self) -> None:
        self._told += [number for number in self.signal_queue if number in _ENDING]


@contextmanager
def _shared_numbers() -> Generator[None]:
    """A directory in which the processes keep their metrics, as the library wants it."""
    directory = _new_directory()
    if directory is None:
        os.environ.pop(_DIRECTORY, None)
        _log.warning(
            "no directory can be written for the metrics of several processes: /metrics tells of "
            "the one that answers; mount a directory at /tmp, or name one in TMPDIR"
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

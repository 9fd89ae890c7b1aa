"""Starts, measures and stops a server in a subprocess."""

import asyncio
import os
import re
import socket
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import machine

ROOT = Path(__file__).parents[2]
# With PYTHONDONTWRITEBYTECODE, every start would compile all modules again.
_UNWANTED = re.compile("^((OPENAI|OLLAMA)_|PYTHONDONTWRITEBYTECODE$|VIRTUAL_ENV$)", re.IGNORECASE)
_START_LIMIT = 30


class ServerFailed(Exception):
    pass


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Command:
    """A command line. `{port}` is replaced by a free port; a command without it prints its port."""

    words: Sequence[str]
    cores: set[int]
    folder: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def prints_port(self) -> bool:
        return not any("{port}" in word for word in self.words)

    def with_port(self, port: int) -> list[str]:
        return [word.replace("{port}", str(port)) for word in self.words]


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _UNWANTED.match(name)}


class Server:
    def __init__(self, shown: str, process: Process, port: int, log: IO[bytes]) -> None:
        self.port = port
        self._shown = shown
        self._process = process
        self._log = log

    async def listen(self) -> None:
        try:
            async with asyncio.timeout(_START_LIMIT):
                await self._connect()
        except TimeoutError:
            raise self._failure(f"did not listen within {_START_LIMIT} s") from None

    async def _connect(self) -> None:
        if stdout := self._process.stdout:
            line = await stdout.readline()
            if not line.strip().isdigit():
                raise self._failure("printed no port")
            self.port = int(line)
            return
        while self._process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return
        raise self._failure("has ended")

    def _failure(self, what: str) -> ServerFailed:
        return ServerFailed(f"`{self._shown}` {what}")

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def cpu_seconds(self) -> float:
        """User and system time so far, including worker processes."""
        return sum(map(machine.cpu_seconds, machine.family(self._process.pid)))

    def resident_megabytes(self) -> float:
        return sum(map(machine.resident_megabytes, machine.family(self._process.pid)))


@asynccontextmanager
async def serving(command: Command) -> AsyncIterator[Server]:
    """Start a server, wait until it listens, and stop it at the end."""
    port = 0 if command.prints_port else free_port()
    words = command.with_port(port)
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=command.folder,
            env={**clean_environment(), **command.environment},
            stdout=log if port else asyncio.subprocess.PIPE,
            stderr=log,
        )
        server = Server(" ".join(words), process, port, log)
        try:
            os.sched_setaffinity(process.pid, command.cores)
            await server.listen()
            yield server
        except Exception as error:
            if logged := server.log():
                error.add_note(f"`{' '.join(words)}` logged:\n{logged}")
            raise
        finally:
            await server.stop()

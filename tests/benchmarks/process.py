"""A server in a process of its own: started, measured, stopped."""

import asyncio
import os
import re
import socket
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).parents[2]
_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_UNWANTED = re.compile("^(OPENAI|OLLAMA)_", re.IGNORECASE)


class ServerFailed(Exception):
    pass


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    def __init__(self, command: Sequence[str], process: Process, port: int, log: IO[bytes]) -> None:
        self.port = port
        self._command = command
        self._process = process
        self._log = log

    async def listen(self) -> None:
        try:
            async with asyncio.timeout(20):
                await self._answer()
        except TimeoutError:
            raise self._failure("does not listen") from None

    async def _answer(self) -> None:
        if stdout := self._process.stdout:
            line = await stdout.readline()
            if not line.strip().isdigit():
                raise self._failure("printed no port")
            self.port = int(line)
        while self._process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise self._failure("has ended")

    def _failure(self, what: str) -> ServerFailed:
        return ServerFailed(f"`{' '.join(self._command)}` {what}")

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
        """User and system time so far, of worker processes too."""
        return sum(map(_cpu_seconds, _family(self._process.pid)))

    def resident_megabytes(self) -> float:
        return sum(map(_resident_megabytes, _family(self._process.pid)))


@asynccontextmanager
async def serving(command: Sequence[str], port: int = 0) -> AsyncIterator[Server]:
    """A server that listens; without `port` it is to print the one it chose."""
    environment = {k: v for k, v in os.environ.items() if not _UNWANTED.match(k)}
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=_ROOT,
            env=environment,
            stdout=log if port else asyncio.subprocess.PIPE,
            stderr=log,
        )
        server = Server(command, process, port, log)
        try:
            await server.listen()
            yield server
        except Exception as error:
            if said := server.log():
                error.add_note(f"`{' '.join(command)}` logged:\n{said}")
            raise
        finally:
            await server.stop()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _cpu_seconds(pid: int) -> float:
    nanoseconds = sum(
        int(path.read_text().split()[0]) for path in (_PROC / str(pid) / "task").glob("*/schedstat")
    )
    if nanoseconds:
        return nanoseconds / 1e9
    # A kernel without schedstat counts ticks of 10 ms.
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident_megabytes(pid: int) -> float:
    status = (_PROC / str(pid) / "status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0

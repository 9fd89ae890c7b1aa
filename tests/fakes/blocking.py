"""A backend in a separate thread, which can send while the test's event loop is blocked."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .recorder import Exchange
from .stray import STRAY, response


class BlockingServer:
    """Responds to each chat with the text of its last message. Serves one connection at a time."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._connection: socket.socket | None = None
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        self.accepted = 0

    def serve(self) -> None:
        """Serve connections until the listening socket is closed."""
        with suppress(OSError):
            while True:
                self._connection, _ = self._listening.accept()
                self.accepted += 1
                with self._connection, suppress(ConnectionError):
                    self._serve(self._connection)

    def send_stray(self) -> None:
        """Send a response without a request. When this returns, the client can read it."""
        assert self._connection is not None
        self._connection.sendall(response(STRAY))

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            while reader.peek(1):
                head = list(iter(reader.readline, b"\r\n"))
                length = next(
                    int(x.split(b":")[1]) for x in head if x.lower().startswith(b"content-length")
                )
                body = reader.read(length)
                exchange = Exchange(b"".join(head) + b"\r\n", body)
                document = response(json.loads(body)["messages"][-1]["content"])
                exchange.played([document])
                connection.sendall(document)


@contextmanager
def blocking_server() -> Iterator[BlockingServer]:
    """Run a server on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = BlockingServer(listening)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()

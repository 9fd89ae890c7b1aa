"""Checks the traffic between the service and the fake backends against specs/openai.yaml.

A test fails if the service sends an invalid request, or if a fake backend returns an invalid
response and the test is not marked `invalid_answers`.
"""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import takewhile
from typing import Any

import httpx

from ollama_openai_proxy.conformance.bodies import response_violations
from ollama_openai_proxy.conformance.contract import find
from ollama_openai_proxy.conformance.requests import (
    SPEC,
    forwarded_request_violations,
    request_violations,
)
from ollama_openai_proxy.conformance.schemas import complaints

_ACCEPTED = ("application/json", "text/event-stream")
_OURS = "ollama-openai-proxy"


class Recorder:
    """Violations found in the running test."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answers: list[str] = []

    def reset(self) -> None:
        """Discard all violations, at the start of a test."""
        self.taken()

    def taken(self) -> tuple[list[str], list[str]]:
        """Return and clear the violations in requests and those in responses."""
        taken = self.requests, self.answers
        self.requests, self.answers = [], []
        return taken

    def asked(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None
    ) -> bool:
        """Check a request. Return whether the service made it, rather than forwarded it.

        The service's own requests are recognised by their User-Agent and a single media type in
        Accept. A body of None is unknown and not checked.
        """
        pairs = [(name.lower(), value) for name, value in headers]
        sent = dict(pairs)
        ours = sent.get("user-agent") == _OURS and sent.get("accept") in _ACCEPTED
        if ours:
            found = request_violations(method, path, pairs, body, _strict)
        else:
            found = forwarded_request_violations(method, path, pairs)
        self.requests += [f"{method} {path}: {violation}" for violation in found]
        return ours

    def answered(
        self, method: str, path: str, status: int, media_type: str, pieces: Iterable[object]
    ) -> None:
        """Check the response to one of the service's own requests, up to where it breaks."""
        described = find(SPEC, method, path)
        if described is None:
            return
        found, body = response_violations(SPEC, described, status, media_type, _open)
        for piece in pieces:
            if isinstance(piece, float | threading.Event):  # a pause
                continue
            if not isinstance(piece, bytes):
                break
            found += body.receive(piece)
        else:
            found += body.close()
        self.answers += [f"{method} {path} → {status}: {violation}" for violation in found]


RECORDER = Recorder()


def recorded(request: httpx.Request) -> bool:
    """Check a request to a fake transport. Return whether the service made it."""
    body = b"".join(request.stream) if isinstance(request.stream, httpx.ByteStream) else None
    return RECORDER.asked(request.method, _path(request), request.headers.multi_items(), body)


def played(request: httpx.Request, response: httpx.Response) -> None:
    """Check the response of a fake transport, as far as its body is known in advance."""
    pieces: Any = getattr(response.stream, "pieces", response.stream)
    if "content-encoding" in response.headers:
        with suppress(httpx.DecodingError):
            packed = b"".join(piece for piece in pieces if isinstance(piece, bytes))
            pieces = [httpx.Response(200, headers=response.headers, content=packed).content]
    RECORDER.answered(
        request.method,
        _path(request),
        response.status_code,
        response.headers.get("content-type", ""),
        pieces,
    )


class Exchange:
    """A raw request, which is checked at once, and the raw response to it."""

    def __init__(self, head: bytes, body: bytes | None) -> None:
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self._method, target, _ = line.split(" ")
        self._path = target.partition("?")[0]
        self._is_ours = RECORDER.asked(self._method, self._path, map(_pair, fields), body)

    def played(self, steps: Iterable[object]) -> None:
        """Check the bytes in `steps`, up to None, which closes the connection."""
        raw = b"".join(step for step in takewhile(_goes_on, steps) if isinstance(step, bytes))
        head, ends, body = raw.partition(b"\r\n\r\n")
        if not (self._is_ours and ends):
            return
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = dict(map(_pair, fields))
        pieces, whole = _unframed(headers, body)
        end = [] if whole else [None]
        media_type = headers.get("content-type", "")
        status = int(line.split(" ")[1])
        RECORDER.answered(self._method, self._path, status, media_type, [*pieces, *end])


def _goes_on(step: object) -> bool:
    return step is not None


def _pair(field: str) -> tuple[str, str]:
    name, _, value = field.partition(":")
    return name.lower(), value.strip()


def _unframed(headers: Mapping[str, str], body: bytes) -> tuple[list[bytes], bool]:
    """The pieces of a body without chunked framing, and whether the body is complete."""
    if "chunked" not in headers.get("transfer-encoding", ""):
        return [body], len(body) == int(headers.get("content-length", len(body)))
    pieces: list[bytes] = []
    while body:
        size, _, body = body.partition(b"\r\n")
        if int(size, 16) == 0:
            return pieces, True
        pieces.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return pieces, False


def _path(request: httpx.Request) -> str:
    return request.url.raw_path.decode().partition("?")[0]


def _strict(spec: str, schema: str, document: Any) -> list[str]:
    return complaints(spec, schema, document, closed=True)


def _open(spec: str, schema: str, document: Any) -> list[str]:
    return complaints(spec, schema, document, closed=False)

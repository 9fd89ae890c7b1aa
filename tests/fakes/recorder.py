"""What passes between the service and any fake backend, held against specs/openai.yaml.

A test in which the service asks for something that the specification does not have fails; so does
one whose backend answers what it does not allow, but for those marked `invalid_answers`.
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
    """The complaints of the running test."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answers: list[str] = []

    def reset(self) -> None:
        """Another test begins."""
        self.taken()

    def taken(self) -> tuple[list[str], list[str]]:
        """The complaints about requests and those about answers, which are gone then."""
        taken = self.requests, self.answers
        self.requests, self.answers = [], []
        return taken

    def asked(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None
    ) -> bool:
        """Takes a request; whether it is the service's own rather than one that passes through.

        The service's own requests say so, and name the one media type that they are about; clients
        whose requests pass through have other names. A body of None is not told.
        """
        pairs = [(name.lower(), value) for name, value in headers]
        sent = dict(pairs)
        ours = sent.get("user-agent") == _OURS and sent.get("accept") in _ACCEPTED
        if ours:
            found = request_violations(method, path, pairs, body, _strict)
        else:
            found = forwarded_request_violations(method, path, pairs)
        self.requests += [f"{method} {path}: {complaint}" for complaint in found]
        return ours

    def answered(
        self, method: str, path: str, status: int, media_type: str, pieces: Iterable[object]
    ) -> None:
        """Takes what a backend answers to a request of the service's own, until it breaks off."""
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
        self.answers += [f"{method} {path} → {status}: {complaint}" for complaint in found]


RECORDER = Recorder()


def recorded(request: httpx.Request) -> bool:
    """Records what reaches a transport; whether it is the service's own."""
    body = b"".join(request.stream) if isinstance(request.stream, httpx.ByteStream) else None
    return RECORDER.asked(request.method, _path(request), request.headers.multi_items(), body)


def played(request: httpx.Request, response: httpx.Response) -> None:
    """Records what a transport answers, as far as it is there."""
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
    """A request as bytes, recorded; and what is answered to it, as bytes."""

    def __init__(self, head: bytes, body: bytes | None) -> None:
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self._method, target, _ = line.split(" ")
        self._path = target.partition("?")[0]
        self._is_ours = RECORDER.asked(self._method, self._path, map(_pair, fields), body)

    def played(self, steps: Iterable[object]) -> None:
        """Records the bytes among the steps, until the connection is broken off."""
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
    """The pieces of a body, and whether they are all."""
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

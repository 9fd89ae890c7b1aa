"""Responses as ASGI messages."""

from collections.abc import MutableMapping
from typing import Any

from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.web.responses import Response, WholeResponse, json


async def sent(response: Response) -> list[MutableMapping[str, Any]]:
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await response.send(send)
    return messages


async def test_a_body_is_sent_whole_with_its_length() -> None:
    start, body = await sent(WholeResponse(b"text", 201, b"text/plain", [(b"x", b"y")]))
    assert start["status"] == 201
    assert dict(start["headers"]) == {
        b"content-type": b"text/plain",
        b"content-length": b"4",
        b"x": b"y",
    }
    assert body["body"] == b"text"
    assert not body.get("more_body")


async def test_a_struct_is_encoded_as_compact_json() -> None:
    start, body = await sent(json(ollama.VersionResponse(version="1.2.3")))
    assert body["body"] == b'{"version":"1.2.3"}'
    assert dict(start["headers"])[b"content-type"] == b"application/json; charset=utf-8"

"""The setting that validates the service and its backend against the specifications."""

import gc
import logging
from typing import Any

import httpx
import msgspec
import pytest

from ollama_openai_proxy.backend.transport import ValidatingTransport
from ollama_openai_proxy.config.settings import Settings, read_settings
from ollama_openai_proxy.conformance.validated_operation import ValidatedOperation
from ollama_openai_proxy.conformance.violations import ViolationReporter
from tests.fakes.client import client_of, lines_of
from tests.fakes.limits import HANG
from tests.fakes.server import END, scripted, stream
from tests.fakes.service import running
from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "SECRET"}]}
WHOLE = {**CHAT, "stream": False}
HELLO = events(chunk("Hel"), chunk("lo"), chunk(finish="stop"))
BEGUN = events(chunk("Hel"), done=False)
BROKEN = events({"choices": ["SECRET"]}, done=False)
VIOLATIONS = 'contract_violations_total{side="%s"} '


def set_to(mode: str) -> Settings:
    return read_settings(
        backend_url="http://backend.test/v1", conformance=mode, backend_key="sk-test-secret"
    )


def as_text(document: Any) -> httpx.Response:
    """A valid response except for its media type."""
    body = msgspec.json.encode(document)
    return httpx.Response(200, headers={"content-type": "text/plain"}, content=body)


async def violations(client: httpx.AsyncClient, side: str) -> float:
    start = "ollama_openai_proxy_" + VIOLATIONS % side
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(start)) for line in lines if line.startswith(start))


@pytest.mark.parametrize("mode", ["off", "log", "enforce"])
async def test_valid_traffic_is_accepted_in_every_mode(
    mode: str, backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hi")))
    with caplog.at_level(logging.WARNING):
        async with client_of(set_to(mode), backend) as client:
            whole = await client.post("/api/chat", json=WHOLE)
            backend.reply("/chat/completions", stream_reply(HELLO))
            streamed = lines_of(await client.post("/api/chat", json=CHAT))
            pulled = await client.post("/api/pull", json={"model": "gpt-4o"})
            listed = await client.get("/api/tags")
            missing = await client.post("/api/show", json={"model": "nosuch"})
    assert whole.json()["message"]["content"] == "Hi"
    assert [line["message"]["content"] for line in streamed] == ["Hel", "lo", ""]
    assert pulled.content.endswith(b'{"status":"success"}\n')
    assert (listed.status_code, missing.status_code) == (200, 404)
    assert "violates the specification" not in caplog.text


@pytest.mark.invalid_answers
@pytest.mark.parametrize(("mode", "status"), [("off", 200), ("log", 200), ("enforce", 502)])
async def test_an_invalid_response_of_the_backend_is_handled_as_configured(
    mode: str, status: int, backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    backend.reply("/chat/completions", lambda _: as_text(completion("SECRET")))
    with caplog.at_level(logging.WARNING):
        async with client_of(set_to(mode), backend) as client:
            response = await client.post("/api/chat", json=WHOLE)
            counted = await violations(client, "backend")
    told = "the backend's response violates the specification: content-type: not described for 200"
    assert response.status_code == status
    assert (response.json().get("error") == told) is (mode == "enforce")
    logged = f"contract_violation side=backend: {told}"
    assert [record.getMessage() for record in caplog.records].count(logged) == (mode != "off")
    assert counted == (mode != "off")
    assert "SECRET" not in caplog.text


@pytest.mark.invalid_answers
@pytest.mark.parametrize("mode", ["log", "enforce"])
async def test_an_invalid_event_is_reported_without_its_content(
    mode: str, backend: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    backend.reply("/chat/completions", stream_reply(BEGUN, BROKEN))
    with caplog.at_level(logging.WARNING):
        async with client_of(set_to(mode), backend) as client:
            *_, last = lines_of(await client.post("/api/chat", json=CHAT))
    told = "the backend's response violates the specification: $.choices[0]: type"
    assert told in caplog.text
    assert (last["error"] == told) is (mode == "enforce")
    assert "SECRET" not in caplog.text


@pytest.mark.invalid_answers
@pytest.mark.parametrize("mode", ["off", "log", "enforce"])
async def test_responses_received_on_a_socket_are_validated(
    mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = msgspec.json.encode(completion("SECRET"))
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/json\r\ncontent-length: %d\r\n\r\n"
    with caplog.at_level(logging.WARNING):
        async with (
            scripted(
                lambda request: (
                    [*stream(HELLO), END] if b"true" in request else [head % len(body) + body]
                )
            ) as server,
            running(read_settings(backend_url=server.url, conformance=mode)) as url,
            httpx.AsyncClient(base_url=url, timeout=HANG) as client,
        ):
            streamed = lines_of(await client.post("/api/chat", json=CHAT))
            whole = await client.post("/api/chat", json=WHOLE)
    assert streamed[-1]["done"] is True
    assert whole.status_code == (502 if mode == "enforce" else 200)
    assert ("contract_violation side=backend" in caplog.text) is (mode != "off")
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("mode", ["log", "enforce"])
async def test_forwarded_bodies_are_not_validated(mode: str, backend: FakeTransport) -> None:
    backend.reply("/chat/completions", lambda _: as_text(["anything"]))
    async with client_of(set_to(mode), backend) as client:
        response = await client.post("/v1/chat/completions", json={**CHAT, "never_heard_of": None})
        counted = await violations(client, "client") + await violations(client, "backend")
    assert response.json() == ["anything"]
    assert backend.asked("/chat/completions")[0]["never_heard_of"] is None
    assert counted == 0


@pytest.mark.parametrize("mode", ["off", "log"])
async def test_validators_are_not_created_if_validation_is_off(
    mode: str, backend: FakeTransport
) -> None:
    gc.collect()
    before = {id(one) for one in gc.get_objects()}
    async with client_of(set_to(mode), backend) as client:
        await client.get("/api/version")
        created = {type(one) for one in gc.get_objects() if id(one) not in before}
    assert created & {ValidatingTransport, ValidatedOperation, ViolationReporter} == (
        set() if mode == "off" else {ValidatingTransport, ValidatedOperation, ViolationReporter}
    )

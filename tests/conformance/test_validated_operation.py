"""Validation of the service's own responses, with operations that return invalid ones."""

import asyncio
import logging
from collections.abc import AsyncGenerator

import httpx
import msgspec
import pytest
import uvicorn

from ollama_openai_proxy.conformance.contract import operations
from ollama_openai_proxy.conformance.validated_operation import (
    Message,
    Receive,
    Send,
    ValidatedOperation,
)
from ollama_openai_proxy.conformance.violations import ViolationReporter
from ollama_openai_proxy.telemetry.request_metrics import unobserved
from ollama_openai_proxy.web.ndjson_response import ndjson_response
from ollama_openai_proxy.web.responses import Response, WholeResponse
from tests.fakes.client import lines_of
from tests.fakes.limits import HANG

LINE = {"model": "m", "created_at": "2026-03-04T05:06:07Z", "response": "Hi", "done": False}
ERROR = {"error": "broken"}


def bytes_of(*documents: object) -> bytes:
    return b"".join(msgspec.json.encode(document) + b"\n" for document in documents)


def served(name: str, returned: Response, mode: str) -> tuple[ValidatedOperation, list[str]]:
    """An operation that sends `returned`, and the sides of the violations counted so far."""
    counted: list[str] = []

    async def operation(scope: Message, receive: Receive, send: Send) -> None:
        await returned.send(send)

    watch = ViolationReporter(counted.append, enforces=mode == "enforce")
    return ValidatedOperation(operation, operations("ollama.yaml")[name], watch), counted


async def get(app: ValidatedOperation) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://h") as client:
        return await client.get("/")


@pytest.mark.parametrize("mode", ["log", "enforce"])
async def test_a_valid_document_is_returned_unchanged(mode: str) -> None:
    app, counted = served("version", WholeResponse(b'{"version":"0.33.0"}'), mode)
    response = await get(app)
    assert (response.status_code, response.content) == (200, b'{"version":"0.33.0"}')
    assert counted == []


@pytest.mark.parametrize(
    ("returned", "breach"),
    [
        (WholeResponse(b'{"version":5}'), "$.version: type"),
        (WholeResponse(b'{"version":"1","SECRET":1}'), "$: additionalProperties"),
        (WholeResponse(b"{}"), "$: required"),
        (WholeResponse(b"SECRET"), "$: is not JSON"),
        (WholeResponse(b'{"version":"1"}', status=418), "status: 418 is not described"),
        (WholeResponse(b'{"version":"1"}', media_type=b"text/html"), "content-type: not described for 200"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["log", "enforce"])
async def test_an_invalid_document_is_replaced_by_500_or_logged(
    returned: WholeResponse, breach: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    app, counted = served("version", returned, mode)
    with caplog.at_level(logging.WARNING):
        response = await get(app)
    told = f"the response of version violates the specification: {breach}"
    if mode == "enforce":
        assert (response.status_code, response.json()) == (500, {"error": told})
    else:
        assert (response.status_code, response.content) == (returned.status, returned.body)
    assert [record.getMessage() for record in caplog.records] == [
        f"contract_violation side=client: {told}"
    ]
    assert counted == ["client"]


async def body_of(*runs: bytes) -> AsyncGenerator[bytes]:
    for run in runs:
        yield run


@pytest.mark.parametrize(
    ("runs", "kept", "breach"),
    [
        ([bytes_of(LINE), bytes_of({**LINE, "done": "SECRET"})], 1, "$.done: type"),
        ([bytes_of(LINE), bytes_of({**LINE, "eval_count": 1})], 1, "$.eval_count: only allowed in the final line"),
        ([bytes_of(LINE, LINE)], 2, "$: the stream ends without a final line"),
        ([bytes_of(LINE), bytes_of(ERROR, LINE)], 1, "$: a line after the final line"),
    ],
)  # fmt: skip
async def test_an_invalid_line_is_replaced_by_an_error_that_ends_the_stream(
    runs: list[bytes], kept: int, breach: str, caplog: pytest.LogCaptureFixture
) -> None:
    app, counted = served(
        "generate", await ndjson_response(body_of(*runs), unobserved()), "enforce"
    )
    with caplog.at_level(logging.WARNING):
        *before, last = lines_of(await get(app))
    assert before == [LINE] * kept
    assert last == {"error": f"the response of generate violates the specification: {breach}"}
    assert counted == ["client"]
    assert "SECRET" not in caplog.text


async def test_an_invalid_first_line_results_in_500() -> None:
    app, _ = served(
        "generate",
        await ndjson_response(body_of(bytes_of({**LINE, "done": 1})), unobserved()),
        "enforce",
    )
    response = await get(app)
    assert response.status_code == 500
    assert response.json() == {
        "error": "the response of generate violates the specification: $.done: type"
    }


async def test_in_log_mode_every_line_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = [bytes_of(LINE), bytes_of({**LINE, "done": 1}), bytes_of(ERROR)]
    app, counted = served("generate", await ndjson_response(body_of(*runs), unobserved()), "log")
    with caplog.at_level(logging.WARNING):
        assert (await get(app)).content == b"".join(runs)
    assert counted == ["client"]


async def test_the_source_is_closed_with_the_stream() -> None:
    ended = asyncio.Event()

    async def source() -> AsyncGenerator[bytes]:
        try:
            yield bytes_of(LINE)
            while True:
                yield bytes_of({**LINE, "done": 1})
        finally:
            ended.set()

    app, _ = served("generate", await ndjson_response(source(), unobserved()), "enforce")
    await get(app)
    assert ended.is_set()


async def test_a_document_is_replaced_before_its_headers_are_sent() -> None:
    app, _ = served("version", WholeResponse(b'{"version":5}'), "enforce")
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(timeout=HANG) as client:
        response = await client.get(f"http://127.0.0.1:{port}/")
    server.should_exit = True
    await serving
    assert response.status_code == 500
    assert list(response.json()) == ["error"]


async def test_reports_are_truncated(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        told = ViolationReporter(lambda _: None, enforces=False).report(
            "client", "the answer", ["$.x: type" * 9] * 50
        )
    assert len(told) <= 300
    assert caplog.messages == [f"contract_violation side=client: {told}"]

"""The log: one line a request that says enough and not too much."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.telemetry.events import RequestFinished
from ollama_openai_proxy.telemetry.logs import JSONFormatter, Line, RequestLog, TextFormatter
from tests.telemetry.facts import FACTS, with_


def record(message: object, **rest: object) -> logging.LogRecord:
    values = {
        "name": "a",
        "level": logging.INFO,
        "pathname": "",
        "lineno": 1,
        "args": None,
        "exc_info": None,
    }
    return logging.LogRecord(msg=message, **{**values, **rest})  # type: ignore[arg-type]


def test_a_line_of_text_tells_the_facts_in_order() -> None:
    assert str(Line(FACTS)) == (
        "POST /api/chat 200 duration_ms=1234.57 operation=chat model=acme:7b first_token_ms=45.6 "
        "tokens_in=7 tokens_out=3 bytes=99 client=10.0.0.1 key=ann request_id=r-1"
    )


def test_a_line_of_json_holds_them_as_fields() -> None:
    failed = with_(kind="backend_unreachable", fault="server", reason="cannot reach it", status=502)
    document = json.loads(JSONFormatter().format(record(Line(failed))))
    assert document.pop("time").endswith("Z")
    assert document == {
        "level": "info", "logger": "a", "message": "request",
        "method": "POST", "path": "/api/chat", "status": 502, "duration_ms": 1234.57,
        "operation": "chat", "model": "acme:7b", "first_token_ms": 45.6, "tokens_in": 7,
        "tokens_out": 3, "bytes": 99, "error": "backend_unreachable", "fault": "server",
        "reason": "cannot reach it", "client": "10.0.0.1", "key": "ann", "request_id": "r-1",
    }  # fmt: skip


STRANGE = st.text(max_size=40) | st.sampled_from(
    ["a\nPOST /x 200", "\x1b[2J", "x status=200", '"', "", "\u2028", "\ud800"]
)


@given(STRANGE, STRANGE, STRANGE)
def test_nothing_that_a_stranger_sends_makes_a_second_line_or_another_field(
    path: str, model: str, method: str
) -> None:
    line = Line(with_(path=path, model=model, method=method))
    text = TextFormatter().format(record(line))
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    assert text.count(" bytes=99 ") == 1
    assert text.endswith(" request_id=r-1")
    written = JSONFormatter().format(record(line))
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert json.loads(written)["path"] == path


def test_a_message_of_several_lines_is_one_line_of_text() -> None:
    text = TextFormatter().format(record("the backend said: %s", args=("a\r\nb\x1b[1m",)))
    assert text.endswith(r"a: the backend said: a\r\nb\x1b[1m")


def test_a_traceback_is_part_of_the_line_of_json() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        failed = record("failed", exc_info=sys.exc_info())
    written = JSONFormatter().format(failed)
    assert "\n" not in written
    assert "ValueError: why" in json.loads(written)["traceback"]
    assert "\nValueError: why" in TextFormatter().format(failed), "text has it in lines"


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (FACTS, "INFO"),
        (with_(kind="bad_request", fault="client", status=400), "INFO"),
        (with_(kind="backend_timeout", fault="server", status=504), "WARNING"),
        (with_(operation="healthz"), "DEBUG"),
        (with_(operation="readyz", status=503), "DEBUG"),
        (with_(operation="metrics"), "DEBUG"),
    ],
)
def test_what_is_asked_all_the_time_is_said_to_who_debugs(
    caplog: pytest.LogCaptureFixture, facts: RequestFinished, level: str
) -> None:
    with caplog.at_level(logging.DEBUG, "ollama_openai_proxy.requests"):
        RequestLog().request_finished(facts)
    assert [line.levelname for line in caplog.records] == [level]

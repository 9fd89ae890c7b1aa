"""Log lines in text and JSON format."""

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


def test_a_text_line_has_the_fields_in_order() -> None:
    assert str(Line(FACTS)) == (
        "POST /api/chat 200 duration_ms=1234.57 operation=chat model=acme:7b first_token_ms=45.6 "
        "tokens_in=7 tokens_out=3 bytes=99 client=10.0.0.1 key=ann request_id=r-1"
    )


def test_a_json_line_has_the_same_fields() -> None:
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


UNTRUSTED = st.text(max_size=40) | st.sampled_from(
    ["a\nPOST /x 200", "\x1b[2J", "x status=200", '"', "", "\u2028", "\ud800"]
)


@given(UNTRUSTED, UNTRUSTED, UNTRUSTED)
def test_client_input_cannot_add_lines_or_fields(path: str, model: str, method: str) -> None:
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


def test_a_message_with_line_breaks_is_logged_as_one_text_line() -> None:
    text = TextFormatter().format(record("the backend said: %s", args=("a\r\nb\x1b[1m",)))
    assert text.endswith(r"a: the backend said: a\r\nb\x1b[1m")


def test_a_traceback_is_a_field_of_the_json_line() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        failed = record("failed", exc_info=sys.exc_info())
    written = JSONFormatter().format(failed)
    assert "\n" not in written
    assert "ValueError: why" in json.loads(written)["traceback"]
    assert "\nValueError: why" in TextFormatter().format(failed), (
        "the text format keeps the lines of the traceback"
    )


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
def test_the_level_depends_on_the_fault_and_probes_are_logged_at_debug(
    caplog: pytest.LogCaptureFixture, facts: RequestFinished, level: str
) -> None:
    with caplog.at_level(logging.DEBUG, "ollama_openai_proxy.requests"):
        RequestLog().request_finished(facts)
    assert [line.levelname for line in caplog.records] == [level]

"""Plain HTTP requests as curl sends them, against a real model: the bytes on the wire."""

import http.client
import json
import re
import shutil
import subprocess
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.e2e import environment
from tests.fakes.limits import HANG

COUNTERS = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)
_CREATED = re.compile(rb'"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"')


class Reply(NamedTuple):
    status: int
    media_type: str | None
    body: bytes


def _post(url: str, path: str, document: dict[str, Any]) -> Reply:
    """Send a POST without a content type."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=HANG)
    try:
        connection.request("POST", path, json.dumps(document).encode())
        response = connection.getresponse()
        return Reply(response.status, response.getheader("content-type"), response.read())
    finally:
        connection.close()


def _question(model: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Why is the sky blue?"}]
    options = {"num_predict": 16, "temperature": 0, "seed": 7}
    return {"model": model, "messages": messages, "options": options, **more}


def _check_stream(body: bytes) -> None:
    assert body.endswith(b"\n")
    assert b"\n\n" not in body
    assert b"\r" not in body
    assert b":null" not in body
    *lines, last = body.splitlines()
    assert len(lines) > 1
    for line in lines:
        assert b'"done":false' in line
        assert _CREATED.search(line)
        assert not any(counter.encode() in line for counter in COUNTERS)
    _check_last(last)


def _check_last(last: bytes) -> None:
    assert b'"done":true' in last
    assert _CREATED.search(last)
    for counter in COUNTERS:
        assert re.search(rf'"{counter}":[1-9][0-9]*[,}}]'.encode(), last), counter


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_a_body_without_a_content_type_gets_a_stream_of_lines(
    real_url: str, model: str, path: str
) -> None:
    reply = _post(real_url, path, _question(model, prompt="Why is the sky blue?"))
    assert reply.status == 200
    assert reply.media_type == "application/x-ndjson"
    _check_stream(reply.body)


def test_a_response_without_streaming_is_one_json_document(real_url: str, model: str) -> None:
    reply = _post(real_url, "/api/chat", _question(model, stream=False))
    assert reply.media_type == "application/json; charset=utf-8"
    assert b":null" not in reply.body
    _check_last(reply.body)


def test_the_first_line_arrives_before_the_stream_is_complete(real_url: str, model: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(real_url).netloc, timeout=HANG)
    try:
        connection.request("POST", "/api/chat", json.dumps(_question(model)).encode())
        response = connection.getresponse()
        first = response.read1()
        rest = response.read()
    finally:
        connection.close()
    assert first.endswith(b"\n")
    assert b'"done":true' not in first
    assert b'"done":true' in rest
    _check_stream(first + rest)


def test_curl_gets_a_stream_of_lines(real_url: str, model: str) -> None:
    curl = shutil.which("curl") or environment.lacking("curl is not installed: install curl")
    body = json.dumps(_question(model))
    done = subprocess.run(
        [curl, "-sS", "-N", f"{real_url}/api/chat", "-d", body],
        env=environment.clean(),
        capture_output=True,
        timeout=HANG,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    _check_stream(done.stdout)


def test_an_unknown_model_is_a_404_with_an_error(real_url: str) -> None:
    assert _post(real_url, "/api/chat", _question("nosuch")) == Reply(
        404, "application/json; charset=utf-8", b"""{"error":"model 'nosuch' not found"}"""
    )

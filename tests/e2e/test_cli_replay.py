"""The requests of the `ollama` command, byte for byte, against a real model.

The command is not available as a package. These tests send its request bodies and decode the
responses as strictly as Go does.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import httpx
import msgspec
import pytest
from msgspec import Meta, Struct

from tests.fakes.limits import HANG

type Moment = Annotated[datetime, Meta(tz=True)]
type Natural = Annotated[int, Meta(ge=0)]
type Digest = Annotated[str, Meta(pattern="^[0-9a-f]{12,}$")]

_NUMBER = re.compile(rb'"(?:size|[\w.]+_(?:duration|count|length|vram))":([^,}\]]+)')
_OPTIONS = '"options":{"num_predict":8,"temperature":0}'  # as after `/set parameter`


class Details(Struct):
    parent_model: str
    format: str
    family: str
    families: list[str] | None
    parameter_size: str
    quantization_level: str


class Listed(Struct):
    name: str
    model: str
    modified_at: Moment
    size: Natural
    digest: Digest
    details: Details


class RequestMetrics(Struct):
    name: str
    model: str
    size: Natural
    digest: Digest
    details: Details
    expires_at: Moment
    size_vram: Natural
    context_length: Natural


class Models[Model](Struct):
    models: list[Model]


class Shown(Struct):
    details: Details
    model_info: dict[str, Any]
    capabilities: list[str]
    modified_at: Moment
    modelfile: str = ""
    parameters: str = ""
    template: str = ""
    license: str = ""


class Line(Struct):
    model: str
    created_at: Moment
    done: bool
    done_reason: str = ""
    total_duration: Natural = 0
    load_duration: Natural = 0
    prompt_eval_count: Natural = 0
    prompt_eval_duration: Natural = 0
    eval_count: Natural = 0
    eval_duration: Natural = 0


class GenerateLine(Line, kw_only=True):
    response: str


class Message(Struct):
    role: Literal["assistant"]
    content: str


class ChatLine(Line, kw_only=True):
    message: Message


class Embedded(Struct):
    model: str
    embeddings: list[list[float]]
    total_duration: Natural
    load_duration: Natural
    prompt_eval_count: Natural


class Failure(Struct, forbid_unknown_fields=True):
    error: str


class Command:
    """Sends requests as the command does and decodes the responses strictly."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get[T](self, path: str, kind: type[T]) -> T:
        return self._decoded(self._client.get(path), kind)

    def post[T](self, path: str, body: str, kind: type[T], status: int = 200) -> T:
        response = self._client.post(path, content=body.encode())
        assert response.status_code == status, response.text
        return self._decoded(response, kind)

    def stream[T](self, path: str, body: str, kind: type[T]) -> list[T]:
        headers = {"accept": "application/x-ndjson"}
        response = self._client.post(path, content=body.encode(), headers=headers)
        assert response.headers["content-type"] == "application/x-ndjson"
        _check_numbers(response.content)
        assert response.content.endswith(b"\n")
        return [msgspec.json.decode(line, type=kind) for line in response.content.split(b"\n")[:-1]]

    def _decoded[T](self, response: httpx.Response, kind: type[T]) -> T:
        assert response.headers["content-type"].startswith("application/json")
        _check_numbers(response.content)
        return msgspec.json.decode(response.content, type=kind)


def _check_numbers(body: bytes) -> None:
    """Go does not decode 1.0 or 1e9 as an integer."""
    assert b":null" not in body
    assert all(re.fullmatch(rb"\d+", number) for number in _NUMBER.findall(body)), body


@pytest.fixture
def command(real_url: str) -> Iterator[Command]:
    headers = {
        "user-agent": "ollama/0.33.0 (amd64 linux) Go/go1.26.0",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "gzip",
    }
    with httpx.Client(base_url=real_url, headers=headers, timeout=HANG) as client:
        heartbeat = client.head("/")  # before nearly every command
        assert (heartbeat.status_code, heartbeat.content) == (200, b"")
        yield Command(client)


def _show(model: str, name: str) -> str:
    head = f'{{"model":"{model}","system":"","template":"","verbose":false,"options":null'
    return f'{head},"name":"{name}"}}'


def _generate(model: str, prompt: str = "", more: str = '"options":null') -> str:
    head = f'{{"model":"{model}","prompt":"{prompt}","suffix":"","system":"","template":""'
    return f"{head},{more}}}"


def test_list_decodes_the_model_list(command: Command, model: str) -> None:
    [listed] = command.get("/api/tags", Models[Listed]).models
    assert listed.name == listed.model == model
    assert listed.modified_at <= datetime.now(UTC)
    assert listed.size > 0


def test_version_has_three_numbers(command: Command) -> None:
    response = command.get("/api/version", dict[str, str])
    assert re.fullmatch(r"\d+\.\d+\.\d+", response["version"])


def test_show_finds_a_model_by_name_or_by_model(command: Command, model: str) -> None:
    by_name = command.post("/api/show", _show("", model), Shown)
    by_model = command.post("/api/show", _show(model, ""), Shown)
    assert by_name == by_model
    assert "completion" in by_name.capabilities
    assert "embedding" not in by_name.capabilities  # otherwise the command would embed each prompt
    architecture = by_name.model_info["general.architecture"]
    assert by_name.model_info[f"{architecture}.context_length"] == 2048
    assert isinstance(by_name.model_info["general.parameter_count"], int)


def test_run_gets_a_404_for_an_unknown_model(command: Command) -> None:
    failure = command.post("/api/show", _show("nosuch", ""), Failure, 404)
    assert failure.error == "model 'nosuch:latest' not found"


def test_run_loads_the_model_and_stop_unloads_it(command: Command, model: str) -> None:
    loaded = command.post("/api/generate", _generate(model), GenerateLine)
    assert (loaded.response, loaded.done, loaded.done_reason) == ("", True, "load")
    [running] = command.get("/api/ps", Models[RequestMetrics]).models
    assert running.name == running.model == model
    assert running.expires_at > datetime.now(UTC)
    assert running.context_length > 0
    command.post("/api/show", _show(model, ""), Shown)
    stop = _generate(model, more='"keep_alive":"0s","options":null')
    stopped = command.post("/api/generate", stop, GenerateLine)
    assert (stopped.response, stopped.done, stopped.done_reason) == ("", True, "unload")
    assert command.get("/api/ps", Models[RequestMetrics]).models == []


def test_run_with_a_prompt_reads_a_stream(command: Command, model: str) -> None:
    body = _generate(model, "Say hello.", f'"keep_alive":"5m0s",{_OPTIONS}')
    *lines, last = command.stream("/api/generate", body, GenerateLine)
    assert "".join(line.response for line in lines)
    assert not any(line.done or line.total_duration for line in lines)
    _check_last(last)


def test_run_chats_over_two_turns(command: Command, model: str) -> None:
    first = '{"role":"user","content":"Say hello."}'
    head = f'{{"model":"{model}","messages":['
    *lines, last = command.stream("/api/chat", f"{head}{first}],{_OPTIONS}}}", ChatLine)
    _check_last(last)
    text = "".join(line.message.content for line in lines)
    reply = msgspec.json.encode({"role": "assistant", "content": text}).decode()
    second = '{"role":"user","content":"Again."}'
    body = f"{head}{first},{reply},{second}],{_OPTIONS}}}"
    *lines, longer = command.stream("/api/chat", body, ChatLine)
    assert "".join(line.message.content for line in lines)
    assert longer.prompt_eval_count > last.prompt_eval_count


def test_run_of_an_embedding_model_reads_a_vector(command: Command, model: str) -> None:
    body = f'{{"model":"{model}","input":"hello","options":null}}'
    embedded = command.post("/api/embed", body, Embedded)
    assert [len(vector) for vector in embedded.embeddings] == [576]


def _check_last(last: Line) -> None:
    assert last.done
    assert last.done_reason in ("stop", "length")
    assert last.total_duration >= (
        last.load_duration + last.prompt_eval_duration + last.eval_duration
    )
    assert last.eval_count > 0

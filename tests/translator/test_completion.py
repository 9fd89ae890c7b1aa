"""/api/generate with `raw` or `suffix` → a plain completion."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.errors import BackendRefused, BadRequest, NotSupported, ProxyError
from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.translator.completion import (
    as_chunk,
    as_whole,
    check,
    is_meant,
    refused,
    upstream_request,
)
from ollama_openai_proxy.translator.response.reader import CompletionReader
from tests.fakes.specification import complaints
from tests.fakes.values import documents_for
from tests.translator.answers import summary

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
NO_INSERT = "registry.ollama.ai/library/m:latest does not support insert"


def asking(**fields: Any) -> ollama.GenerateRequest:
    return msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)


def sent(dialect: str = "generic", model: openai.Model | None = None, **fields: Any) -> Any:
    model = model or openai.Model(id="acme/m")
    upstream = upstream_request(asking(**fields), model, DIALECTS[dialect])
    assert not complaints("openai.yaml", "CreateCompletionRequest", upstream)
    return msgspec.json.decode(msgspec.json.encode(upstream))


def test_a_raw_prompt_is_sent_as_it_is() -> None:
    assert sent(raw=True, stream=False, prompt="<|x|>") == {
        "model": "acme/m", "prompt": "<|x|>", "max_tokens": 4096 - 5,
    }  # fmt: skip


def test_a_suffix_is_sent_unless_the_prompt_is_raw() -> None:
    assert sent(suffix="end")["suffix"] == "end"
    assert "suffix" not in sent(suffix="end", raw=True)


def test_a_stream_reports_its_counts() -> None:
    assert sent(raw=True)["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("dialect", ["generic", "openai", "vllm", "llamacpp"])
def test_a_limit_is_always_sent(dialect: str) -> None:
    assert sent(dialect, raw=True, options={"num_predict": 7})["max_tokens"] == 7
    assert sent(dialect, raw=True, options={"num_predict": -1})["max_tokens"] == 4094
    assert "max_completion_tokens" not in sent(dialect, raw=True, options={"num_predict": 7})


def test_without_a_limit_there_is_room_for_what_the_model_has_left() -> None:
    model = openai.Model(id="m", max_model_len=1000)
    assert sent(model=model, raw=True, prompt="ä" * 100)["max_tokens"] == 800
    assert sent(model=model, raw=True, prompt="ä" * 1000)["max_tokens"] == 256


@pytest.mark.parametrize(
    ("fields", "number"),
    [({}, None), ({"logprobs": True}, 1), ({"logprobs": True, "top_logprobs": 20}, 5)],
    ids=repr,
)
def test_log_probabilities_are_a_number(fields: dict[str, Any], number: int | None) -> None:
    assert sent(raw=True, **fields).get("logprobs") == number


@pytest.mark.parametrize("also", [{"template": "x"}, {"system": "x"}, {"context": [1]}], ids=repr)
def test_raw_takes_nothing_that_would_need_a_template(also: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="raw mode does not support template"):
        check(asking(raw=True, **also), "m", DIALECTS["generic"])


@pytest.mark.parametrize("also", [{"images": ["aGk="]}, {"format": "json"}], ids=repr)
@pytest.mark.parametrize("mode", [{"raw": True}, {"suffix": "x"}], ids=repr)
def test_plain_text_has_no_pictures_and_no_form(also: dict[str, Any], mode: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="cannot be used with raw or suffix"):
        check(asking(**mode, **also), "m", DIALECTS["generic"])


@pytest.mark.parametrize("dialect", ["groq", "mistral", "deepseek"])
def test_a_backend_without_plain_completions_has_no_raw_mode(dialect: str) -> None:
    with pytest.raises(NotSupported, match="raw mode is not supported"):
        check(asking(raw=True), "m", DIALECTS[dialect])


@pytest.mark.parametrize(
    ("dialect", "model", "can"),
    [
        ("generic", "m", True),
        ("openai", "gpt-3.5-turbo-instruct", True),
        ("openai", "gpt-4o", False),
        ("vllm", "m", False),
        ("llamacpp", "m", False),
        ("mistral", "codestral-latest", False),
    ],
)
def test_a_gap_is_filled_where_the_backend_can(dialect: str, model: str, can: bool) -> None:
    if can:
        check(asking(suffix="x"), model, DIALECTS[dialect])
        return
    with pytest.raises(BadRequest) as caught:
        check(asking(suffix="x"), model, DIALECTS[dialect])
    assert caught.value.message == NO_INSERT


@pytest.mark.parametrize(
    ("fields", "message", "status", "answer"),
    [
        ({"suffix": "x"}, "suffix is not currently supported", 400, NO_INSERT),
        ({"suffix": "x"}, "Unsupported param: suffix", 500, NO_INSERT),
        ({"suffix": "x"}, "This is not a chat model", 404, NO_INSERT),
        ({"suffix": "x"}, "overloaded", 503, "overloaded"),
        ({"raw": True}, "no such path", 404, "no such path"),
    ],
)
def test_a_backend_that_refuses_a_suffix_cannot_insert(
    fields: dict[str, Any], message: str, status: int, answer: str
) -> None:
    assert refused(asking(**fields), BackendRefused(message, status)).message == answer


def test_only_raw_and_suffix_are_plain_text() -> None:
    assert [is_meant(asking(**f)) for f in ({}, {"raw": True}, {"suffix": "x"})] == [
        False, True, True,
    ]  # fmt: skip


def test_an_event_and_a_whole_answer_read_as_those_of_a_chat() -> None:
    choice = {"text": "Hi", "finish_reason": "length", "logprobs": None}
    document = {"id": "x", "choices": [choice], "usage": {"prompt_tokens": 1}}
    answer = msgspec.convert(document, openai.CreateCompletionResponse)
    turn, other = CompletionReader(), CompletionReader()
    assert summary(turn.receive(as_chunk(answer))) == ("Hi", "", [])
    assert summary(other.receive_whole(as_whole(answer))) == ("Hi", "", [])
    assert turn.done_reason == other.done_reason == "length"
    assert turn.usage is not None


@given(documents_for(SCHEMAS["GenerateRequest"], SCHEMAS), st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=60)
def test_whatever_is_asked_the_request_is_as_specified(document: Any, dialect: str) -> None:
    try:
        request = msgspec.convert({"model": "m", **document}, ollama.GenerateRequest)
        check(request, "m", DIALECTS[dialect])
        upstream = upstream_request(request, openai.Model(id="m"), DIALECTS[dialect])
    except (msgspec.ValidationError, ProxyError):
        return
    if DIALECTS[dialect].completions:
        assert not complaints("openai.yaml", "CreateCompletionRequest", upstream)

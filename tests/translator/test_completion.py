"""Conversion of /api/generate with `raw` or `suffix` to a plain completion."""

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
from tests.translator.completions import summary

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
NO_INSERT = "registry.ollama.ai/library/m:latest does not support insert"


def generate_request(**fields: Any) -> ollama.GenerateRequest:
    return msgspec.convert({"model": "m", "prompt": "hi", **fields}, ollama.GenerateRequest)


def sent(dialect: str = "generic", model: openai.Model | None = None, **fields: Any) -> Any:
    model = model or openai.Model(id="acme/m")
    upstream = upstream_request(generate_request(**fields), model, DIALECTS[dialect])
    assert not complaints("openai.yaml", "CreateCompletionRequest", upstream)
    return msgspec.json.decode(msgspec.json.encode(upstream))


def test_a_raw_prompt_is_sent_unchanged() -> None:
    assert sent(raw=True, stream=False, prompt="<|x|>") == {
        "model": "acme/m", "prompt": "<|x|>", "max_tokens": 4096 - 5,
    }  # fmt: skip


def test_a_suffix_is_sent_unless_the_prompt_is_raw() -> None:
    assert sent(suffix="end")["suffix"] == "end"
    assert "suffix" not in sent(suffix="end", raw=True)


def test_a_stream_requests_usage() -> None:
    assert sent(raw=True)["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("dialect", ["generic", "openai", "vllm", "llamacpp"])
def test_max_tokens_is_always_sent(dialect: str) -> None:
    assert sent(dialect, raw=True, options={"num_predict": 7})["max_tokens"] == 7
    assert sent(dialect, raw=True, options={"num_predict": -1})["max_tokens"] == 4094
    assert "max_completion_tokens" not in sent(dialect, raw=True, options={"num_predict": 7})


def test_the_default_max_tokens_is_the_rest_of_the_context() -> None:
    model = openai.Model(id="m", max_model_len=1000)
    assert sent(model=model, raw=True, prompt="ä" * 100)["max_tokens"] == 800
    assert sent(model=model, raw=True, prompt="ä" * 1000)["max_tokens"] == 256


@pytest.mark.parametrize(
    ("fields", "number"),
    [({}, None), ({"logprobs": True}, 1), ({"logprobs": True, "top_logprobs": 20}, 5)],
    ids=repr,
)
def test_logprobs_is_a_number_of_tokens(fields: dict[str, Any], number: int | None) -> None:
    assert sent(raw=True, **fields).get("logprobs") == number


@pytest.mark.parametrize("also", [{"template": "x"}, {"system": "x"}, {"context": [1]}], ids=repr)
def test_raw_mode_rejects_template_system_and_context(also: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="raw mode does not support template"):
        check(generate_request(raw=True, **also), "m", DIALECTS["generic"])


@pytest.mark.parametrize("also", [{"images": ["aGk="]}, {"format": "json"}], ids=repr)
@pytest.mark.parametrize("mode", [{"raw": True}, {"suffix": "x"}], ids=repr)
def test_raw_and_suffix_reject_images_and_format(
    also: dict[str, Any], mode: dict[str, Any]
) -> None:
    with pytest.raises(BadRequest, match="cannot be used with raw or suffix"):
        check(generate_request(**mode, **also), "m", DIALECTS["generic"])


@pytest.mark.parametrize("dialect", ["groq", "mistral", "deepseek"])
def test_raw_mode_requires_a_backend_with_completions(dialect: str) -> None:
    with pytest.raises(NotSupported, match="raw mode is not supported"):
        check(generate_request(raw=True), "m", DIALECTS[dialect])


@pytest.mark.parametrize(
    ("dialect", "model", "accepted"),
    [
        ("generic", "m", True),
        ("openai", "gpt-3.5-turbo-instruct", True),
        ("openai", "gpt-4o", False),
        ("vllm", "m", False),
        ("llamacpp", "m", False),
        ("mistral", "codestral-latest", False),
    ],
)
def test_a_suffix_is_accepted_only_if_the_backend_supports_insert(
    dialect: str, model: str, accepted: bool
) -> None:
    if accepted:
        check(generate_request(suffix="x"), model, DIALECTS[dialect])
        return
    with pytest.raises(BadRequest) as caught:
        check(generate_request(suffix="x"), model, DIALECTS[dialect])
    assert caught.value.message == NO_INSERT


@pytest.mark.parametrize(
    ("fields", "message", "status", "expected"),
    [
        ({"suffix": "x"}, "suffix is not currently supported", 400, NO_INSERT),
        ({"suffix": "x"}, "Unsupported param: suffix", 500, NO_INSERT),
        ({"suffix": "x"}, "This is not a chat model", 404, NO_INSERT),
        ({"suffix": "x"}, "overloaded", 503, "overloaded"),
        ({"raw": True}, "no such path", 404, "no such path"),
    ],
)
def test_a_rejected_suffix_means_that_insert_is_unsupported(
    fields: dict[str, Any], message: str, status: int, expected: str
) -> None:
    assert refused(generate_request(**fields), BackendRefused(message, status)).message == expected


def test_only_raw_and_suffix_use_plain_completions() -> None:
    assert [is_meant(generate_request(**f)) for f in ({}, {"raw": True}, {"suffix": "x"})] == [
        False, True, True,
    ]  # fmt: skip


def test_completion_events_and_responses_are_read_like_chat_ones() -> None:
    choice = {"text": "Hi", "finish_reason": "length", "logprobs": None}
    document = {"id": "x", "choices": [choice], "usage": {"prompt_tokens": 1}}
    response = msgspec.convert(document, openai.CreateCompletionResponse)
    reader, other = CompletionReader(), CompletionReader()
    assert summary(reader.receive(as_chunk(response))) == ("Hi", "", [])
    assert summary(other.receive_whole(as_whole(response))) == ("Hi", "", [])
    assert reader.done_reason == other.done_reason == "length"
    assert reader.usage is not None


@given(documents_for(SCHEMAS["GenerateRequest"], SCHEMAS), st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=60)
def test_any_request_matches_the_specification(document: Any, dialect: str) -> None:
    try:
        request = msgspec.convert({"model": "m", **document}, ollama.GenerateRequest)
        check(request, "m", DIALECTS[dialect])
        upstream = upstream_request(request, openai.Model(id="m"), DIALECTS[dialect])
    except (msgspec.ValidationError, ProxyError):
        return
    if DIALECTS[dialect].completions:
        assert not complaints("openai.yaml", "CreateCompletionRequest", upstream)

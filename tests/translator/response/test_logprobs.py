"""Conversion of log probabilities of plain completions."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from ollama_openai_proxy.translator.response.logprobs import of_completion
from tests.fakes.values import VALUES

LEGACY = {
    "tokens": ["a", "ä"],
    "token_logprobs": [None, -0.5],
    "top_logprobs": [None, {"b": -2.0, "ä": -0.5}],
    "text_offset": [0, 1],
}


def test_legacy_parallel_arrays_become_entries() -> None:
    read = of_completion(LEGACY)
    assert read is not None
    first, second = msgspec.to_builtins(read)["content"]
    assert (first["token"], first["logprob"], first["bytes"]) == ("a", 0.0, [97])
    assert (second["token"], second["logprob"], second["bytes"]) == ("ä", -0.5, [195, 164])
    assert [other["token"] for other in second["top_logprobs"]] == ["ä", "b"]


def test_chat_log_probabilities_are_unchanged() -> None:
    read = of_completion({"content": [{"token": "a", "logprob": -1.0}]})
    assert read is not None
    assert read.content is not None
    assert (read.content[0].token, read.content[0].logprob) == ("a", -1.0)


@pytest.mark.parametrize("value", [None, 5, [], {"content": 5}], ids=repr)
def test_invalid_log_probabilities_are_ignored(value: Any) -> None:
    assert of_completion(value) is None


@given(VALUES, VALUES, VALUES)
def test_any_values_are_read_without_an_exception(tokens: Any, numbers: Any, tops: Any) -> None:
    of_completion({"tokens": tokens, "token_logprobs": numbers, "top_logprobs": tops})

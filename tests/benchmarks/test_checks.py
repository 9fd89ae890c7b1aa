"""Responses that the load generator has to reject."""

import json
from functools import partial
from typing import Any

import pytest

from . import canned
from .dialect import Dialect, Ollama, OpenAI
from .embed_check import EmbedCheck
from .load import Response, WrongResponse


def response(body: bytes | dict[str, Any], status: int = 200) -> Response:
    return Response(status, body if isinstance(body, bytes) else json.dumps(body).encode(), None)


def embeddings(dialect: Dialect, vectors: list[list[float]], took: int = 1) -> Response:
    if isinstance(dialect, Ollama):
        return response({"embeddings": vectors, "total_duration": took, "prompt_eval_count": 25})
    return response({"data": [{"embedding": vector} for vector in vectors]})


SCALED = [canned.scaled(vector) for vector in canned.vectors(canned.UNSCALED_MODEL)]
STREAM = b"".join([canned.ROLE, canned.token_event(0), *canned.end_events(1)])


@pytest.mark.parametrize("model", [canned.MODEL, canned.UNSCALED_MODEL])
def test_the_canned_embeddings_pass_if_nothing_scales_them(model: str) -> None:
    check = EmbedCheck(OpenAI(), model)
    check(response(canned.embeddings(model, "float")))


def test_ollama_embeddings_have_to_be_scaled() -> None:
    check = EmbedCheck(Ollama(), canned.UNSCALED_MODEL)
    with pytest.raises(WrongResponse, match="wrong values in embedding 0"):
        check(embeddings(Ollama(), canned.vectors(canned.UNSCALED_MODEL)))
    check(embeddings(Ollama(), SCALED))


def test_embeddings_may_be_rounded_to_float32() -> None:
    rounded = [[float(f"{value:.8g}") for value in vector] for vector in SCALED]
    EmbedCheck(Ollama(), canned.UNSCALED_MODEL)(embeddings(Ollama(), rounded))


def test_later_embeddings_are_compared_with_the_first_except_for_durations() -> None:
    check = EmbedCheck(Ollama(), canned.UNSCALED_MODEL)
    check(embeddings(Ollama(), SCALED))
    check(embeddings(Ollama(), SCALED, took=2))
    with pytest.raises(WrongResponse, match="differ from those of the first"):
        check(embeddings(Ollama(), SCALED[::-1]))


def test_a_canned_chat_passes_and_a_changed_one_does_not() -> None:
    check = OpenAI().check_chat
    check(response(canned.completion()))
    for part, other in ((b"brown", b"green"), (b'"stop"', b'"length"'), (b":80", b":81")):
        with pytest.raises(WrongResponse):
            check(response(canned.completion().replace(part, other)))


def test_a_canned_stream_passes_and_a_changed_one_does_not() -> None:
    check = partial(OpenAI().check_stream, tokens=1)
    check(response(STREAM))
    for part, other in ((b"tok0", b"tok1"), (b"[DONE]", b"[]"), (b'_tokens":1,', b'_tokens":2,')):
        assert part in STREAM
        with pytest.raises(WrongResponse):
            check(response(STREAM.replace(part, other)))


@pytest.mark.parametrize(
    ("dialect", "listing"),
    [
        (OpenAI(), {"data": [{"id": name} for name in canned.model_ids(3)]}),
        (Ollama(), {"models": [{"name": f"{name}:latest"} for name in canned.model_ids(3)]}),
    ],
    ids=["openai", "ollama"],
)
def test_a_model_list_has_to_be_complete(dialect: Dialect, listing: dict[str, Any]) -> None:
    dialect.check_models(response(listing), 3)
    with pytest.raises(WrongResponse, match="3 models instead of the 4"):
        dialect.check_models(response(listing), 4)


def test_a_response_with_another_status_is_wrong() -> None:
    for check in (OpenAI().check_chat, Ollama().check_chat, EmbedCheck(Ollama(), canned.MODEL)):
        with pytest.raises(WrongResponse, match="status 500"):
            check(response(canned.completion(), status=500))

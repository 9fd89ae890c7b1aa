"""The generated backend returns valid responses, and a wide range of them."""

from typing import Any

import msgspec
import pytest

from tests.fakes.answers import Answer, Mood
from tests.fakes.generated import MODELS, GeneratedBackend
from tests.fakes.recorder import Recorder

HEADERS = [("user-agent", "ollama-openai-proxy"), ("accept-encoding", "identity")]
_JSON = "application/json"
CHAT = {"model": "acme-7b", "messages": [{"role": "user", "content": "Hi"}]}
PROMPT = {"model": "acme-7b", "prompt": "Hi"}
STREAMED = {"stream": True}
REQUESTS = [
    ("POST", "/v1/chat/completions", CHAT),
    ("POST", "/v1/chat/completions", CHAT | STREAMED),
    ("POST", "/v1/completions", PROMPT),
    ("POST", "/v1/completions", PROMPT | STREAMED),
    ("POST", "/v1/embeddings", {"model": "acme-embed", "input": ["a", "b", "c"]}),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/acme-7b", None),
    ("GET", "/props", None),
]


def request(backend: GeneratedBackend, method: str, path: str, document: Any) -> Answer:
    if document is None:
        return backend.answer(method, path, [*HEADERS, ("accept", _JSON)], b"")
    accept = "text/event-stream" if document.get("stream") else _JSON
    headers = [*HEADERS, ("accept", accept), ("content-type", _JSON)]
    return backend.answer(method, path, headers, msgspec.json.encode(document))


@pytest.mark.parametrize("mood", ["willing", "moody"])
@pytest.mark.parametrize(("method", "path", "document"), REQUESTS)
def test_every_response_matches_the_specification(
    method: str, path: str, document: Any, mood: Mood
) -> None:
    backend, recorder = GeneratedBackend(3, mood), Recorder()
    for _ in range(40):
        response = request(backend, method, path, document)
        end = [None] if response.broken else []
        media_type = response.headers["content-type"]
        recorder.answered(method, path, response.status, media_type, [*response.pieces, *end])
    assert recorder.answers == []
    assert backend.recorder.requests == []


def test_responses_depend_on_the_seed_and_on_the_number_of_the_request() -> None:
    def responses(seed: int) -> list[Answer]:
        backend = GeneratedBackend(seed, "moody")
        return [request(backend, *each) for each in REQUESTS * 2]

    assert responses(1) == responses(1)
    assert responses(1) != responses(2)
    first, second = responses(1)[: len(REQUESTS)], responses(1)[len(REQUESTS) :]
    assert first != second


def test_only_a_moody_backend_returns_errors_and_incomplete_streams() -> None:
    willing, moody = GeneratedBackend(1), GeneratedBackend(1, "moody")
    chat = ("POST", "/v1/chat/completions", CHAT | STREAMED)
    assert {request(willing, *chat).status for _ in range(200)} == {200}
    responses = [request(moody, *chat) for _ in range(400)]
    assert len({response.status for response in responses if response.status >= 400}) > 5
    assert any(response.broken for response in responses)
    complete = [one for one in responses if one.status == 200 and not one.broken]
    assert any(response.pieces[-1] != b"data: [DONE]\n\n" for response in complete)


def test_streams_contain_text_reasoning_tool_calls_and_usage() -> None:
    backend = GeneratedBackend(1)
    streamed = b"".join(
        piece
        for _ in range(100)
        for piece in request(backend, "POST", "/v1/chat/completions", CHAT | STREAMED).pieces
    )
    for part in (b'"content":"', b'"reasoning_content":"', b'"get_weather"', b'"usage":{'):
        assert part in streamed


def test_every_input_gets_a_vector_and_all_have_the_same_length() -> None:
    response = request(GeneratedBackend(1), "POST", "/v1/embeddings", REQUESTS[4][2])
    vectors = msgspec.json.decode(response.pieces[0])["data"]
    assert sorted(vector["index"] for vector in vectors) == [0, 1, 2]
    assert len({len(vector["embedding"]) for vector in vectors}) == 1


def test_the_model_list_contains_the_models_that_requests_use() -> None:
    response = request(GeneratedBackend(1), "GET", "/v1/models", None)
    ids = {model["id"] for model in msgspec.json.decode(response.pieces[0])["data"]}
    assert ids >= set(MODELS)


def test_a_request_with_an_unknown_field_is_recorded_and_rejected() -> None:
    backend = GeneratedBackend(1)
    response = request(backend, "POST", "/v1/chat/completions", CHAT | {"num_ctx": 1})
    assert response.status == 400
    assert any("num_ctx" in complaint for complaint in backend.recorder.requests)

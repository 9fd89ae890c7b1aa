"""The backend made from specs/openai.yaml: what it says is allowed, and it says much of it."""

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


def asked(backend: GeneratedBackend, method: str, path: str, document: Any) -> Answer:
    if document is None:
        return backend.answer(method, path, [*HEADERS, ("accept", _JSON)], b"")
    accept = "text/event-stream" if document.get("stream") else _JSON
    headers = [*HEADERS, ("accept", accept), ("content-type", _JSON)]
    return backend.answer(method, path, headers, msgspec.json.encode(document))


@pytest.mark.parametrize("mood", ["willing", "moody"])
@pytest.mark.parametrize(("method", "path", "document"), REQUESTS)
def test_every_answer_is_one_that_the_specification_allows(
    method: str, path: str, document: Any, mood: Mood
) -> None:
    backend, recorder = GeneratedBackend(3, mood), Recorder()
    for _ in range(40):
        answer = asked(backend, method, path, document)
        end = [None] if answer.broken else []
        media_type = answer.headers["content-type"]
        recorder.answered(method, path, answer.status, media_type, [*answer.pieces, *end])
    assert recorder.answers == []
    assert backend.recorder.requests == []


def test_the_same_seed_says_the_same_each_time_and_another_seed_does_not() -> None:
    def said(seed: int) -> list[Answer]:
        backend = GeneratedBackend(seed, "moody")
        return [asked(backend, *request) for request in REQUESTS * 2]

    assert said(1) == said(1)
    assert said(1) != said(2)
    first, second = said(1)[: len(REQUESTS)], said(1)[len(REQUESTS) :]
    assert first != second


def test_a_willing_backend_never_fails_and_a_moody_one_does_in_every_way() -> None:
    willing, moody = GeneratedBackend(1), GeneratedBackend(1, "moody")
    chat = ("POST", "/v1/chat/completions", CHAT | STREAMED)
    assert {asked(willing, *chat).status for _ in range(200)} == {200}
    answers = [asked(moody, *chat) for _ in range(400)]
    assert len({answer.status for answer in answers if answer.status >= 400}) > 5
    assert any(answer.broken for answer in answers)
    whole = [answer for answer in answers if answer.status == 200 and not answer.broken]
    assert any(answer.pieces[-1] != b"data: [DONE]\n\n" for answer in whole)


def test_texts_thoughts_and_calls_in_fragments_occur() -> None:
    backend = GeneratedBackend(1)
    said = b"".join(
        piece
        for _ in range(100)
        for piece in asked(backend, "POST", "/v1/chat/completions", CHAT | STREAMED).pieces
    )
    for part in (b'"content":"', b'"reasoning_content":"', b'"get_weather"', b'"usage":{'):
        assert part in said


def test_every_text_has_its_vector_and_all_are_of_one_length() -> None:
    answer = asked(GeneratedBackend(1), "POST", "/v1/embeddings", REQUESTS[4][2])
    vectors = msgspec.json.decode(answer.pieces[0])["data"]
    assert sorted(vector["index"] for vector in vectors) == [0, 1, 2]
    assert len({len(vector["embedding"]) for vector in vectors}) == 1


def test_the_list_has_the_models_that_requests_name() -> None:
    answer = asked(GeneratedBackend(1), "GET", "/v1/models", None)
    ids = {model["id"] for model in msgspec.json.decode(answer.pieces[0])["data"]}
    assert ids >= set(MODELS)


def test_a_request_with_an_unknown_field_is_noted_and_refused() -> None:
    backend = GeneratedBackend(1)
    answer = asked(backend, "POST", "/v1/chat/completions", CHAT | {"num_ctx": 1})
    assert answer.status == 400
    assert any("num_ctx" in complaint for complaint in backend.recorder.requests)

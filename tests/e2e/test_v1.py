"""The operations of OpenAI on a real model, as it answers them itself."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.limits import HANG


@pytest.fixture
def client(real_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=real_url, timeout=HANG, trust_env=False) as client:
        yield client


def question(model: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Say hi"}]
    return {"model": model, "messages": messages, "max_tokens": 8, "temperature": 0, **more}


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_conversation_is_answered_whole(
    client: httpx.Client, model: str, case: Callable[[str], str]
) -> None:
    response = client.post("/v1/chat/completions", json=question(case(model)))
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"]
    assert 0 < answer["usage"]["completion_tokens"] <= 8


def test_a_conversation_is_answered_by_events(client: httpx.Client, model: str) -> None:
    ask = question(
        model,
        stream=True,
        stream_options={"include_usage": True},
        options={"num_ctx": 2048},
    )
    with client.stream("POST", "/v1/chat/completions", json=ask) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    said = [msgspec.json.decode(line.removeprefix("data: ")) for line in lines[:-1]]
    assert len(said) > 2
    assert {event["object"] for event in said} == {"chat.completion.chunk"}
    assert said[-1]["usage"]["completion_tokens"] > 0


def test_a_prompt_is_continued(client: httpx.Client, model: str) -> None:
    ask = {"model": model, "prompt": "Once upon a", "max_tokens": 4}
    answer = client.post("/v1/completions", json=ask).json()
    assert answer["choices"][0]["text"]


def test_texts_are_embedded(client: httpx.Client, model: str) -> None:
    ask = {"model": model, "input": ["a red apple", "a green pear"]}
    answer = client.post("/v1/embeddings", json=ask).json()
    assert [item["index"] for item in answer["data"]] == [0, 1]
    assert len(answer["data"][0]["embedding"]) == len(answer["data"][1]["embedding"]) > 100


def test_the_models_are_listed_and_each_is_told_of(client: httpx.Client, model: str) -> None:
    listed = [entry["id"] for entry in client.get("/v1/models").json()["data"]]
    assert model in listed
    for name in (model, model.upper()):
        answer = client.get(f"/v1/models/{name}").json()
        assert (answer["id"], answer["object"]) == (model, "model")


def test_a_model_that_is_not_there_is_a_404(client: httpx.Client) -> None:
    response = client.post("/v1/chat/completions", json=question("nosuch"))
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found_error"
    assert client.get("/v1/models/nosuch").status_code == 404


def test_what_the_backend_refuses_is_refused_in_its_own_words(
    client: httpx.Client, model: str
) -> None:
    response = client.post("/v1/chat/completions", json={"model": model, "messages": "none"})
    assert response.status_code == 400
    assert response.json()["error"]["message"]

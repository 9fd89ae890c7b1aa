"""The OpenAI operations under /v1 with a real model."""

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
def test_chat_completions_return_a_complete_response(
    client: httpx.Client, model: str, case: Callable[[str], str]
) -> None:
    response = client.post("/v1/chat/completions", json=question(case(model)))
    assert response.status_code == 200, response.text
    document = response.json()
    assert document["object"] == "chat.completion"
    assert document["choices"][0]["message"]["content"]
    assert 0 < document["usage"]["completion_tokens"] <= 8


def test_chat_completions_stream_events(client: httpx.Client, model: str) -> None:
    body = question(
        model,
        stream=True,
        stream_options={"include_usage": True},
        options={"num_ctx": 2048},
    )
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    streamed = [msgspec.json.decode(line.removeprefix("data: ")) for line in lines[:-1]]
    assert len(streamed) > 2
    assert {event["object"] for event in streamed} == {"chat.completion.chunk"}
    assert streamed[-1]["usage"]["completion_tokens"] > 0


def test_completions_continue_a_prompt(client: httpx.Client, model: str) -> None:
    body = {"model": model, "prompt": "Once upon a", "max_tokens": 4}
    document = client.post("/v1/completions", json=body).json()
    assert document["choices"][0]["text"]


def test_embeddings_return_a_vector_for_each_input(client: httpx.Client, model: str) -> None:
    body = {"model": model, "input": ["a red apple", "a green pear"]}
    document = client.post("/v1/embeddings", json=body).json()
    assert [item["index"] for item in document["data"]] == [0, 1]
    assert len(document["data"][0]["embedding"]) == len(document["data"][1]["embedding"]) > 100


def test_models_are_listed_and_can_be_retrieved(client: httpx.Client, model: str) -> None:
    listed = [entry["id"] for entry in client.get("/v1/models").json()["data"]]
    assert model in listed
    for name in (model, model.upper()):
        document = client.get(f"/v1/models/{name}").json()
        assert (document["id"], document["object"]) == (model, "model")


def test_an_unknown_model_is_a_404(client: httpx.Client) -> None:
    response = client.post("/v1/chat/completions", json=question("nosuch"))
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found_error"
    assert client.get("/v1/models/nosuch").status_code == 404


def test_an_error_of_the_backend_is_returned_with_its_message(
    client: httpx.Client, model: str
) -> None:
    response = client.post("/v1/chat/completions", json={"model": model, "messages": "none"})
    assert response.status_code == 400
    assert response.json()["error"]["message"]

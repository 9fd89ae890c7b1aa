"""POST /api/embed and POST /api/embeddings over a scripted backend."""

import math
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.transport import FakeTransport, json_reply


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def vectors(*rows: list[float], **usage: int) -> Callable[[httpx.Request], httpx.Response]:
    data = [{"index": at, "embedding": vector} for at, vector in enumerate(rows)]
    return json_reply({"data": data, "usage": usage or None})


@pytest.mark.parametrize(("input_", "sent"), [("a", ["a"]), (["a"], ["a"]), ([""], [""])])
async def test_input_becomes_normalized_vectors(
    client: httpx.AsyncClient, backend: FakeTransport, input_: Any, sent: list[str]
) -> None:
    backend.reply("/embeddings", vectors([3.0, 4.0], prompt_tokens=5))
    response = await client.post("/api/embed", json={"model": "GPT-4O", "input": input_})
    document = response.json()
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert list(document) == [
        "model", "embeddings", "total_duration", "load_duration", "prompt_eval_count",
    ]  # fmt: skip
    assert document["model"] == "GPT-4O"
    assert document["embeddings"] == [[0.6, 0.8]]
    assert document["prompt_eval_count"] == 5
    (upstream,) = backend.asked("/embeddings")
    assert (upstream["model"], upstream["input"]) == ("gpt-4o", sent)


async def test_vectors_are_in_the_order_of_the_input(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    data = [{"index": 1, "embedding": [0.0, 1.0]}, {"index": 0, "embedding": [1.0, 0.0]}]
    backend.reply("/embeddings", json_reply({"data": data}))
    response = await client.post("/api/embed", json={"model": "gpt-4o", "input": ["a", "b"]})
    assert response.json()["embeddings"] == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("fields", [{}, {"input": None}, {"input": ""}, {"input": []}], ids=str)
async def test_without_input_a_model_is_only_loaded(
    client: httpx.AsyncClient, backend: FakeTransport, fields: Any
) -> None:
    response = await client.post("/api/embed", json={"model": "gpt-4o", **fields})
    assert response.json() == {"model": "gpt-4o", "embeddings": []}
    assert backend.asked("/embeddings") == []
    assert len((await client.get("/api/ps")).json()["models"]) == 1


@pytest.mark.parametrize("input_", [5, {"a": 1}, [["a"]], ["a", 5], [None], True], ids=str)
async def test_input_of_the_wrong_type_is_a_400_before_the_model_lookup(
    client: httpx.AsyncClient, backend: FakeTransport, input_: Any
) -> None:
    response = await client.post("/api/embed", json={"model": "nope", "input": input_})
    assert (response.status_code, response.json()) == (400, {"error": "invalid input type"})
    assert backend.requests == []


@pytest.mark.parametrize(("dimensions", "sent"), [(64, 64), (0, None), (-1, None), (None, None)])
async def test_only_positive_dimensions_are_sent(
    client: httpx.AsyncClient, backend: FakeTransport, dimensions: int | None, sent: int | None
) -> None:
    backend.reply("/embeddings", vectors([1.0]))
    body = {"model": "gpt-4o", "input": "a", "dimensions": dimensions, "truncate": True}
    await client.post("/api/embed", json=body)
    assert backend.asked("/embeddings")[0].get("dimensions") == sent


async def test_the_older_operation_does_not_normalize_the_vector(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/embeddings", vectors([3.0, 4.0]))
    response = await client.post("/api/embeddings", json={"model": "gpt-4o", "prompt": "a"})
    assert response.json() == {"embedding": [3.0, 4.0]}
    assert math.dist((0, 0), response.json()["embedding"]) == 5


@pytest.mark.parametrize("fields", [{}, {"prompt": ""}, {"input": "a"}], ids=str)
async def test_the_older_operation_without_a_prompt_returns_an_empty_vector(
    client: httpx.AsyncClient, backend: FakeTransport, fields: Any
) -> None:
    response = await client.post("/api/embeddings", json={"model": "gpt-4o", **fields})
    assert (response.status_code, response.json()) == (200, {"embedding": []})
    assert backend.asked("/embeddings") == []


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (json_reply({"error": {"message": "too long"}}, 400), 400),
        (json_reply({"error": {"message": "no"}}, 401), 401),
        (json_reply({"detail": "Not Found"}, 404), 404),
        (json_reply({"error": {"message": "slow down"}}, 429, {"retry-after": "3"}), 429),
        (httpx.ConnectError("refused"), 502),
        (httpx.ReadTimeout("slow"), 504),
        pytest.param(json_reply({}), 502, marks=pytest.mark.invalid_answers),
        (json_reply({"data": []}), 502),
        (json_reply({"data": [{"index": 0, "embedding": "AAA"}]}), 502),
        pytest.param(
            json_reply({"error": {"message": "overloaded", "code": 503}}),
            503,
            marks=pytest.mark.invalid_answers,
        ),
    ],
    ids=[
        "400",
        "401",
        "404",
        "429",
        "down",
        "slow",
        "empty",
        "no-data",
        "not-a-vector",
        "error-as-200",
    ],
)
async def test_a_backend_error_has_a_status_and_a_message(
    client: httpx.AsyncClient, backend: FakeTransport, reply: Any, status: int
) -> None:
    backend.reply("/embeddings", reply)
    for path in ("/api/embed", "/api/embeddings"):
        response = await client.post(path, json={"model": "gpt-4o", "input": "a", "prompt": "a"})
        assert response.status_code == status
        assert list(response.json()) == ["error"]
        assert len(response.json()["error"]) > 1
        assert response.headers.get("retry-after") == ("3" if status == 429 else None)


@pytest.mark.invalid_answers
async def test_an_error_with_status_200_is_returned_as_502(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/embeddings", json_reply({"error": {"message": "no such model"}}))
    response = await client.post("/api/embed", json={"model": "gpt-4o", "input": "a"})
    assert (response.status_code, response.json()) == (502, {"error": "no such model"})


async def test_many_inputs_are_sent_in_batches_and_returned_in_order(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        texts = msgspec.json.decode(request.content)["input"]
        data = [{"index": at, "embedding": [1.0, float(text)]} for at, text in enumerate(texts)]
        usage = {"prompt_tokens": len(texts)}
        return json_reply({"data": data[::-1], "usage": usage})(request)

    backend.reply("/embeddings", reply)
    texts = [str(number) for number in range(2050)]
    response = await client.post("/api/embed", json={"model": "gpt-4o", "input": texts})
    document = response.json()
    ratios = [round(vector[1] / vector[0]) for vector in document["embeddings"]]
    assert ratios == list(range(2050))
    assert document["prompt_eval_count"] == 2050
    assert [len(upstream["input"]) for upstream in backend.asked("/embeddings")] == [2048, 2]


async def test_the_proxy_truncates_vectors_if_the_backend_rejects_dimensions(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if "dimensions" in msgspec.json.decode(request.content):
            message = "the model does not support changing output dimensions"
            return json_reply({"error": {"message": message}}, 400)(request)
        return vectors([3.0, 4.0, 12.0])(request)

    backend.reply("/embeddings", reply)
    body = {"model": "gpt-4o", "input": "a", "dimensions": 2}
    response = await client.post("/api/embed", json=body)
    assert response.json()["embeddings"] == [[0.6, 0.8]]


async def test_an_input_that_is_too_long_is_a_400(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    message = "input is too large to process"
    backend.reply("/embeddings", json_reply({"error": {"message": message}}, 500))
    body = {"model": "gpt-4o", "input": "a", "truncate": False}
    response = await client.post("/api/embed", json=body)
    assert (response.status_code, response.json()) == (400, {"error": message})

"""Operations of the specification are bound to handlers, and exceptions become responses."""

import logging
from typing import Any

import httpx
import msgspec
import pytest
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.handlers import HANDLERS, Raw
from ollama_openai_proxy.spec import load_spec
from tests.fakes.transport import FakeTransport, completion, json_reply

_METHODS = {"get", "head", "post", "put", "patch", "delete"}
OPERATIONS = [
    (path, method, operation)
    for path, item in load_spec("ollama.yaml")["paths"].items()
    for method, operation in item.items()
    if method in _METHODS
]
IDS = [operation["operationId"] for _, _, operation in OPERATIONS]
REFUSED = {
    "push": 501, "create": 400, "copy": 400, "delete": 501, "blob": 400, "blob_head": 400,
    "me": 501, "signout": 401, "delete_key": 401, "web_search": 501, "web_fetch": 501,
}  # fmt: skip
WITH_BODY = [
    (method, path)
    for path, method, operation in OPERATIONS
    if "requestBody" in operation and not isinstance(HANDLERS[operation["operationId"]], Raw)
]
MEDIA_TYPES = [
    None, "application/json", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8",
    "multipart/form-data; boundary=x", "nonsense", "",
]  # fmt: skip
REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "stream": False}


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def test_handlers_and_operations_match() -> None:
    assert sorted(HANDLERS) == sorted(IDS)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=IDS)
def test_the_body_class_of_a_handler_matches_its_schema(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    body = HANDLERS[operation["operationId"]].body
    if "requestBody" not in operation or isinstance(HANDLERS[operation["operationId"]], Raw):
        assert body is None
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body is getattr(ollama, schema["$ref"].rpartition("/")[2])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=IDS)
async def test_every_operation_returns_a_specified_status(
    client: httpx.AsyncClient,
    backend: FakeTransport,
    path: str,
    method: str,
    operation: dict[str, Any],
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    if path.startswith("/v1/"):
        path = path.format(model="gpt-4o")
        backend.reply(path.removeprefix("/v1"), json_reply({}))
    body = {"model": "gpt-4o", "stream": False} if "requestBody" in operation else None
    response = await client.request(method, path, json=body)
    expected = REFUSED.get(operation["operationId"], 200)
    assert response.status_code == expected, response.text
    assert str(expected) in operation["responses"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"", "missing request body", id="empty"),
        pytest.param(b" \r\n\t", "missing request body", id="whitespace"),
        pytest.param(b"{", "unexpected EOF", id="an-open-brace"),
        pytest.param(b'{"model":', "unexpected EOF", id="truncated"),
        pytest.param(
            b"hello", "invalid character 'h' looking for beginning of value", id="not-json"
        ),
        pytest.param(b"\x1f\x8b\x08", None, id="gzip"),
        pytest.param(b'{"model":"\xff"}', None, id="not-utf-8"),
        pytest.param(b"\xff\xfe{\x00}\x00", None, id="utf-16"),
    ],
)
async def test_a_body_that_is_not_json_is_a_400_for_every_operation(
    client: httpx.AsyncClient, body: bytes, text: str | None
) -> None:
    for method, path in WITH_BODY:
        response = await client.request(method, path, content=body)
        assert response.status_code == 400
        assert response.headers["content-type"].startswith("application/json")
        assert list(response.json()) == ["error"]
        assert isinstance(response.json()["error"], str)
        assert text in (None, response.json()["error"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/chat", "ChatRequest"),
        ("/api/generate", "GenerateRequest"),
        ("/api/embed", "EmbedRequest"),
        ("/api/embeddings", "EmbeddingRequest"),
        ("/api/show", "ShowRequest"),
        ("/api/pull", "PullRequest"),
        ("/api/push", "PushRequest"),
        ("/api/create", "CreateRequest"),
    ],
)
async def test_a_wrong_type_is_a_400_with_gos_error_message(
    client: httpx.AsyncClient, path: str, name: str
) -> None:
    bodies: list[Any] = [{"model": 1}, [], "x"]
    responses = [await client.post(path, json=body) for body in bodies]
    assert [response.status_code for response in responses] == [400, 400, 400]
    assert [response.json() for response in responses] == [
        {
            "error": f"json: cannot unmarshal number into Go struct field {name}.model of type string"
        },
        {"error": f"json: cannot unmarshal array into Go value of type api.{name}"},
        {"error": f"json: cannot unmarshal string into Go value of type api.{name}"},
    ]


async def test_a_body_is_parsed_as_json_with_any_content_type(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion("Hello")))
    for media_type in MEDIA_TYPES:
        headers = {} if media_type is None else {"content-type": media_type}
        body = msgspec.json.encode(REQUEST)
        response = await client.post("/api/chat", content=body, headers=headers)
        assert response.status_code == 200, media_type
        assert response.json()["message"]["content"] == "Hello"


async def test_a_chunked_body_is_joined(client: httpx.AsyncClient, backend: FakeTransport) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    whole = msgspec.json.encode(REQUEST)

    async def chunks() -> Any:
        for at in range(0, len(whole), 7):
            yield whole[at : at + 7]

    assert (await client.post("/api/chat", content=chunks())).status_code == 200
    assert backend.asked("/chat/completions")[0]["messages"] == REQUEST["messages"]


async def test_query_strings_and_trailing_bytes_are_ignored(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    body = msgspec.json.encode(REQUEST) + b"} trailing"
    assert (await client.post("/api/chat?ts=1&x=[", content=body)).status_code == 200


async def test_field_names_are_case_insensitive_and_null_means_absent(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", json_reply(completion()))
    odd = {"MODEL": "gpt-4o", "Messages": REQUEST["messages"], "stream": False, "unknown": {"x": 1}}
    nulls = dict.fromkeys(["options", "tools", "format", "think", "keep_alive"])
    assert (await client.post("/api/chat", json={**odd, **nulls})).status_code == 200
    assert set(backend.asked("/chat/completions")[0]) == {"model", "messages"}


@pytest.mark.parametrize("stream", [True, False])
async def test_an_unexpected_exception_is_a_500_without_details(
    client: httpx.AsyncClient,
    backend: FakeTransport,
    caplog: pytest.LogCaptureFixture,
    stream: bool,
) -> None:
    backend.reply("/chat/completions", RuntimeError("a secret detail"))
    with caplog.at_level(logging.ERROR):
        response = await client.post("/api/chat", json={**REQUEST, "stream": stream})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"error": "internal error"}
    assert "a secret detail" in caplog.text, "the log must have the reason"

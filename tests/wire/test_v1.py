"""The OpenAI and Anthropic operations: forwarded requests and returned responses."""

import httpx
import msgspec
import pytest

from ollama_openai_proxy.config.settings import read_settings
from tests.fakes.client import client_of
from tests.fakes.transport import FakeTransport, chunk, events, json_reply, stream_reply

POSTED = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/messages",
]
CHAT = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"unheard_of":[1.50,1E2]}'
KEY = "Bearer sk-test-secret"
JSON = "application/json; charset=utf-8"


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


def last(backend: FakeTransport) -> httpx.Request:
    return backend.requests[-1]


def reply(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "application/json"}, content=b'{"a":1.50}')


@pytest.mark.parametrize("path", POSTED)
async def test_bodies_are_forwarded_and_returned_unchanged(
    client: httpx.AsyncClient, backend: FakeTransport, path: str
) -> None:
    backend.reply(path.removeprefix("/v1"), reply)
    response = await client.post(path, content=CHAT)
    assert last(backend).url == f"http://backend.test{path}"
    assert last(backend).method == "POST"
    assert last(backend).content == CHAT
    assert last(backend).headers["content-type"] == "application/json"
    assert (response.status_code, response.content) == (200, b'{"a":1.50}')
    assert response.headers["content-type"] == "application/json"


async def test_a_transcription_is_returned_unchanged(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/audio/transcriptions", reply)
    speech = {"file": ("speech.wav", b"RIFF")}
    response = await client.post("/v1/audio/transcriptions", files=speech, data={"model": "w"})
    assert (response.status_code, response.content) == (200, b'{"a":1.50}')
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("name", ["gpt-4o:latest", "GPT-4o", " gpt-4O:Latest"])
async def test_only_the_model_name_is_replaced_by_the_backends(
    client: httpx.AsyncClient, backend: FakeTransport, path: str, name: str
) -> None:
    backend.reply(path.removeprefix("/v1"), reply)
    body = b'{"z":1.50,"model":"%s","a":{"model":"GPT-4o"}}' % name.encode()
    await client.post(path, content=body)
    assert last(backend).content == b'{"z":1.50,"model":"gpt-4o","a":{"model":"GPT-4o"}}'
    assert last(backend).headers["content-length"] == str(len(last(backend).content))


async def test_gooses_options_field_is_removed_from_chat_requests(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    body = b'{"model":"gpt-4o","options":{"num_ctx":8192},"stream":false}'
    for path, reaches in [
        ("/v1/chat/completions", b'{"model":"gpt-4o","stream":false}'),
        ("/v1/responses", body),
    ]:
        backend.reply(path.removeprefix("/v1"), reply)
        await client.post(path, content=body)
        assert last(backend).content == reaches


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"model":1}', b'{"model":""}', b"\x28\xb5\x2f\xfd"]
)
async def test_invalid_bodies_are_forwarded_for_the_backend_to_reject(
    client: httpx.AsyncClient, backend: FakeTransport, body: bytes
) -> None:
    backend.reply("/responses", json_reply({"error": {"message": "no"}}, 422))
    response = await client.post("/v1/responses", content=body)
    assert response.status_code == 422
    assert last(backend).content == body


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (path, b'{"error":{"message":"%s","type":"not_found_error","param":null,"code":null}}')
        for path in POSTED[:4]
    ]
    + [("/v1/messages", b'{"type":"error","error":{"type":"not_found_error","message":"%s"}}')],
)
async def test_an_unlisted_model_returns_404(
    client: httpx.AsyncClient, backend: FakeTransport, path: str, error: bytes
) -> None:
    response = await client.post(path, json={"model": "no such"})
    assert response.status_code == 404
    assert response.headers["content-type"] == JSON
    assert response.content == error % b"model 'no such' not found"
    assert backend.requests == [] or last(backend).url.path == "/v1/models"


async def test_an_unlisted_model_is_forwarded_if_configured(
    backend: FakeTransport,
) -> None:
    backend.reply("/chat/completions", reply)
    settings = read_settings(backend_url="http://backend.test/v1", unlisted_models="pass")
    async with client_of(settings, backend) as client:
        for name, reaches in [("new:latest", "new"), ("ft:x:org::id 7", "ft:x:org::id 7")]:
            await client.post("/v1/chat/completions", json={"model": name})
            assert msgspec.json.decode(last(backend).content) == {"model": reaches}


@pytest.mark.parametrize("status", [400, 401, 404, 405, 422, 429, 500, 501, 503])
async def test_an_error_response_keeps_its_status_headers_and_body(
    client: httpx.AsyncClient, backend: FakeTransport, status: int
) -> None:
    backend.reply(
        "/completions",
        lambda _: httpx.Response(
            status,
            headers={"content-type": "text/odd", "retry-after": "7", "x-request-id": "r1"},
            content=b"<odd body>",
        ),
    )
    response = await client.post("/v1/completions", content=CHAT)
    assert (response.status_code, response.content) == (status, b"<odd body>")
    assert response.headers["content-type"] == "text/odd"
    assert response.headers["retry-after"] == "7"
    assert response.headers["x-backend-request-id"] == "r1"


async def test_our_key_is_redacted_from_error_responses(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    body = b'{"error":{"message":"bad key sk-test-secret \xc3\xa9"}}'
    backend.reply("/completions", lambda _: httpx.Response(401, content=body))
    response = await client.post("/v1/completions", content=CHAT)
    assert response.content == b'{"error":{"message":"bad key *** \xc3\xa9"}}'
    assert response.headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize("path", POSTED[:4])
async def test_an_unreachable_backend_returns_502_in_openais_format(
    client: httpx.AsyncClient, backend: FakeTransport, path: str
) -> None:
    backend.reply(path.removeprefix("/v1"), httpx.ConnectError("refused"))
    response = await client.post(path, content=CHAT)
    assert response.status_code == 502
    error = response.json()["error"]
    assert error.pop("message").startswith("cannot connect to the backend")
    assert error == {"type": "api_error", "param": None, "code": None}


async def test_events_are_returned_byte_for_byte(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    pieces = [b"event: odd\r\nda", b"ta: {\r\n\r\n: ping\n\n", events(chunk("Hi"))]
    backend.reply("/responses", stream_reply(*pieces, content_type="text/event-stream; x=y"))
    response = await client.post("/v1/responses", content=CHAT)
    assert response.content == b"".join(pieces)
    assert response.headers["content-type"] == "text/event-stream; x=y"


async def test_an_interrupted_stream_ends_with_an_error_event(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    hello = events(chunk("Hi"), done=False)
    broken = httpx.ReadError("gone")
    for path, end in [
        ("/v1/chat/completions", b'data: {"error":{"message":"lost the connection'),
        ("/v1/messages", b'event: error\ndata: {"type":"error","error":{"type":"api_error","'),
    ]:
        backend.reply(path.removeprefix("/v1"), stream_reply(hello, broken))
        response = await client.post(path, content=CHAT)
        assert response.status_code == 200
        assert response.content.startswith(hello + end)
        assert response.content.endswith(b"}\n\n")


async def test_embeddings_are_forwarded_to_the_embeddings_backend(backend: FakeTransport) -> None:
    backend.reply("/embeddings", reply).reply("/completions", reply)
    settings = read_settings(
        backend_url="http://chat.test/v1", embeddings_url="http://vectors.test/v1"
    )
    async with client_of(settings, backend) as client:
        await client.post("/v1/embeddings", content=CHAT)
        assert last(backend).url == "http://vectors.test/v1/embeddings"
        await client.post("/v1/completions", content=CHAT)
        assert last(backend).url == "http://chat.test/v1/completions"


async def test_a_used_model_is_listed_by_ps(
    client: httpx.AsyncClient, backend: FakeTransport
) -> None:
    backend.reply("/chat/completions", reply)
    await client.post("/v1/chat/completions", content=CHAT)
    models = (await client.get("/api/ps")).json()["models"]
    assert [model["name"] for model in models] == ["gpt-4o:latest"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/v1/nope", 404, None),
        ("POST", "/v1/images/generations", 404, None),
        ("GET", "/v1/chat/completions", 405, "POST"),
        ("POST", "/v1/models", 405, "GET"),
        ("DELETE", "/v1/models/gpt-4o", 405, "GET"),
    ],
)
async def test_unknown_paths_and_methods_return_errors_in_openais_format(
    client: httpx.AsyncClient, method: str, path: str, status: int, allow: str | None
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers.get("allow") == allow
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}

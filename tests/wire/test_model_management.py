"""Raw requests to the operations that manage models, and with all kinds of model names."""

import httpx
import msgspec
import pytest

from tests.fakes.transport import FakeTransport, completion, json_reply

JSON = "application/json; charset=utf-8"
LINES = "application/x-ndjson"
DIGEST = "sha256:" + "0123456789abcdef" * 4
CONFLICT = 'use either :local or :cloud, not both: "x:local:cloud"'
OWNED = "cannot {} models: they are managed by the backend"
MISSING = "pull model manifest: file does not exist"


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.fixture
def backend() -> FakeTransport:
    transport = FakeTransport().reply("/chat/completions", json_reply(completion()))
    return transport.reply("/embeddings", json_reply({"data": [{"index": 0, "embedding": [1.0]}]}))


@pytest.mark.parametrize(
    ("request_line", "body", "status", "text"),
    [
        # model name missing, empty, blank, invalid, and with both sources
        ("POST /api/pull", '{"model":"N","stream":false}', 500, MISSING),
        ("POST /api/pull", '{"model":""}', 400, "invalid model name"),
        ("POST /api/pull", '{"model":" "}', 400, "invalid model name"),
        ("POST /api/pull", '{"name":"a b"}', 400, "invalid model name"),
        ("POST /api/pull", '{"name":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/push", '{"model":"N"}', 404, "model 'N' not found"),
        ("POST /api/push", '{"model":"","name":""}', 400, "model is required"),
        ("POST /api/push", '{"model":"a b","stream":false}', 500, "unqualified name: a b"),
        ("POST /api/push", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/create", '{"model":"","from":"gpt-4o"}', 400, "invalid model name"),
        ("POST /api/create", '{"model":"a b","from":"gpt-4o"}', 400, "invalid model name"),
        ("POST /api/create", '{"model":"x:local:cloud"}', 400, "invalid model name"),
        ("POST /api/copy", '{"source":"N","destination":"d"}', 404, 'model "N" not found'),
        ("POST /api/copy", '{"source":"","destination":"d"}', 400, 'source "" is invalid'),
        ("POST /api/copy", '{"source":"a b","destination":"d"}', 400, 'source "a b" is invalid'),
        ("POST /api/copy", '{"source":"gpt-4o"}', 400, 'destination "" is invalid'),
        ("DELETE /api/delete", '{"model":"N"}', 404, "model 'N' not found"),
        ("DELETE /api/delete", '{"model":"","name":"N"}', 404, "model 'N' not found"),
        ("DELETE /api/delete", '{"model":""}', 400, "model is required"),
        ("DELETE /api/delete", '{"model":"  "}', 400, "model is required"),
        ("DELETE /api/delete", '{"model":"a b"}', 400, 'name "a b" is invalid'),
        ("DELETE /api/delete", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/show", '{"model":"N"}', 404, "model 'N:latest' not found"),
        ("POST /api/show", '{"model":"N:local"}', 404, "model 'N:latest' not found"),
        ("POST /api/show", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/chat", '{"model":"N:local"}', 404, "model 'N:local' not found"),
        ("POST /api/chat", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/generate", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/embed", '{"model":"x:local:cloud"}', 400, CONFLICT),
        ("POST /api/embeddings", '{"model":"x:local:cloud"}', 400, CONFLICT),
        # body missing, null, or with a wrong type
        ("POST /api/pull", "", 400, "missing request body"),
        ("POST /api/push", " ", 400, "missing request body"),
        ("POST /api/create", "", 400, "missing request body"),
        ("POST /api/copy", "", 400, "missing request body"),
        ("DELETE /api/delete", "", 400, "missing request body"),
        ("POST /api/pull", "null", 400, "invalid model name"),
        (
            "DELETE /api/delete", '{"model":1}', 400,
            "json: cannot unmarshal number into Go struct field DeleteRequest.model of type string",
        ),
        (
            "POST /api/copy", '{"source":1}', 400,
            "json: cannot unmarshal number into Go struct field CopyRequest.source of type string",
        ),
        # operations that would change a model
        ("POST /api/push", '{"model":"gpt-4o"}', 501, OWNED.format("push")),
        ("POST /api/create", '{"model":"new","from":"gpt-4o"}', 501, OWNED.format("create")),
        ("POST /api/copy", '{"source":"gpt-4o","destination":"d"}', 501, OWNED.format("copy")),
        ("DELETE /api/delete", '{"model":"","name":"gpt-4o"}', 501, OWNED.format("delete")),
        (f"POST /api/blobs/{DIGEST}", "GGUF", 501, OWNED.format("create")),
        ("POST /api/blobs/sha256:0", "GGUF", 400, "invalid digest format"),
        # accounts
        ("POST /api/signout", "", 401, "you are not currently signed in"),
        ("POST /api/me", "", 501, "this service has no ollama.com account"),
        # wrong methods and paths
        ("PUT /api/pull", "{}", 405, "405 method not allowed"),
        ("POST /api/delete", '{"model":"gpt-4o"}', 405, "405 method not allowed"),
        ("GET /api/blobs/x", "", 405, "405 method not allowed"),
        ("POST /api/blobs", "x", 404, "404 page not found"),
    ],
)  # fmt: skip
async def test_each_failure_has_its_status_and_message(
    client: httpx.AsyncClient, request_line: str, body: str, status: int, text: str
) -> None:
    method, path = request_line.split()
    response = await client.request(method, path, content=body.encode())
    assert (response.status_code, response.json()) == (status, {"error": text})
    assert response.headers["content-type"].startswith("application/json")
    assert response.content == msgspec.json.encode({"error": text}), (
        "the body is compact JSON without other fields"
    )


@pytest.mark.parametrize(
    ("request_line", "allow"),
    [
        ("GET /api/pull", "POST"),
        ("GET /api/push", "POST"),
        ("GET /api/create", "POST"),
        ("PUT /api/copy", "POST"),
        ("POST /api/delete", "DELETE"),
        ("GET /api/delete", "DELETE"),
        (f"GET /api/blobs/{DIGEST}", "HEAD, POST"),
        ("HEAD /api/status", "GET"),
        ("GET /api/me", "POST"),
        ("GET /api/signout", "POST"),
        ("POST /api/user/keys/x", "DELETE"),
        ("POST /api/experimental/model-recommendations", "GET"),
        ("GET /api/experimental/web_search", "POST"),
    ],
)
async def test_a_wrong_method_returns_405_with_the_allowed_methods(
    client: httpx.AsyncClient, request_line: str, allow: str
) -> None:
    response = await client.request(*request_line.split())
    assert (response.status_code, response.headers["allow"]) == (405, allow)


async def test_pull_streams_unless_stream_is_false(client: httpx.AsyncClient) -> None:
    for body in (b'{"name":"gpt-4o"}', b'{"model":"gpt-4o","stream":true,"insecure":false}'):
        response = await client.post("/api/pull", content=body)
        assert (response.status_code, response.headers["content-type"]) == (200, LINES)
        assert response.content == (
            b'{"status":"pulling manifest"}\n{"status":"verifying sha256 digest"}\n'
            b'{"status":"writing manifest"}\n{"status":"success"}\n'
        )
    response = await client.post("/api/pull", content=b'{"name":"gpt-4o","stream":false}')
    assert (response.status_code, response.headers["content-type"]) == (200, JSON)
    assert response.content == b'{"status":"success"}'


async def test_pulling_an_unknown_model_ends_with_the_error_that_ollamas_cli_expects(
    client: httpx.AsyncClient,
) -> None:
    body = b'{"model":"","username":"","password":"","name":"N"}'
    response = await client.post("/api/pull", content=body)
    assert (response.status_code, response.headers["content-type"]) == (200, LINES)
    assert response.content == (
        b'{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n'
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", '{"model":"gpt-4o:local","messages":[]}'),
        ("/api/chat", '{"model":"GPT-4o:LOCAL","messages":[{"role":"user","content":"x"}],"stream":false}'),
        ("/api/generate", '{"model":"gpt-4o:local"}'),
        ("/api/embed", '{"model":"gpt-4o:local","input":"x"}'),
        ("/api/embeddings", '{"model":"gpt-4o:local","prompt":"x"}'),
        ("/api/show", '{"model":"gpt-4o:local"}'),
    ],
)  # fmt: skip
async def test_the_local_suffix_is_ignored(
    client: httpx.AsyncClient, backend: FakeTransport, path: str, body: str
) -> None:
    response = await client.post(path, content=body.encode())
    assert response.status_code == 200, response.text
    sent = backend.asked("/chat/completions") + backend.asked("/embeddings")
    assert {request["model"] for request in sent} <= {"gpt-4o"}
    name = msgspec.json.decode(body)["model"]
    assert response.json().get("model", name) == name, "the response repeats the requested name"


async def test_head_requests_for_blobs_return_no_body(client: httpx.AsyncClient) -> None:
    for path, status in ((f"/api/blobs/{DIGEST}", 404), ("/api/blobs/x", 400)):
        response = await client.head(path)
        assert (response.status_code, response.content) == (status, b"")

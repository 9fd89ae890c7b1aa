"""Integration tests of a deployed service: specification, HTTP and the official Python client.

They use the service at SERVICE_URL with the key SMOKE_KEY (see scripts/test-service). Without
SERVICE_URL they start a service with a fake backend.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import ollama
import pytest

from ollama_openai_proxy.conformance.schemas import complaints
from tests.deploy.backend import canned_backend
from tests.e2e.process import serving
from tests.fakes.limits import HANG

FEW = {"num_predict": 32}
HELLO = [{"role": "user", "content": "Say hello."}]
KEY = os.environ.get("SMOKE_KEY", "")
HEADERS = {"authorization": f"Bearer {KEY}"} if KEY else {}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if "SERVICE_URL" in os.environ:
        yield os.environ["SERVICE_URL"].rstrip("/")
        return
    folder = tmp_path_factory.mktemp("service")
    with (
        canned_backend() as backend,
        serving("the service", folder, "--backend-url", backend) as service,
    ):
        yield service.url


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=HEADERS, timeout=HANG) as client:
        yield client


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[ollama.Client]:
    with ollama.Client(url, headers=HEADERS, timeout=HANG) as client:
        yield client


def model_for(capability: str, http: httpx.Client, variable: str) -> str:
    """The model named by the environment variable, or the first model with the capability."""
    if os.environ.get(variable):
        return os.environ[variable]
    for row in http.get("/api/tags").json()["models"]:
        shown = http.post("/api/show", json={"model": row["name"]}).json()
        if capability in shown["capabilities"]:
            return str(row["name"])
    pytest.skip(f"no model has the capability {capability}: set {variable} to the name of a model")


@pytest.fixture(scope="module")
def model(http: httpx.Client) -> str:
    return model_for("completion", http, "SMOKE_MODEL")


def test_the_model_list_and_a_model_match_the_specification(http: httpx.Client, model: str) -> None:
    assert complaints("ollama.yaml", "ListResponse", http.get("/api/tags").json()) == []
    shown = http.post("/api/show", json={"model": model}).json()
    assert complaints("ollama.yaml", "ShowResponse", shown) == []


def test_a_chat_response_matches_the_specification(http: httpx.Client, model: str) -> None:
    body = {"model": model, "messages": HELLO, "stream": False, "options": FEW}
    response = http.post("/api/chat", json=body)
    assert response.status_code == 200
    assert complaints("ollama.yaml", "ChatResponse", response.json()) == []
    assert response.json()["eval_count"] > 0


def test_each_line_of_a_generate_stream_matches_the_specification(
    http: httpx.Client, model: str
) -> None:
    body = {"model": model, "prompt": "Say hello.", "options": FEW}
    with http.stream("POST", "/api/generate", json=body) as response:
        assert response.headers["content-type"] == "application/x-ndjson"
        lines = list(response.iter_lines())
    for line in lines:
        event = httpx.Response(200, text=line).json()
        assert complaints("ollama.yaml", "GenerateResponse", event) == []
        assert event["done"] is (line is lines[-1])


def test_the_python_client_streams(client: ollama.Client, model: str) -> None:
    parts = list(client.chat(model, HELLO, stream=True, options=FEW))
    assert parts[-1].done
    text = "".join((one.message.content or "") + (one.message.thinking or "") for one in parts)
    assert text.strip()


def test_the_python_client_embeds(client: ollama.Client, http: httpx.Client) -> None:
    name = model_for("embedding", http, "SMOKE_EMBEDDING_MODEL")
    one, two = client.embed(name, ["one", "two"]).embeddings
    assert len(one) == len(two) > 0


def test_the_python_client_raises_an_error_for_an_unknown_model(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as failure:
        client.chat("no-such-model-at-all", HELLO)
    assert failure.value.status_code == 404


def test_the_openai_api_is_served(http: httpx.Client, model: str) -> None:
    body = {"model": model, "messages": HELLO}
    response = http.post("/v1/chat/completions", json=body)
    assert response.status_code == 200
    assert response.json()["choices"][0]["message"]["role"] == "assistant"


def test_concurrent_requests_succeed(http: httpx.Client, model: str) -> None:
    body = {"model": model, "messages": HELLO, "stream": False, "options": {"num_predict": 4}}
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: http.post("/api/chat", json=body), range(16)))
    assert {response.status_code for response in responses} == {200}


def test_the_request_id_is_returned(http: httpx.Client) -> None:
    response = http.get("/api/tags", headers={"x-request-id": "integration-1"})
    assert response.headers["x-request-id"] == "integration-1"


def test_a_request_without_a_key_gets_a_401(url: str) -> None:
    if not KEY:
        pytest.skip("needs a service with keys: run SMOKE_KEY=… scripts/test-service URL")
    assert httpx.get(f"{url}/api/tags", timeout=HANG).status_code == 401
    assert httpx.get(f"{url}/api/version", timeout=HANG).status_code == 200

"""Operations that need an account at ollama.com."""

from typing import Any

import httpx
import pytest

from tests.fakes.transport import FakeTransport

NO_ACCOUNT = "this service has no ollama.com account"


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "expected"),
    [
        ("GET", "/api/status", None, 200, {"cloud": {"disabled": True, "source": "config"}}),
        ("GET", "/api/experimental/model-recommendations", None, 200, {"recommendations": []}),
        ("POST", "/api/me", None, 501, {"error": NO_ACCOUNT}),
        ("POST", "/api/me", b"whatever", 501, {"error": NO_ACCOUNT}),
        ("POST", "/api/signout", None, 401, {"error": "you are not currently signed in"}),
        ("DELETE", "/api/user/keys/c3Ns", None, 401, {"error": "you are not currently signed in"}),
        ("POST", "/api/experimental/web_search", b"", 400, {"error": "missing request body"}),
        ("POST", "/api/experimental/web_fetch", b" ", 400, {"error": "missing request body"}),
        (
            "POST", "/api/experimental/web_search", b'{"query":"x","max_results":3}', 501,
            {"error": f"{NO_ACCOUNT}: web search is unavailable"},
        ),
        (
            "POST", "/api/experimental/web_fetch", b'{"url":"http://x"}', 501,
            {"error": f"{NO_ACCOUNT}: web fetch is unavailable"},
        ),
    ],
)  # fmt: skip
async def test_account_operations_report_that_there_is_no_account(
    client: httpx.AsyncClient,
    backend: FakeTransport,
    method: str,
    path: str,
    body: bytes | None,
    *,
    status: int,
    expected: Any,
) -> None:
    response = await client.request(method, path, content=body)
    assert (response.status_code, response.json()) == (status, expected)
    assert backend.requests == []

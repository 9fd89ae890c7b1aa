"""HEAD and POST /api/blobs/{digest}."""

import httpx
import pytest

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def client(kept_client: httpx.AsyncClient) -> httpx.AsyncClient:
    return kept_client


@pytest.mark.parametrize(
    "digest",
    [
        "x",
        DIGEST,
        f"sha256:{DIGEST}0",
        f"sha256:{DIGEST[1:]}",
        f"sha1:{DIGEST}",
        "sha256:" + "g" * 64,
    ],
)
async def test_an_invalid_digest_is_rejected(client: httpx.AsyncClient, digest: str) -> None:
    response = await client.post(f"/api/blobs/{digest}", content=b"bytes")
    assert (response.status_code, response.json()) == (400, {"error": "invalid digest format"})
    assert (await client.head(f"/api/blobs/{digest}")).status_code == 400


@pytest.mark.parametrize(
    "digest", [f"sha256:{DIGEST}", f"sha256-{DIGEST}", f"sha256:{DIGEST.upper()}"]
)
async def test_blobs_are_not_stored(client: httpx.AsyncClient, digest: str) -> None:
    head = await client.head(f"/api/blobs/{digest}")
    assert (head.status_code, head.content) == (404, b"")
    response = await client.post(f"/api/blobs/{digest}", content=b"x" * 1_000_000)
    assert response.status_code == 501
    assert response.json() == {"error": "cannot create models: they are managed by the backend"}
    assert (await client.head(f"/api/blobs/{digest}")).status_code == 404

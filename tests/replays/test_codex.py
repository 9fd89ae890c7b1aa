"""Codex with --oss.

It searches the model list for the exact name and pulls the model if it is missing.
"""

import json
from typing import Any

import httpx

from tests.replays.conftest import Post
from tests.replays.strict import MODEL, document, raw_lines

OLDEST = (0, 13, 4)


async def test_the_version_supports_the_responses_api(kept_client: httpx.AsyncClient) -> None:
    version = document(await kept_client.get("/api/version"), dict[str, str])["version"]
    assert tuple(map(int, version.split("."))) >= OLDEST


async def test_the_model_is_listed_by_its_exact_name(kept_client: httpx.AsyncClient) -> None:
    assert (await kept_client.get("/v1/models")).status_code == 200
    tags = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert MODEL in [model["name"] for model in tags["models"]]


async def test_pulling_a_known_model_succeeds(post: Post) -> None:
    *_, last = raw_lines(await post("/api/pull", f'{{"model":"{MODEL}","stream":true}}'))
    assert json.loads(last) == {"status": "success"}

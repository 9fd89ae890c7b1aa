"""Codex, with --oss.

It looks for its model under the exact name, and pulls one that it does not find.
"""

import json
from typing import Any

import httpx

from tests.replays.conftest import Post
from tests.replays.strict import MODEL, document, raw_lines

OLDEST = (0, 13, 4)


async def test_the_version_knows_responses(kept_client: httpx.AsyncClient) -> None:
    version = document(await kept_client.get("/api/version"), dict[str, str])["version"]
    assert tuple(map(int, version.split("."))) >= OLDEST


async def test_the_model_is_listed_under_its_name(kept_client: httpx.AsyncClient) -> None:
    assert (await kept_client.get("/v1/models")).status_code == 200
    told = document(await kept_client.get("/api/tags"), dict[str, list[dict[str, Any]]])
    assert MODEL in [model["name"] for model in told["models"]]


async def test_a_pull_of_a_known_model_ends_in_success(post: Post) -> None:
    *_, last = raw_lines(await post("/api/pull", f'{{"model":"{MODEL}","stream":true}}'))
    assert json.loads(last) == {"status": "success"}

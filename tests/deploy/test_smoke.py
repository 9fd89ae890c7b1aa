"""scripts/smoke passes for a working service and fails for each kind of broken one."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.deploy.ollama import GOOD, KEY, LAST, PART, CannedResponse, document, serving, stream
from tests.fakes.limits import HANG
from tests.fakes.service import running
from tests.fakes.transport import (
    FakeTransport,
    chunk,
    completion,
    events,
    json_reply,
    stream_reply,
)

SMOKE = Path(__file__).parents[2] / "scripts" / "smoke"


def smoke(url: str, *arguments: str, key: str | None = KEY) -> tuple[int, str]:
    """Run scripts/smoke with the standard library only. Returns the exit code and the output."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", SMOKE, url, *(arguments or ("--timeout", str(HANG)))],
        env={"SMOKE_KEY": key or ""},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def results(table: str) -> dict[str, str]:
    rows = [line for line in table.splitlines()[1:] if line]
    return {row[:15].strip(): row[15:24].strip() for row in rows}


def backend_that_works() -> FakeTransport:
    def chat(request: httpx.Request) -> httpx.Response:
        if msgspec.json.decode(request.content).get("stream"):
            return stream_reply(events(chunk("Hel"), chunk("lo"), chunk(finish="stop")))(request)
        return json_reply(completion("Hello"))(request)

    vectors = [{"object": "embedding", "index": at, "embedding": [0.6, 0.8]} for at in (0, 1)]
    models = [{"id": name, "object": "model"} for name in ("gpt-4o", "text-embedding-3-small")]
    backend = FakeTransport().reply("/chat/completions", chat)
    backend.reply("/models", json_reply({"object": "list", "data": models}))
    return backend.reply("/embeddings", json_reply({"object": "list", "data": vectors}))


async def test_the_service_passes(settings: Settings) -> None:
    async with running(settings, backend_that_works()) as url:
        code, table = await asyncio.to_thread(smoke, url, key=None)
    found = results(table)
    assert code == 0, table
    assert {name for name, result in found.items() if result == "failed"} == set()
    for name in ("version", "tags", "chat", "chat streamed", "embed", "unknown model"):
        assert found[name] == "ok", table


async def test_the_service_with_keys_passes_only_with_a_valid_key() -> None:
    settings = read_settings(backend_url="http://backend.test/v1", api_keys=f"smoke:{KEY}")
    async with running(settings, backend_that_works()) as url:
        code, table = await asyncio.to_thread(smoke, url, key=KEY)
        wrong, rejected = await asyncio.to_thread(smoke, url, key=f"{KEY}-not")
        missing, hint = await asyncio.to_thread(smoke, url, key=None)
    assert code == 0, table
    assert set(results(table).values()) == {"ok"}
    assert (wrong, results(rejected)["tags"]) == (1, "failed")
    assert (missing, "SMOKE_KEY" in hint) == (1, True)


async def test_a_service_without_authentication_fails_if_a_key_is_given(
    settings: Settings,
) -> None:
    async with running(settings, backend_that_works()) as url:
        code, table = await asyncio.to_thread(smoke, url, key=KEY)
    assert code == 1
    assert [name for name, result in results(table).items() if result == "failed"] == ["auth"]


async def test_an_unreachable_backend_fails(settings: Settings) -> None:
    unreachable = FakeTransport().reply("/models", httpx.ConnectError("refused"))
    async with running(settings, unreachable) as url:
        code, table = await asyncio.to_thread(smoke, url, key=None)
    assert code == 1
    assert results(table)["tags"] == "failed"
    assert results(table)["version"] == "ok"


def test_a_correct_service_with_authentication_passes() -> None:
    with serving(GOOD) as url:
        code, table = smoke(url)
    assert code == 0, table
    assert results(table)["auth"] == "ok"
    assert results(table)["embed"] == "ok"


BROKEN = {
    "wrong-status": ("chat", document(500, error="oops")),
    "no-version": ("/api/version", document(version="new")),
    "not-json": ("/api/tags", CannedResponse(b"<html>")),
    "no-models": ("/api/tags", document(models="none")),
    "not-done": ("chat", document(**PART)),
    "no-content": ("chat", document(**LAST)),
    "no-terminal-line": ("chat streamed", stream(PART, PART)),
    "two-terminal-lines": ("chat streamed", stream(PART, LAST, LAST)),
    "error-line": ("chat streamed", stream(PART, {"error": "broke off"})),
    "empty-stream": ("chat streamed", stream()),
    "not-a-stream": ("chat streamed", stream(PART, LAST, media="application/json")),
    "one-vector": ("/api/embed", document(embeddings=[[1.0]])),
    "unknown-model-accepted": ("unknown model", document(**PART)),
    "wrong-401": ("unauthorized", document(403, error="no")),
    "401-without-error": ("unauthorized", document(401)),
    "hanging": ("chat", CannedResponse(b"", hangs=True)),
}


@pytest.mark.parametrize(("name", "response"), BROKEN.values(), ids=BROKEN)
def test_a_single_fault_fails_the_matching_check(name: str, response: CannedResponse) -> None:
    row = {"unauthorized": "auth"}.get(name, name.rpartition("/")[2])
    with serving({**GOOD, name: response}) as url:
        code, table = smoke(url, *(("--timeout", "1.5") if response.hangs else ()))
    assert code == 1, table
    assert row in [name for name, result in results(table).items() if result == "failed"], table


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_failing_health_check_fails_the_smoke_test(path: str) -> None:
    without_auth = {name: response for name, response in GOOD.items() if name != "unauthorized"}
    with serving({**without_auth, path: document(503, error="draining")}) as url:
        code, table = smoke(url, key=None)
    assert (code, results(table)[path[1:]]) == (1, "failed"), table
    assert "draining" in table


def test_an_unreachable_service_fails_within_the_time_limit() -> None:
    code, table = smoke("http://127.0.0.1:9", "--wait", "0.5", "--timeout", "1")
    assert code == 1
    assert "ok" not in results(table).values(), table


def test_the_key_is_never_printed() -> None:
    with serving({**GOOD, "chat": document(500, error=f"not {KEY}")}) as url:
        code, table = smoke(url)
    assert code == 1
    assert KEY not in table
    assert "not ***" in table


@pytest.mark.parametrize("url", ["127.0.0.1:11434", "ftp://a", "http://"])
def test_an_invalid_url_is_rejected(url: str) -> None:
    code, output = smoke(url)
    assert code == 2
    assert "http://" in output


def test_a_key_with_invalid_characters_is_rejected_and_not_printed() -> None:
    code, output = smoke("http://127.0.0.1:9", key="sk-\u00e9-secret\nx")
    assert code == 2
    assert "the API key contains" in output
    assert "secret" not in output

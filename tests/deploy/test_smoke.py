"""scripts/smoke tells a service that serves from one that does not."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from ollama_openai_proxy.config.settings import Settings, read_settings
from tests.deploy.ollama import GOOD, KEY, LAST, PART, Answer, document, serving, stream
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
    """The exit code and all that is printed, by a Python that knows nothing but its own library."""
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
    said = results(table)
    assert code == 0, table
    assert {name for name, result in said.items() if result == "failed"} == set()
    for name in ("version", "tags", "chat", "chat streamed", "embed", "unknown model"):
        assert said[name] == "ok", table


async def test_the_service_with_keys_passes_by_one_and_by_no_other() -> None:
    settings = read_settings(backend_url="http://backend.test/v1", api_keys=f"smoke:{KEY}")
    async with running(settings, backend_that_works()) as url:
        code, table = await asyncio.to_thread(smoke, url, key=KEY)
        refused, told = await asyncio.to_thread(smoke, url, key=f"{KEY}-not")
        asked, hint = await asyncio.to_thread(smoke, url, key=None)
    assert code == 0, table
    assert set(results(table).values()) == {"ok"}
    assert (refused, results(told)["tags"]) == (1, "failed")
    assert (asked, "SMOKE_KEY" in hint) == (1, True)


async def test_a_service_that_lets_everybody_in_fails_where_a_key_is_given(
    settings: Settings,
) -> None:
    async with running(settings, backend_that_works()) as url:
        code, table = await asyncio.to_thread(smoke, url, key=KEY)
    assert code == 1
    assert [name for name, result in results(table).items() if result == "failed"] == ["auth"]


async def test_a_backend_that_is_not_there_fails(settings: Settings) -> None:
    nobody = FakeTransport().reply("/models", httpx.ConnectError("refused"))
    async with running(settings, nobody) as url:
        code, table = await asyncio.to_thread(smoke, url, key=None)
    assert code == 1
    assert results(table)["tags"] == "failed"
    assert results(table)["version"] == "ok"


def test_a_good_service_with_keys_passes() -> None:
    with serving(GOOD) as url:
        code, table = smoke(url)
    assert code == 0, table
    assert results(table)["auth"] == "ok"
    assert results(table)["embed"] == "ok"


BROKEN = {
    "wrong-status": ("chat", document(500, error="oops")),
    "no-version": ("/api/version", document(version="new")),
    "not-json": ("/api/tags", Answer(b"<html>")),
    "no-models": ("/api/tags", document(models="none")),
    "not-done": ("chat", document(**PART)),
    "no-words": ("chat", document(**LAST)),
    "no-terminal-line": ("chat streamed", stream(PART, PART)),
    "two-terminal-lines": ("chat streamed", stream(PART, LAST, LAST)),
    "error-line": ("chat streamed", stream(PART, {"error": "broke off"})),
    "empty-stream": ("chat streamed", stream()),
    "not-a-stream": ("chat streamed", stream(PART, LAST, media="application/json")),
    "one-vector": ("/api/embed", document(embeddings=[[1.0]])),
    "unknown-model-answers": ("unknown model", document(**PART)),
    "wrong-refusal": ("refused", document(403, error="no")),
    "refusal-without-reason": ("refused", document(401)),
    "hanging": ("chat", Answer(b"", hangs=True)),
}


@pytest.mark.parametrize(("name", "answer"), BROKEN.values(), ids=BROKEN)
def test_one_thing_wrong_fails_and_is_named(name: str, answer: Answer) -> None:
    row = {"refused": "auth"}.get(name, name.rpartition("/")[2])
    with serving({**GOOD, name: answer}) as url:
        code, table = smoke(url, *(("--timeout", "1.5") if answer.hangs else ()))
    assert code == 1, table
    assert row in [name for name, result in results(table).items() if result == "failed"], table


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_counts_where_it_is_served(path: str) -> None:
    open_to_all = {name: answer for name, answer in GOOD.items() if name != "refused"}
    with serving({**open_to_all, path: document(503, error="draining")}) as url:
        code, table = smoke(url, key=None)
    assert (code, results(table)[path[1:]]) == (1, "failed"), table
    assert "draining" in table


def test_nobody_there_fails_in_time() -> None:
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
def test_what_is_no_url_is_refused(url: str) -> None:
    code, said = smoke(url)
    assert code == 2
    assert "http://" in said


def test_a_key_that_cannot_be_sent_is_refused_and_not_shown_either() -> None:
    code, said = smoke("http://127.0.0.1:9", key="sk-\u00e9-secret\nx")
    assert code == 2
    assert "the key holds" in said
    assert "secret" not in said

"""JetBrains AI Assistant.

It shows the content unchanged, so reasoning in the content would be visible.
"""

from typing import Any

import httpx
from msgspec import Struct

from tests.fakes.transport import FakeTransport, chunk
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Line, Text, content, document, last_line, lines, reply_with


class Listed(Struct):
    name: Text


class Tags(Struct):
    models: list[Listed]


def _chat(more: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{{"role":"system","content":"You are helpful"}},'
        f'{{"role":"user","content":"hi"}}],"stream":true,"options":{{"temperature":0.2}}{more}}}'
    )


async def test_the_connection_check_succeeds(kept_client: httpx.AsyncClient, post: Post) -> None:
    assert (await kept_client.get("/")).text == "Ollama is running"
    assert [model.name for model in document(await kept_client.get("/api/tags"), Tags).models]
    document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])


async def test_the_content_contains_no_reasoning(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, chunk(reasoning_content="Hm."), *content("Hel", "lo"))
    response = await post("/api/chat", _chat())
    assert "".join(line.message.content for line in lines(response, Line)) == "Hello"
    assert last_line(response).done_reason == "stop"
    assert backend.asked("/chat/completions")[0]["temperature"] == 0.2

"""Spring AI.

It searches the model list for the configured name plus `:latest`. It reports the finish reason only
if both token counts are present.
"""

from typing import Any

import httpx
from msgspec import Struct

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import (
    MODEL,
    WEATHER,
    Moment,
    Natural,
    Text,
    content,
    document,
    last_line,
    raw_lines,
    reply_with,
    tool_calls,
)


class Listed(Struct):
    name: Text
    model: Text
    modified_at: Moment
    size: Natural
    digest: Text


class Tags(Struct):
    models: list[Listed]


class Shown(Struct):
    modified_at: Moment
    capabilities: list[str]
    model_info: dict[str, Any]


def _chat(messages: str) -> str:
    return (
        f'{{"model":"gpt-4o","messages":[{messages}],"stream":true,"tools":[{WEATHER}],'
        '"options":{"temperature":0.8,"top_k":40}}'
    )


USER = '{"role":"user","content":"How is the weather?"}'


async def test_a_configured_name_is_listed_with_the_tag_latest(
    kept_client: httpx.AsyncClient, post: Post
) -> None:
    names = [model.name for model in document(await kept_client.get("/api/tags"), Tags).models]
    assert "gpt-4o" + ":latest" in names
    shown = document(await post("/api/show", '{"model":"gpt-4o"}'), Shown)
    assert "completion" in shown.capabilities


async def test_a_tool_result_without_an_id_gets_the_id_of_its_call(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *tool_calls("Oslo"), finish="tool_calls")
    response = await post("/api/chat", _chat(USER))
    assert [b'"tool_calls"' in line for line in raw_lines(response)] == [True, False]
    reply_with(backend, *content("It is cold."))
    call = '{"id":"call_0","function":{"name":"get_weather","arguments":{"city":"Oslo"},"index":0}}'
    history = (
        f'{USER},{{"role":"assistant","content":"","tool_calls":[{call}]}},'
        '{"role":"tool","content":"9 degrees"}'
    )
    last = last_line(await post("/api/chat", _chat(history)))
    assert (last.model, last.done_reason) == ("gpt-4o", "stop")
    _, assistant, result = backend.asked("/chat/completions")[1]["messages"]
    assert result["tool_call_id"] == assistant["tool_calls"][0]["id"] == "call_0"


async def test_pulling_a_known_model_succeeds(post: Post) -> None:
    response = await post("/api/pull", f'{{"model":"{MODEL}","stream":true}}')
    assert b'"status":"success"' in raw_lines(response)[-1]

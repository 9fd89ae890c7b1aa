"""Home Assistant.

It requests the model list every 30 seconds with a timeout of 5 seconds. It streams chats with tools.
"""

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

SYSTEM = '{"role":"system","content":"You are a voice assistant for Home Assistant."}'
USER = '{"role":"user","content":"How is the weather?"}'


class Listed(Struct):
    model: Text


class RequestMetrics(Struct):
    model: Text
    expires_at: Moment
    size_vram: Natural


class Models[Model](Struct):
    models: list[Model]


def _chat(messages: str, more: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{messages}],"tools":[{WEATHER}],"stream":true,'
        f'"options":{{"num_ctx":8192}},"keep_alive":-1,"think":false{more}}}'
    )


async def test_a_used_model_is_listed_as_running(
    kept_client: httpx.AsyncClient, backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content("Hi"))
    last_line(await post("/api/chat", _chat(f"{SYSTEM},{USER}")))
    listed = document(await kept_client.get("/api/tags"), Models[Listed]).models
    running = document(await kept_client.get("/api/ps"), Models[RequestMetrics]).models
    assert {model.model for model in running} <= {model.model for model in listed}
    assert MODEL in {model.model for model in running}


async def test_tool_results_without_name_and_id_match_their_calls_in_order(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *tool_calls("Oslo", "Rome"), finish="tool_calls")
    response = await post("/api/chat", _chat(f"{SYSTEM},{USER}"))
    assert [b'"tool_calls"' in line for line in raw_lines(response)] == [True, True, False]
    made = ",".join(
        f'{{"function":{{"name":"get_weather","arguments":{{"city":"{city}"}}}}}}'
        for city in ("Oslo", "Rome")
    )
    results = ",".join(
        f'{{"role":"tool","content":"{{\\"degrees\\":{degrees}}}"}}' for degrees in (9, 21)
    )
    history = f'{SYSTEM},{USER},{{"role":"assistant","tool_calls":[{made}]}},{results}'
    reply_with(backend, *content("Cold, and warm."))
    last_line(await post("/api/chat", _chat(history)))
    *_, assistant, cold, warm = backend.asked("/chat/completions")[1]["messages"]
    ids = [call["id"] for call in assistant["tool_calls"]]
    assert [cold["tool_call_id"], warm["tool_call_id"]] == ids
    assert [cold["content"], warm["content"]] == ['{"degrees":9}', '{"degrees":21}']


async def test_the_schema_of_structured_data_is_sent_to_the_backend(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content('{"rain":', "true}"))
    schema = '{"type":"object","properties":{"rain":{"type":"boolean"}},"required":["rain"]}'
    last_line(await post("/api/chat", _chat(USER, f',"format":{schema}')))
    sent = backend.asked("/chat/completions")[0]["response_format"]
    assert sent["json_schema"]["schema"]["properties"] == {"rain": {"type": "boolean"}}

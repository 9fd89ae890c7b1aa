"""Zed.

It decodes with Rust's serde: fields that are not an Option are required and must not be null.
"""

from typing import Any, Literal

import httpx
from msgspec import Struct

from tests.fakes.transport import FakeTransport, completion, json_reply
from tests.replays.conftest import Post
from tests.replays.strict import (
    MODEL,
    WEATHER,
    Message,
    Moment,
    Natural,
    Text,
    content,
    document,
    lines,
    reply_with,
    tool_calls,
)


class Details(Struct):
    format: str
    family: str
    families: list[str] | None
    parameter_size: str
    quantization_level: str


class Listed(Struct):
    name: Text
    modified_at: Moment
    size: Natural
    digest: Text
    details: Details


class Tags(Struct):
    models: list[Listed]


class Shown(Struct):
    capabilities: list[str]
    model_info: dict[str, Any]


class Function(Struct):
    name: Text
    arguments: dict[str, Any]


class Call(Struct):
    id: Text
    function: Function


class Reply(Message):
    tool_calls: list[Call] | None = None
    thinking: str | None = None


class Delta(Struct):
    model: str
    created_at: Moment
    message: Reply
    done: bool
    done_reason: str | None = None
    prompt_eval_count: Natural | None = None
    eval_count: Natural | None = None


def _chat(messages: str, tools: str = "") -> str:
    return (
        f'{{"model":"{MODEL}","messages":[{messages}],"stream":true,"keep_alive":-1,'
        f'"options":{{"num_ctx":16384,"num_predict":null,"stop":[],"temperature":1.0,"top_p":null}},'
        f'"tools":[{tools}],"think":null}}'
    )


USER = '{"role":"user","content":"How is the weather?","images":null}'


async def test_every_listed_model_can_be_shown(kept_client: httpx.AsyncClient, post: Post) -> None:
    tags = document(await kept_client.get("/api/tags"), Tags)
    assert [model.name for model in tags.models] == [MODEL]
    for model in tags.models:
        shown = document(await post("/api/show", f'{{"model":"{model.name}"}}'), Shown)
        architecture = shown.model_info["general.architecture"]
        assert isinstance(shown.model_info[f"{architecture}.context_length"], int)
        assert "tools" in shown.capabilities


async def test_a_stream_is_decoded_line_by_line(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    *deltas, last = lines(await post("/api/chat", _chat(USER)), Delta)
    assert [delta.message.content for delta in deltas] == ["Hel", "lo"]
    assert (last.message.content, last.done, last.done_reason) == ("", True, "stop")
    assert (last.prompt_eval_count, last.eval_count) == (7, 3)
    assert "tools" not in backend.asked("/chat/completions")[0]


async def test_each_line_has_at_most_one_tool_call(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *tool_calls("Oslo", "Rome"), finish="tool_calls")
    *deltas, last = lines(await post("/api/chat", _chat(USER, WEATHER)), Delta)
    made = [delta.message.tool_calls or [] for delta in deltas]
    assert [len(calls) for calls in made] == [1, 1]
    assert [one.function.arguments["city"] for [one] in made] == ["Oslo", "Rome"]
    assert not any(delta.message.content for delta in deltas)
    assert not last.message.tool_calls


async def test_tool_results_match_their_calls_by_tool_name(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content("Cold."))
    call = '{"id":"call_0","function":{"name":"get_weather","arguments":{"city":"Oslo"}}}'
    history = (
        f'{USER},{{"role":"assistant","content":"","tool_calls":[{call}],"images":null,'
        '"thinking":null},{"role":"tool","tool_name":"get_weather","content":"9 degrees"}'
    )
    lines(await post("/api/chat", _chat(history, WEATHER)), Delta)
    _, assistant, result = backend.asked("/chat/completions")[0]["messages"]
    assert result["tool_call_id"] == assistant["tool_calls"][0]["id"]
    assert assistant["tool_calls"][0]["function"]["arguments"] == '{"city":"Oslo"}'


async def test_edit_predictions_use_a_raw_prompt(backend: FakeTransport, post: Post) -> None:
    class Generated(Struct):
        response: str
        done: Literal[True]

    reply = json_reply(completion("x = 1"))
    text = {"object": "text_completion", "choices": [{"text": "x = 1", "finish_reason": "stop"}]}
    backend.reply("/chat/completions", reply).reply("/completions", json_reply(text))
    body = (
        f'{{"model":"{MODEL}","prompt":"<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>","raw":true,'
        '"stream":false,"options":{"num_predict":64,"temperature":0.2,"stop":["<|endoftext|>"]}}'
    )
    assert document(await post("/api/generate", body), Generated).response == "x = 1"

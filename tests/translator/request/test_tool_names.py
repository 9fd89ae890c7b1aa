"""Replacement of function names that a backend rejects."""

import re

from hypothesis import given
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.translator.chat import completion_reader, upstream_request
from ollama_openai_proxy.translator.request.tool_names import plain_names
from tests.fakes.transport import chunk
from tests.translator.completions import call, streamed, summary

OPENAI = DIALECTS["openai"]


def chat_request(*names: str, history: str = "") -> ollama.ChatRequest:
    tools = [ollama.Tool(function=ollama.ToolFunction(name=name)) for name in names]
    called = ollama.RequestToolCall(function=ollama.RequestToolCallFunction(name=history))
    message = ollama.Message(role="assistant", tool_calls=[called])
    return ollama.ChatRequest(model="m", messages=[message], tools=tools)


def test_a_valid_name_is_unchanged() -> None:
    assert plain_names(chat_request("get_weather", "a-b", "A1"), OPENAI) == {}


def test_invalid_characters_become_underscores() -> None:
    assert plain_names(chat_request("fs.read", "mcp:list"), OPENAI) == {
        "fs.read": "fs_read",
        "mcp:list": "mcp_list",
    }


def test_replaced_names_stay_unique() -> None:
    names = plain_names(chat_request("a.b", "a:b", "a_b", history="a/b"), OPENAI)
    assert names == {"a.b": "a_b_2", "a:b": "a_b_3", "a/b": "a_b_4"}


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_names_become_valid_and_unique(names: list[str]) -> None:
    plain = plain_names(chat_request(*names), OPENAI)
    used = {plain.get(name, name) for name in names if name}
    assert len(used) == len({name for name in names if name})
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in used)


def test_names_are_unchanged_if_the_backend_accepts_any() -> None:
    assert plain_names(chat_request("fs.read"), DIALECTS["llamacpp"]) == {}


def test_a_call_is_returned_with_the_original_name() -> None:
    request = chat_request("fs.read", history="fs.read")
    upstream = upstream_request(request, "m", OPENAI)
    assert isinstance(upstream.tools, list)
    assert [tool.function.name for tool in upstream.tools] == ["fs_read"]
    first = upstream.messages[0]
    assert first.tool_calls[0].function.name == "fs_read"  # type: ignore[union-attr,index]
    fragment = call(name="fs_read", arguments="{}")
    parts = streamed(
        chunk(tool_calls=[fragment]),
        chunk(finish="stop"),
        reader=completion_reader(request, OPENAI),
    )
    assert summary(parts)[2] == [("fs.read", {})]

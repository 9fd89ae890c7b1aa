"""Names of functions that a backend refuses."""

import re

from hypothesis import given
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.profiles.dialects import DIALECTS
from ollama_openai_proxy.translator.chat import completion_reader, upstream_request
from ollama_openai_proxy.translator.request.tool_names import plain_names
from tests.fakes.transport import chunk
from tests.translator.answers import call, streamed, summary

OPENAI = DIALECTS["openai"]


def asking(*names: str, history: str = "") -> ollama.ChatRequest:
    tools = [ollama.Tool(function=ollama.ToolFunction(name=name)) for name in names]
    called = ollama.RequestToolCall(function=ollama.RequestToolCallFunction(name=history))
    message = ollama.Message(role="assistant", tool_calls=[called])
    return ollama.ChatRequest(model="m", messages=[message], tools=tools)


def test_a_plain_name_stays() -> None:
    assert plain_names(asking("get_weather", "a-b", "A1"), OPENAI) == {}


def test_what_is_refused_becomes_a_low_line() -> None:
    assert plain_names(asking("fs.read", "mcp:list"), OPENAI) == {
        "fs.read": "fs_read",
        "mcp:list": "mcp_list",
    }


def test_two_functions_have_no_name_in_common() -> None:
    names = plain_names(asking("a.b", "a:b", "a_b", history="a/b"), OPENAI)
    assert names == {"a.b": "a_b_2", "a:b": "a_b_3", "a/b": "a_b_4"}


@given(st.lists(st.text(max_size=80), max_size=5))
def test_every_name_is_plain_and_leads_back(names: list[str]) -> None:
    plain = plain_names(asking(*names), OPENAI)
    used = {plain.get(name, name) for name in names if name}
    assert len(used) == len({name for name in names if name})
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in used)


def test_a_backend_that_takes_any_name_gets_it() -> None:
    assert plain_names(asking("fs.read"), DIALECTS["llamacpp"]) == {}


def test_a_call_comes_back_under_its_own_name() -> None:
    request = asking("fs.read", history="fs.read")
    upstream = upstream_request(request, "m", OPENAI)
    assert isinstance(upstream.tools, list)
    assert [tool.function.name for tool in upstream.tools] == ["fs_read"]
    first = upstream.messages[0]
    assert first.tool_calls[0].function.name == "fs_read"  # type: ignore[union-attr,index]
    fragment = call(name="fs_read", arguments="{}")
    pieces = streamed(
        chunk(tool_calls=[fragment]), chunk(finish="stop"), turn=completion_reader(request, OPENAI)
    )
    assert summary(pieces)[2] == [("fs.read", {})]

"""The official JavaScript client, unmodified. Node scripts print results that are checked here."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import environment
from tests.e2e.scripted_backend import ScriptedBackend, streamed, whole
from tests.fakes.limits import HANG
from tests.fakes.transport import chunk, completion, events, usage

type Run = Callable[..., Any]

_SCRIPTS = Path(__file__).parent / "javascript"


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a script with arguments and return the JSON document that it prints."""
    node = _tool("node")
    if _installed() != json.loads((_SCRIPTS / "package.json").read_text())["dependencies"]:
        _install()

    def run(script: str, *arguments: str) -> Any:
        done = subprocess.run(
            [node, "--no-warnings", script, *arguments],
            cwd=_SCRIPTS,
            env=environment.clean(),
            capture_output=True,
            text=True,
            timeout=HANG,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return json.loads(done.stdout)

    return run


def _tool(name: str) -> str:
    return shutil.which(name) or environment.lacking(
        f"the JavaScript client needs {name}: install Node.js"
    )


def _installed() -> dict[str, str]:
    package = _SCRIPTS / "node_modules" / "ollama" / "package.json"
    return {"ollama": json.loads(package.read_text())["version"]} if package.exists() else {}


def _install() -> None:
    done = subprocess.run(
        [_tool("npm"), "ci", "--ignore-scripts"],
        cwd=_SCRIPTS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _check_counters(last: dict[str, Any]) -> None:
    parts = [last[f"{part}_duration"] for part in ("load", "prompt_eval", "eval")]
    counts = [last["prompt_eval_count"], last["eval_count"]]
    assert all(isinstance(number, int) and number > 0 for number in parts + counts)
    assert last["total_duration"] >= sum(parts)


def test_list_show_and_ps_return_the_loaded_model(run: Run, real_url: str, model: str) -> None:
    printed = run("models.mjs", real_url, model)
    [listed] = printed["list"]["models"]
    [running] = printed["ps"]["models"]
    assert listed["name"] == listed["model"] == running["name"] == model
    assert listed["digest"] == running["digest"]
    assert "completion" in printed["show"]["capabilities"]
    assert printed["show"]["model_info"]["smollm2.context_length"] == 2048
    assert printed["show"]["details"]["family"] == "smollm2"
    assert [part.isdigit() for part in printed["version"]["version"].split(".")] == [True] * 3


def test_streamed_chat_and_generate_equal_the_complete_responses(
    run: Run, real_url: str, model: str
) -> None:
    printed = run("responses.mjs", real_url, model)
    chat, generate = printed["chat"], printed["generate"]
    *chat_parts, chat_last = printed["chatParts"]
    *generate_parts, generate_last = printed["generateParts"]
    assert len(chat_parts) > 1
    assert len(generate_parts) > 1
    assert "".join(part["message"]["content"] for part in chat_parts) == chat["message"]["content"]
    assert "".join(part["response"] for part in generate_parts) == generate["response"]
    assert chat_last["message"] == {"role": "assistant", "content": ""}
    assert generate_last["response"] == ""
    for last in (chat, chat_last, generate, generate_last):
        assert last["done"] is True
        _check_counters(last)


def test_embed_returns_vectors_of_length_one(run: Run, real_url: str, model: str) -> None:
    printed = run("embed.mjs", real_url, model)
    vectors = printed["one"]["embeddings"] + printed["two"]["embeddings"]
    assert [len(vector) for vector in vectors] == [576, 576, 576]
    for vector in vectors:
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-4)
    assert printed["two"]["embeddings"][0] == pytest.approx(
        printed["one"]["embeddings"][0], abs=2e-3
    )
    assert len(printed["old"]["embedding"]) == 576


def test_an_unknown_model_is_a_404_with_the_messages_of_ollama(run: Run, real_url: str) -> None:
    not_found = "model 'nosuch' not found"
    messages = {
        "chat": not_found,
        "stream": not_found,
        "generate": not_found,
        "show": "model 'nosuch:latest' not found",
        "embed": 'model "nosuch" not found, try pulling it first',
    }
    assert run("unknown.mjs", real_url, "nosuch") == {
        operation: {"name": "ResponseError", "message": message, "status": 404}
        for operation, message in messages.items()
    }


def test_an_aborted_stream_closes_the_connection_to_the_backend(
    run: Run, scripted_url: str, script: ScriptedBackend
) -> None:
    script.enqueue(streamed(events(chunk("Hel"), done=False), 2 * HANG, events(chunk("lo"))))
    printed = run("abort.mjs", scripted_url, "gpt-4o")
    assert printed["received"] == ["Hel"]
    assert printed["ended"]["name"] == "AbortError"
    assert script.closed.wait(HANG)


def test_a_streamed_tool_call_is_sent_back_with_its_result(
    run: Run, scripted_url: str, script: ScriptedBackend
) -> None:
    function = {"name": "get_weather", "arguments": '{"city":"Oslo"}'}
    call = {"index": 0, "id": "call_x", "type": "function", "function": function}
    script.enqueue(
        streamed(events(chunk(tool_calls=[call]), chunk(finish="tool_calls"), usage(20, 9))),
        whole(completion("It is cold.")),
    )
    printed = run("tools.mjs", scripted_url, "gpt-4o")
    [made] = printed["calls"]
    assert made["function"]["arguments"] == {"city": "Oslo"}
    assert printed["last"]["done_reason"] == "stop"
    assert printed["response"]["message"]["content"] == "It is cold."
    _, assistant, result = script.requests[1]["messages"]
    [sent] = assistant["tool_calls"]
    assert json.loads(sent["function"]["arguments"]) == {"city": "Oslo"}
    assert result["tool_call_id"] == sent["id"]
    assert result["content"] == "9 degrees in Oslo"

"""One answer of a backend → what it says."""

from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendRefused, BackendViolation
from ollama_openai_proxy.translator.response.parts import Text, Thinking
from ollama_openai_proxy.translator.response.reader import CompletionReader
from tests.fakes.transport import chunk, completion, usage
from tests.translator.answers import call, event, streamed, summary, whole


@pytest.mark.parametrize(
    ("reason", "done_reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("model_length", "length"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("content_filter", "stop"),
        ("eos", "stop"),
        ("eos_token", "stop"),
        ("stop_sequence", "stop"),
        (None, "stop"),
        ("anything else", "stop"),
    ],
)
def test_a_finish_reason_is_stop_or_length(reason: str | None, done_reason: str) -> None:
    turn = CompletionReader()
    streamed(chunk("Hi"), chunk(finish=reason), turn=turn)
    assert turn.done_reason == done_reason
    turn = CompletionReader()
    turn.receive_whole(
        whole({**completion(), "choices": [{"message": {}, "finish_reason": reason}]})
    )
    assert turn.done_reason == done_reason


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_a_reason_that_is_a_failure_is_raised(reason: str) -> None:
    with pytest.raises(BackendRefused):
        streamed(chunk("Hi"), chunk(finish=reason))


def test_a_filter_that_withheld_everything_is_an_error() -> None:
    with pytest.raises(BackendRefused):
        streamed(chunk(""), chunk(finish="content_filter"))


@pytest.mark.parametrize("nothing", [{}, {"content": ""}, {"content": None}], ids=repr)
def test_an_empty_delta_says_nothing(nothing: dict[str, Any]) -> None:
    document = chunk()
    document["choices"][0]["delta"] = {"role": "assistant", **nothing}
    assert streamed(document, chunk("Hi", finish="stop")) == [Text("Hi")]


@pytest.mark.parametrize(
    "document",
    [
        {
            "choices": [],
            "id": "",
            "model": "",
            "object": "",
            "created": 0,
            "prompt_filter_results": [],
        },
        {"choices": None, "usage": {"prompt_tokens": 1}},
        {"type": "ping"},
        {"choices": [{"index": 0}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        {"choices": [{"content_filter_results": {}, "delta": {}}], "obfuscation": "x"},
    ],
    ids=["Azure", "usage", "keep-alive", "no delta", "null", "filters"],
)
def test_an_event_without_a_choice_or_delta_says_nothing(document: dict[str, Any]) -> None:
    parts = streamed(document, chunk("Hi"), document, chunk(finish="stop"), document)
    assert parts == [Text("Hi")]


def test_a_delta_counts_before_the_reason_beside_it() -> None:
    assert streamed(chunk("Hi", finish="stop")) == [Text("Hi")]


def test_thoughts_come_before_the_text_of_one_delta() -> None:
    document = chunk("Hi", reasoning_content="hm")
    assert streamed(document, chunk(finish="stop")) == [Thinking("hm"), Text("Hi")]


def test_thoughts_are_dropped_where_none_are_wanted() -> None:
    turn = CompletionReader(thinking=False)
    parts = streamed(chunk(reasoning="hm"), chunk("Hi"), chunk(finish="stop"), turn=turn)
    assert parts == [Text("Hi")]


def test_thoughts_that_are_dropped_are_an_answer_nevertheless() -> None:
    turn = CompletionReader(thinking=False)
    assert streamed(chunk(reasoning="hm"), turn=turn) == []


def test_a_refusal_is_text() -> None:
    assert streamed(chunk(refusal="I cannot."), chunk(finish="stop")) == [Text("I cannot.")]
    parts = CompletionReader().receive_whole(whole(completion(None, refusal="I cannot.")))
    assert parts == [Text("I cannot.")]


def test_content_may_come_in_fragments() -> None:
    fragments = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "Hi"}]
    assert streamed(chunk(content=fragments), chunk(finish="stop")) == [  # type: ignore[arg-type]
        Thinking("hm"), Text("Hi"),
    ]  # fmt: skip


def test_calls_come_whole_once_the_answer_is_finished() -> None:
    turn = CompletionReader()
    assert turn.receive(event(chunk(tool_calls=[call(arguments='{"a"')]))) == []
    assert turn.receive(event(chunk(tool_calls=[call(id_="", name="", arguments=":1}")]))) == []
    parts = turn.receive(event(chunk(finish="tool_calls")))
    assert summary(parts) == ("", "", [("f", {"a": 1})])
    assert turn.close(done=True) == []


def test_calls_come_at_the_end_where_no_reason_is_given() -> None:
    parts = streamed(chunk("Wait."), chunk(tool_calls=[call()]))
    assert summary(parts) == ("Wait.", "", [("f", {})])


@pytest.mark.parametrize("empty", [[], None], ids=repr)
def test_an_empty_list_of_calls_is_none(empty: list[Any] | None) -> None:
    parts = streamed(chunk("Hi", tool_calls=empty), chunk(finish="tool_calls"))
    assert summary(parts) == ("Hi", "", [])


@pytest.mark.parametrize(
    ("documents", "prompt"),
    [
        ([chunk(finish="stop"), usage(7, 3)], 7),
        ([chunk(finish="stop", usage={"prompt_tokens": 7})], 7),
        ([usage(1, 1), usage(4, 2), chunk(finish="stop"), usage(7, 3)], 7),
        ([chunk(finish="stop"), usage(7, 3), {"choices": [], "usage": None}], 7),
        ([{**chunk(finish="stop"), "x_groq": {"usage": {"prompt_tokens": 7}}}], 7),
    ],
    ids=["OpenAI", "beside the reason", "every time", "null behind it", "Groq"],
)
def test_the_last_usage_counts(documents: list[dict[str, Any]], prompt: int) -> None:
    turn = CompletionReader()
    streamed(chunk("Hi"), *documents, turn=turn)
    assert turn.usage is not None
    assert turn.usage.prompt_tokens == prompt


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"error": {"message": "no", "type": "server_error", "param": None, "code": None}}, 502),
        ({**chunk(finish="error"), "error": {"code": 429, "message": "no"}}, 429),
        ({"error": {"message": "no", "code": 400, "object": "error"}}, 400),
        ({"error": {"message": "no", "http_status_code": 422}}, 400),
        ({"error": "no", "error_type": "generation"}, 502),
        ({"x_groq": {"error": "no"}}, 502),
        ({"error": {"message": "no", "code": "500"}}, 500),
        ({"choices": [{"delta": {}, "error": {"message": "no", "code": 503}}]}, 503),
    ],
    ids=["OpenAI", "OpenRouter", "SGLang", "TGI", "TGI's own", "Groq", "LiteLLM", "in the choice"],
)
def test_an_error_in_the_stream_is_raised(document: dict[str, Any], status: int) -> None:
    turn = CompletionReader()
    assert turn.receive(event(chunk("Hi"))) == [Text("Hi")]
    with pytest.raises(BackendRefused) as caught:
        turn.receive(event(document))
    assert (caught.value.message, caught.value.status) == ("no", status)


@pytest.mark.parametrize("error", [None, {}, "", False, 0], ids=repr)
def test_an_error_that_is_none_is_ignored(error: Any) -> None:
    assert streamed({**chunk("Hi"), "error": error}) == [Text("Hi")]


@pytest.mark.parametrize("done", [True, False])
def test_a_finish_reason_is_an_end_with_or_without_a_mark(done: bool) -> None:
    assert streamed(chunk("Hi", finish="stop"), done=done) == [Text("Hi")]


@pytest.mark.parametrize("documents", [[chunk("Hi")], [chunk(tool_calls=[call()])], []])
def test_a_stream_that_breaks_off_is_a_violation(documents: list[dict[str, Any]]) -> None:
    with pytest.raises(BackendViolation, match="closed the stream"):
        streamed(*documents, done=False)


@pytest.mark.parametrize("documents", [[], [chunk("", role="assistant")], [usage(1, 0)]])
def test_an_empty_stream_is_a_violation(documents: list[dict[str, Any]]) -> None:
    with pytest.raises(BackendViolation, match="empty stream"):
        streamed(*documents)


def test_an_answer_that_is_finished_may_be_empty() -> None:
    assert streamed(chunk(""), chunk(finish="stop")) == []


@pytest.mark.parametrize("choices", [None, []], ids=repr)
def test_a_whole_answer_has_a_choice(choices: list[Any] | None) -> None:
    with pytest.raises(BackendViolation):
        CompletionReader().receive_whole(whole({"choices": choices}))


def test_log_probabilities_stay_with_their_piece() -> None:
    document = chunk("Hi")
    document["choices"][0]["logprobs"] = {"content": [{"token": "Hi", "logprob": -0.5}]}
    [part] = streamed(document, chunk(finish="stop"))
    assert isinstance(part, Text)
    assert [(entry.token, entry.logprob) for entry in part.logprobs or []] == [("Hi", -0.5)]


def test_text_that_was_held_back_comes_before_the_calls() -> None:
    parts = streamed(chunk(" <", tool_calls=[call()]), chunk(finish="stop"))
    assert parts[0] == Text(" <")
    assert summary(parts) == (" <", "", [("f", {})])


def test_after_a_stop_of_ours_nothing_counts() -> None:
    turn = CompletionReader(stops=("END",))
    documents = [chunk("a END"), chunk("b", tool_calls=[call()]), chunk(finish="length")]
    assert streamed(*documents, done=False, turn=turn) == [Text("a ")]
    assert (turn.stopped, turn.done_reason) == (True, "stop")


def test_an_answer_of_thoughts_alone_is_one() -> None:
    assert streamed(chunk("<think>Hm.</think>")) == [Thinking("Hm.")]


def test_a_name_of_the_backends_becomes_the_functions_own() -> None:
    turn = CompletionReader(names={"fs_read": "fs.read"})
    parts = streamed(chunk(tool_calls=[call(name="fs_read")], finish="stop"), turn=turn)
    assert summary(parts)[2] == [("fs.read", {})]

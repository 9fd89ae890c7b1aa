"""Reading of one backend response, streamed or whole."""

from typing import Any

import pytest

from ollama_openai_proxy.errors import BackendRefused, BackendViolation
from ollama_openai_proxy.translator.response.parts import Text, Thinking
from ollama_openai_proxy.translator.response.reader import CompletionReader
from tests.fakes.transport import chunk, completion, usage
from tests.translator.completions import call, event, streamed, summary, whole


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
def test_finish_reasons_become_stop_or_length(reason: str | None, done_reason: str) -> None:
    reader = CompletionReader()
    streamed(chunk("Hi"), chunk(finish=reason), reader=reader)
    assert reader.done_reason == done_reason
    reader = CompletionReader()
    reader.receive_whole(
        whole({**completion(), "choices": [{"message": {}, "finish_reason": reason}]})
    )
    assert reader.done_reason == done_reason


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_a_finish_reason_that_means_failure_is_raised(reason: str) -> None:
    with pytest.raises(BackendRefused):
        streamed(chunk("Hi"), chunk(finish=reason))


def test_an_empty_response_with_content_filter_is_an_error() -> None:
    with pytest.raises(BackendRefused):
        streamed(chunk(""), chunk(finish="content_filter"))


@pytest.mark.parametrize("empty", [{}, {"content": ""}, {"content": None}], ids=repr)
def test_an_empty_delta_produces_no_part(empty: dict[str, Any]) -> None:
    document = chunk()
    document["choices"][0]["delta"] = {"role": "assistant", **empty}
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
def test_an_event_without_a_choice_or_delta_produces_no_part(document: dict[str, Any]) -> None:
    parts = streamed(document, chunk("Hi"), document, chunk(finish="stop"), document)
    assert parts == [Text("Hi")]


def test_a_delta_is_read_before_the_finish_reason_in_the_same_event() -> None:
    assert streamed(chunk("Hi", finish="stop")) == [Text("Hi")]


def test_reasoning_comes_before_the_text_of_the_same_delta() -> None:
    document = chunk("Hi", reasoning_content="hm")
    assert streamed(document, chunk(finish="stop")) == [Thinking("hm"), Text("Hi")]


def test_reasoning_is_dropped_if_thinking_is_off() -> None:
    reader = CompletionReader(thinking=False)
    parts = streamed(chunk(reasoning="hm"), chunk("Hi"), chunk(finish="stop"), reader=reader)
    assert parts == [Text("Hi")]


def test_dropped_reasoning_still_counts_as_a_response() -> None:
    reader = CompletionReader(thinking=False)
    assert streamed(chunk(reasoning="hm"), reader=reader) == []


def test_a_refusal_is_text() -> None:
    assert streamed(chunk(refusal="I cannot."), chunk(finish="stop")) == [Text("I cannot.")]
    parts = CompletionReader().receive_whole(whole(completion(None, refusal="I cannot.")))
    assert parts == [Text("I cannot.")]


def test_content_may_be_a_list_of_fragments() -> None:
    fragments = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "Hi"}]
    assert streamed(chunk(content=fragments), chunk(finish="stop")) == [  # type: ignore[arg-type]
        Thinking("hm"), Text("Hi"),
    ]  # fmt: skip


def test_calls_are_returned_whole_once_the_response_is_finished() -> None:
    reader = CompletionReader()
    assert reader.receive(event(chunk(tool_calls=[call(arguments='{"a"')]))) == []
    assert reader.receive(event(chunk(tool_calls=[call(id_="", name="", arguments=":1}")]))) == []
    parts = reader.receive(event(chunk(finish="tool_calls")))
    assert summary(parts) == ("", "", [("f", {"a": 1})])
    assert reader.close(done=True) == []


def test_calls_are_returned_at_the_end_without_a_finish_reason() -> None:
    parts = streamed(chunk("Wait."), chunk(tool_calls=[call()]))
    assert summary(parts) == ("Wait.", "", [("f", {})])


@pytest.mark.parametrize("empty", [[], None], ids=repr)
def test_an_empty_list_of_calls_is_ignored(empty: list[Any] | None) -> None:
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
    ids=["OpenAI", "with the finish reason", "every event", "null afterwards", "Groq"],
)
def test_the_last_usage_wins(documents: list[dict[str, Any]], prompt: int) -> None:
    reader = CompletionReader()
    streamed(chunk("Hi"), *documents, reader=reader)
    assert reader.usage is not None
    assert reader.usage.prompt_tokens == prompt


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
    ids=[
        "OpenAI",
        "OpenRouter",
        "SGLang",
        "TGI",
        "TGI, native",
        "Groq",
        "LiteLLM",
        "in the choice",
    ],
)
def test_an_error_in_the_stream_is_raised(document: dict[str, Any], status: int) -> None:
    reader = CompletionReader()
    assert reader.receive(event(chunk("Hi"))) == [Text("Hi")]
    with pytest.raises(BackendRefused) as caught:
        reader.receive(event(document))
    assert (caught.value.message, caught.value.status) == ("no", status)


@pytest.mark.parametrize("error", [None, {}, "", False, 0], ids=repr)
def test_an_empty_error_is_ignored(error: Any) -> None:
    assert streamed({**chunk("Hi"), "error": error}) == [Text("Hi")]


@pytest.mark.parametrize("done", [True, False])
def test_a_finish_reason_ends_the_stream_with_or_without_done(done: bool) -> None:
    assert streamed(chunk("Hi", finish="stop"), done=done) == [Text("Hi")]


@pytest.mark.parametrize("documents", [[chunk("Hi")], [chunk(tool_calls=[call()])], []])
def test_a_truncated_stream_is_a_violation(documents: list[dict[str, Any]]) -> None:
    with pytest.raises(BackendViolation, match="closed the stream"):
        streamed(*documents, done=False)


@pytest.mark.parametrize("documents", [[], [chunk("", role="assistant")], [usage(1, 0)]])
def test_an_empty_stream_is_a_violation(documents: list[dict[str, Any]]) -> None:
    with pytest.raises(BackendViolation, match="empty stream"):
        streamed(*documents)


def test_a_finished_response_may_be_empty() -> None:
    assert streamed(chunk(""), chunk(finish="stop")) == []


@pytest.mark.parametrize("choices", [None, []], ids=repr)
def test_a_whole_response_without_a_choice_is_a_violation(choices: list[Any] | None) -> None:
    with pytest.raises(BackendViolation):
        CompletionReader().receive_whole(whole({"choices": choices}))


def test_log_probabilities_stay_with_their_part() -> None:
    document = chunk("Hi")
    document["choices"][0]["logprobs"] = {"content": [{"token": "Hi", "logprob": -0.5}]}
    [part] = streamed(document, chunk(finish="stop"))
    assert isinstance(part, Text)
    assert [(entry.token, entry.logprob) for entry in part.logprobs or []] == [("Hi", -0.5)]


def test_buffered_text_comes_before_the_calls() -> None:
    parts = streamed(chunk(" <", tool_calls=[call()]), chunk(finish="stop"))
    assert parts[0] == Text(" <")
    assert summary(parts) == (" <", "", [("f", {})])


def test_events_after_a_detected_stop_are_ignored() -> None:
    reader = CompletionReader(stops=("END",))
    documents = [chunk("a END"), chunk("b", tool_calls=[call()]), chunk(finish="length")]
    assert streamed(*documents, done=False, reader=reader) == [Text("a ")]
    assert (reader.stopped, reader.done_reason) == (True, "stop")


def test_a_response_may_be_reasoning_only() -> None:
    assert streamed(chunk("<think>Hm.</think>")) == [Thinking("Hm.")]


def test_replaced_function_names_are_restored() -> None:
    reader = CompletionReader(names={"fs_read": "fs.read"})
    parts = streamed(chunk(tool_calls=[call(name="fs_read")], finish="stop"), reader=reader)
    assert summary(parts)[2] == [("fs.read", {})]

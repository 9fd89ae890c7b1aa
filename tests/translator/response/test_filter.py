"""Splitting of reasoning from text, and detection of stop sequences, in response parts."""

from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.filter import OutputFilter
from ollama_openai_proxy.translator.response.parts import Part, Text, Thinking
from ollama_openai_proxy.translator.response.stop_sequences import StopScanner
from ollama_openai_proxy.translator.response.think_tags import TagSplitter


def entry(token: str) -> openai.ChatCompletionTokenLogprob:
    return openai.ChatCompletionTokenLogprob(token=token, logprob=-1.0)


def filtered(output_filter: OutputFilter, *parts: Part) -> list[Part]:
    return [
        passed for part in parts for passed in output_filter.receive([part])
    ] + output_filter.close()


def test_text_in_think_tags_becomes_thinking() -> None:
    output_filter = OutputFilter(TagSplitter(), None)
    parts = filtered(output_filter, Text("<thi"), Text("nk>Hm."), Text("</think>"), Text("\n\nHi"))
    assert parts == [Thinking("Hm."), Text("Hi")]
    assert output_filter.passing


def test_thinking_and_calls_pass_unchanged() -> None:
    call = ollama.ToolCall(
        id="x", index=0, function=ollama.ToolCallFunction(index=0, name="f", arguments={})
    )
    output_filter = OutputFilter(TagSplitter(), StopScanner(("x",)))
    assert filtered(output_filter, Thinking("x"), call) == [Thinking("x"), call]
    assert not output_filter.passing


def test_stops_apply_to_text_and_not_to_reasoning() -> None:
    output_filter = OutputFilter(TagSplitter(), StopScanner(("END",)))
    parts = filtered(
        output_filter, Text("<think>END</think>a E"), Text("ND b"), Text("c"), Thinking("d")
    )
    assert parts == [Thinking("END"), Text("a ")]
    assert output_filter.stopped


def test_log_probabilities_of_buffered_text_are_sent_with_the_next_part() -> None:
    output_filter = OutputFilter(TagSplitter(), None)
    buffered, next_ = Text("<", [entry("<")]), Text("b>", [entry("b"), entry(">")])
    assert filtered(output_filter, buffered, next_) == [
        Text("<b>", [entry("<"), entry("b"), entry(">")])
    ]
    output_filter = OutputFilter(TagSplitter(), None)
    assert filtered(output_filter, Text("<think>", [entry("<think>")])) == [
        Text("", [entry("<think>")])
    ]

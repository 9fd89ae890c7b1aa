"""Pieces of an answer, through what tells thoughts apart and ends it."""

from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.translator.response.filter import OutputFilter
from ollama_openai_proxy.translator.response.parts import Part, Text, Thinking
from ollama_openai_proxy.translator.response.stop_sequences import StopScanner
from ollama_openai_proxy.translator.response.think_tags import TagSplitter


def entry(token: str) -> openai.ChatCompletionTokenLogprob:
    return openai.ChatCompletionTokenLogprob(token=token, logprob=-1.0)


def sifted(sieve: OutputFilter, *parts: Part) -> list[Part]:
    return [given for part in parts for given in sieve.receive([part])] + sieve.close()


def test_a_thought_in_tags_is_thinking() -> None:
    sieve = OutputFilter(TagSplitter(), None)
    parts = sifted(sieve, Text("<thi"), Text("nk>Hm."), Text("</think>"), Text("\n\nHi"))
    assert parts == [Thinking("Hm."), Text("Hi")]
    assert sieve.passing


def test_what_is_no_text_passes() -> None:
    call = ollama.ToolCall(
        id="x", index=0, function=ollama.ToolCallFunction(index=0, name="f", arguments={})
    )
    sieve = OutputFilter(TagSplitter(), StopScanner(("x",)))
    assert sifted(sieve, Thinking("x"), call) == [Thinking("x"), call]
    assert not sieve.passing


def test_a_stop_counts_in_the_text_and_not_in_the_thoughts() -> None:
    sieve = OutputFilter(TagSplitter(), StopScanner(("END",)))
    parts = sifted(sieve, Text("<think>END</think>a E"), Text("ND b"), Text("c"), Thinking("d"))
    assert parts == [Thinking("END"), Text("a ")]
    assert sieve.stopped


def test_log_probabilities_of_what_was_held_go_with_what_comes_next() -> None:
    sieve = OutputFilter(TagSplitter(), None)
    held, next_ = Text("<", [entry("<")]), Text("b>", [entry("b"), entry(">")])
    assert sifted(sieve, held, next_) == [Text("<b>", [entry("<"), entry("b"), entry(">")])]
    sieve = OutputFilter(TagSplitter(), None)
    assert sifted(sieve, Text("<think>", [entry("<think>")])) == [Text("", [entry("<think>")])]

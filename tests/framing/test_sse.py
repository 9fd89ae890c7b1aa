"""Parsing of server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BackendViolation
from ollama_openai_proxy.framing.sse import Event, SSEDecoder


def read(*chunks: bytes) -> list[Event]:
    decoder = SSEDecoder()
    events = [event for chunk in chunks for event in decoder.receive(chunk)]
    return events + decoder.close()


def data_of(*chunks: bytes) -> list[bytes]:
    return [event.data for event in read(*chunks)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_lines_may_end_with_lf_crlf_or_cr(end: bytes) -> None:
    assert data_of(b"data: a" + end * 2 + b"data: b" + end * 2) == [b"a", b"b"]


def test_a_crlf_may_straddle_two_reads() -> None:
    assert data_of(b"data: a\r", b"\n\r", b"\ndata: b\r", b"", b"\n\r\n") == [b"a", b"b"]


def test_a_character_may_straddle_two_reads() -> None:
    whole = "data: ü\n\n".encode()
    assert data_of(whole[:7], whole[7:]) == ["ü".encode()]


@pytest.mark.parametrize(
    "comment",
    [b": OPENROUTER PROCESSING", b": keep-alive", b":", b":HTTP_STATUS/429", b": data: x"],
)
def test_comments_are_ignored(comment: bytes) -> None:
    assert data_of(comment + b"\n\ndata: a\n" + comment + b"\n\n" + comment + b"\n\n") == [b"a"]


@pytest.mark.parametrize(
    ("line", "data"),
    [(b"data:{}", b"{}"), (b"data: {}", b"{}"), (b"data:  {}", b" {}"), (b"data: a:b", b"a:b")],
    ids=["no space", "one space", "two spaces", "another colon"],
)
def test_one_space_after_the_colon_is_removed(line: bytes, data: bytes) -> None:
    assert data_of(line + b"\n\n") == [data]


def test_the_data_lines_of_one_event_are_joined() -> None:
    assert data_of(b'data: {"a":\ndata: 1}\n\n') == [b'{"a":\n1}']


def test_a_blank_line_ends_an_event() -> None:
    decoder = SSEDecoder()
    assert decoder.receive(b"data: a\n") == []
    assert decoder.receive(b"\n") == [Event(b"a", False)]


@pytest.mark.parametrize("rest", [b"data: b", b"data: b\n", b"data: b\r", b"data: b\n\n"])
def test_the_last_event_needs_no_blank_line(rest: bytes) -> None:
    assert data_of(b"data: a\n\n" + rest) == [b"a", b"b"]


def test_events_may_be_separated_by_a_single_newline() -> None:
    assert data_of(b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n') == [
        b'{"a":1}', b'{"b":2}', b"[DONE]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", [b'{"a":"\xff"}', b"[" * 200_000 + b"]" * 200_000], ids=["not UTF-8", "too deep"]
)
def test_an_unparsable_line_is_joined_with_the_next(line: bytes) -> None:
    assert data_of(b"data: " + line + b"\ndata: b\n\n") == [line + b"\nb"]


@pytest.mark.parametrize(
    "text",
    [b"event: error\ndata: {}\n\n", b"event:error\ndata:{}\n\n", b"data: {}\nevent: error\n\n"],
    ids=["before the data", "without spaces", "after the data"],
)
def test_an_error_event_is_marked(text: bytes) -> None:
    assert read(text + b"data: a\n\n") == [Event(b"{}", True), Event(b"a", False)]


def test_other_fields_are_ignored() -> None:
    text = b"id: 7\nretry: 3000\nevent: message\ndata: a\n\n"
    assert read(text) == [Event(b"a", False)]


def test_a_field_called_error_is_an_error_event() -> None:
    assert read(b'error: {"message":"no"}\n\n') == [Event(b'{"message":"no"}', True)]


def test_a_byte_order_mark_is_removed() -> None:
    assert data_of(b"\xef\xbb", b"\xbfdata: a\n\n") == [b"a"]
    assert data_of(b"\xef\xbb\xbfdata: a") == [b"a"]


def test_a_byte_order_mark_is_removed_only_at_the_start() -> None:
    assert data_of(b"data: a\n\n\xef\xbb\xbfdata: b\n\n") == [b"a"]


@pytest.mark.parametrize("line", [b"data:", b"data: ", b"data: \t ", b"data"])
def test_an_event_without_data_is_ignored(line: bytes) -> None:
    assert data_of(line + b"\n\ndata: a\n\n") == [b"a"]


@pytest.mark.parametrize(
    "body",
    [b'{"error": "no"}', b'\n\n{\n  "id": "x",\n  "choices": []\n}', b"<html>\n<h1>502</h1>\n"],
    ids=["JSON", "JSON on several lines", "HTML"],
)
def test_a_body_that_is_not_a_stream_is_kept(body: bytes) -> None:
    decoder = SSEDecoder()
    assert decoder.receive(body) + decoder.close() == []
    assert decoder.stray == body.strip()


@pytest.mark.parametrize(
    "chunks",
    [[b"data: ", b"x" * 60, b"x" * 60], [b"data: x\n" * 200], [b"<p>\n" * 200]],
    ids=["one line", "many lines", "stray lines"],
)
def test_an_event_that_is_too_large_is_a_violation(chunks: list[bytes]) -> None:
    decoder = SSEDecoder(largest=100)
    with pytest.raises(BackendViolation):
        [decoder.receive(chunk) for chunk in chunks]


def test_a_stream_may_be_longer_than_the_largest_event() -> None:
    decoder = SSEDecoder(largest=100)
    assert (
        len([e for _ in range(300) for e in decoder.receive(b"data: {\ndata: }\n\n: ping\n")])
        == 300
    )


ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
COMMENTS = st.sampled_from([b"", b":", b": ping", b":data: x"])
DATA = st.binary(min_size=1, max_size=12).filter(
    lambda data: not {*b"\r\n"} & {*data} and bool(data.strip())
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream with mixed line endings and comments, and the data of its events."""
    events = draw(st.lists(DATA, max_size=5))
    text = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for data in events:
        comment = draw(COMMENTS)
        lines = [comment, b"data: " + data, b""] if comment else [b"data: " + data, b""]
        for line in lines:
            # A CR followed by the LF of the next line would be one line ending, not two.
            end = draw(ENDS) if line or not text.endswith(b"\r") else b"\r"
            text += line + end
    return text, events


@given(streams(), st.lists(st.integers(0, 120), max_size=12))
@settings(max_examples=200)
def test_the_events_do_not_depend_on_how_the_bytes_are_split(
    stream: tuple[bytes, list[bytes]], cuts: list[int]
) -> None:
    text, events = stream
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[start:end] for start, end in pairwise(places)]
    assert data_of(*chunks) == events
    assert data_of(*[text[at : at + 1] for at in range(len(text))]) == events


@given(st.text('data: {}[DONE]\r\nerror:evnt\ufeff"1,', max_size=60).map(str.encode))
@settings(max_examples=200)
def test_any_bytes_produce_the_same_events_whole_and_byte_by_byte(text: bytes) -> None:
    whole, cut = SSEDecoder(), SSEDecoder()
    events = whole.receive(text) + whole.close()
    chunks = [event for at in range(len(text)) for event in cut.receive(text[at : at + 1])]
    assert chunks + cut.close() == events
    assert cut.stray == whole.stray

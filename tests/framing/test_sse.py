"""Bytes → server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BackendViolation
from ollama_openai_proxy.framing.sse import Event, SSEDecoder


def read(*pieces: bytes) -> list[Event]:
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.receive(piece)]
    return events + decoder.close()


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in read(*pieces)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_a_line_ends_in_any_of_three_ways(end: bytes) -> None:
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
def test_a_comment_is_no_data(comment: bytes) -> None:
    assert data_of(comment + b"\n\ndata: a\n" + comment + b"\n\n" + comment + b"\n\n") == [b"a"]


@pytest.mark.parametrize(
    ("line", "data"),
    [(b"data:{}", b"{}"), (b"data: {}", b"{}"), (b"data:  {}", b" {}"), (b"data: a:b", b"a:b")],
    ids=["no space", "one space", "two spaces", "another colon"],
)
def test_one_space_behind_the_colon_is_not_data(line: bytes, data: bytes) -> None:
    assert data_of(line + b"\n\n") == [data]


def test_the_data_lines_of_one_event_are_joined() -> None:
    assert data_of(b'data: {"a":\ndata: 1}\n\n') == [b'{"a":\n1}']


def test_a_blank_line_ends_an_event() -> None:
    decoder = SSEDecoder()
    assert decoder.receive(b"data: a\n") == []
    assert decoder.receive(b"\n") == [Event(b"a", False)]


@pytest.mark.parametrize("rest", [b"data: b", b"data: b\n", b"data: b\r", b"data: b\n\n"])
def test_a_last_event_counts_without_its_blank_line(rest: bytes) -> None:
    assert data_of(b"data: a\n\n" + rest) == [b"a", b"b"]


def test_events_may_be_parted_by_a_single_newline() -> None:
    assert data_of(b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n') == [
        b'{"a":1}', b'{"b":2}', b"[DONE]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", [b'{"a":"\xff"}', b"[" * 200_000 + b"]" * 200_000], ids=["text", "depth"]
)
def test_what_cannot_be_read_is_no_whole_event(line: bytes) -> None:
    assert data_of(b"data: " + line + b"\ndata: b\n\n") == [line + b"\nb"]


@pytest.mark.parametrize(
    "text",
    [b"event: error\ndata: {}\n\n", b"event:error\ndata:{}\n\n", b"data: {}\nevent: error\n\n"],
    ids=["before the data", "without spaces", "behind the data"],
)
def test_an_error_event_is_marked(text: bytes) -> None:
    assert read(text + b"data: a\n\n") == [Event(b"{}", True), Event(b"a", False)]


def test_other_fields_are_ignored() -> None:
    text = b"id: 7\nretry: 3000\nevent: message\ndata: a\n\n"
    assert read(text) == [Event(b"a", False)]


def test_a_field_called_error_is_an_error_event() -> None:
    assert read(b'error: {"message":"no"}\n\n') == [Event(b'{"message":"no"}', True)]


def test_a_byte_order_mark_is_no_text() -> None:
    assert data_of(b"\xef\xbb", b"\xbfdata: a\n\n") == [b"a"]
    assert data_of(b"\xef\xbb\xbfdata: a") == [b"a"]


def test_a_byte_order_mark_counts_at_the_start_only() -> None:
    assert data_of(b"data: a\n\n\xef\xbb\xbfdata: b\n\n") == [b"a"]


@pytest.mark.parametrize("line", [b"data:", b"data: ", b"data: \t ", b"data"])
def test_an_event_without_data_is_none(line: bytes) -> None:
    assert data_of(line + b"\n\ndata: a\n\n") == [b"a"]


@pytest.mark.parametrize(
    "body",
    [b'{"error": "no"}', b'\n\n{\n  "id": "x",\n  "choices": []\n}', b"<html>\n<h1>502</h1>\n"],
    ids=["JSON", "JSON in lines", "a page"],
)
def test_a_body_that_is_no_stream_is_kept(body: bytes) -> None:
    decoder = SSEDecoder()
    assert decoder.receive(body) + decoder.close() == []
    assert decoder.stray == body.strip()


@pytest.mark.parametrize(
    "pieces",
    [[b"data: ", b"x" * 60, b"x" * 60], [b"data: x\n" * 200], [b"<p>\n" * 200]],
    ids=["one line", "many lines", "stray lines"],
)
def test_an_event_that_grows_without_end_is_given_up(pieces: list[bytes]) -> None:
    decoder = SSEDecoder(largest=100)
    with pytest.raises(BackendViolation):
        [decoder.receive(piece) for piece in pieces]


def test_a_stream_of_many_events_may_be_longer_than_the_largest() -> None:
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
    """A stream, its line ends mixed and comments in between, and the data of its events."""
    events = draw(st.lists(DATA, max_size=5))
    text = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for data in events:
        comment = draw(COMMENTS)
        lines = [comment, b"data: " + data, b""] if comment else [b"data: " + data, b""]
        for line in lines:
            # A CR before an LF of the next line would be one end, not two.
            end = draw(ENDS) if line or not text.endswith(b"\r") else b"\r"
            text += line + end
    return text, events


@given(streams(), st.lists(st.integers(0, 120), max_size=12))
@settings(max_examples=200)
def test_where_the_bytes_are_cut_does_not_matter(
    stream: tuple[bytes, list[bytes]], cuts: list[int]
) -> None:
    text, events = stream
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert data_of(*pieces) == events
    assert data_of(*[text[at : at + 1] for at in range(len(text))]) == events


@given(st.text('data: {}[DONE]\r\nerror:evnt\ufeff"1,', max_size=60).map(str.encode))
@settings(max_examples=200)
def test_any_bytes_say_the_same_whole_and_one_by_one(text: bytes) -> None:
    whole, cut = SSEDecoder(), SSEDecoder()
    events = whole.receive(text) + whole.close()
    pieces = [event for at in range(len(text)) for event in cut.receive(text[at : at + 1])]
    assert pieces + cut.close() == events
    assert cut.stray == whole.stray

"""Conversion of images and audio."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.errors import BadRequest
from ollama_openai_proxy.translator.request.images import openai_media
from tests.fakes.specification import complaints


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"not an image", "image/jpeg"),
        (b"", "image/jpeg"),
    ],
    ids=["PNG", "JPEG", "GIF", "WebP", "unknown", "empty"],
)
def test_the_media_type_is_detected_from_the_first_bytes(head: bytes, media_type: str) -> None:
    data = b64encode(head).decode()
    url = f"data:{media_type};base64,{data}"
    assert openai_media(data) == openai.ImagePart(image_url=openai.ImageURL(url=url))


@pytest.mark.parametrize(
    ("head", "format_"),
    [(b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"), (b"ID3\x04", "mp3"), (b"\xff\xfb\x90\x00", "mp3")],
    ids=["WAV", "MP3 with a tag", "MP3"],
)
def test_audio_becomes_an_audio_part(head: bytes, format_: str) -> None:
    part = openai_media(b64encode(head).decode())
    assert isinstance(part, openai.AudioPart)
    assert part.input_audio.format == format_


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        ("data:image/png;base64,aGk=", 4),
        ("aGkd\nd:GkA", 6),
        ("-_8=", 0),
        ("aé==", 1),
        ("aGk=aGk=", 3),
    ],
    ids=["a data URL", "after a newline", "the URL alphabet", "not ASCII", "padding in the middle"],
)
def test_invalid_base64_is_rejected_with_its_offset(data: str, offset: int) -> None:
    with pytest.raises(BadRequest) as caught:
        openai_media(data)
    assert caught.value.message == f"illegal base64 data at input byte {offset}"


@pytest.mark.parametrize(
    "data", ["aGk", "a", "a==="], ids=["no padding", "one character", "too much padding"]
)
def test_incomplete_base64_is_rejected(data: str) -> None:
    with pytest.raises(BadRequest, match=r"^illegal base64 data at input byte [0-9]+$"):
        openai_media(data)


@given(st.binary(max_size=40), st.sampled_from(["", "\n", "\r\n"]))
@settings(max_examples=100)
def test_any_bytes_are_forwarded_unchanged(content: bytes, newline: str) -> None:
    data = b64encode(content).decode()
    part = openai_media(newline.join([data[:5], data[5:]]))
    sent = part.input_audio.data if isinstance(part, openai.AudioPart) else part.image_url.url
    assert sent.rpartition(",")[2] == data


@given(st.text(max_size=20))
@settings(max_examples=100)
def test_any_string_is_a_part_or_a_bad_request(data: str) -> None:
    with suppress(BadRequest):
        assert not complaints("openai.yaml", "ContentPart", openai_media(data))

"""Images and audio: plain base64 in Ollama's API, typed content parts in OpenAI's."""

import binascii
import re

from ollama_openai_proxy_models import openai

from ...errors import BadRequest

# Magic number → media type
_IMAGE_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_FALLBACK = "image/jpeg"  # as in Ollama (llm/llama_server.go)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/\r\n]")


def openai_media(data: str) -> openai.ImagePart | openai.AudioPart:
    """The content part for one entry of `images`.

    The media type is detected from the decoded data. Raises BadRequest, with Ollama's message, for
    invalid base64.
    """
    head = _decoded(data)[:16]
    data = _joined(data)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return openai.AudioPart(input_audio=openai.InputAudio(data=data, format="wav"))
    if head[:3] == b"ID3" or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return openai.AudioPart(input_audio=openai.InputAudio(data=data, format="mp3"))
    url = f"data:{_media_type(head)};base64,{data}"
    return openai.ImagePart(image_url=openai.ImageURL(url=url))


def _media_type(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _IMAGE_TYPES if head.startswith(magic)), _FALLBACK)


def _joined(data: str) -> str:
    """`data` without line breaks, which are the only characters that Go's decoder ignores."""
    return data.replace("\r", "").replace("\n", "")


def _decoded(data: str) -> bytes:
    try:
        return binascii.a2b_base64(_joined(data), strict_mode=True)
    except ValueError:
        pass
    invalid = _NOT_BASE64.search(data)
    at = invalid.start() if invalid else len(data)
    raise BadRequest(f"illegal base64 data at input byte {at}")

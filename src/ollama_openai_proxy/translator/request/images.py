"""Pictures and sounds: bare base64 in Ollama, typed parts in OpenAI."""

import binascii
import re

from ollama_openai_proxy_models import openai

from ...errors import BadRequest

# First bytes → media type
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_FALLBACK = "image/jpeg"  # Ollama's own (llm/llama_server.go)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/\r\n]")


def openai_media(data: str) -> openai.ImagePart | openai.AudioPart:
    """The part for one entry of `images`. Raises BadRequest as Ollama does for broken base64."""
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
    return next((kind for magic, kind in _PICTURES if head.startswith(magic)), _FALLBACK)


def _joined(data: str) -> str:
    """`data` in one line: Go's decoder skips line ends, but nothing else."""
    return data.replace("\r", "").replace("\n", "")


def _decoded(data: str) -> bytes:
    try:
        return binascii.a2b_base64(_joined(data), strict_mode=True)
    except ValueError:
        pass
    wrong = _NOT_BASE64.search(data)
    at = wrong.start() if wrong else len(data)
    raise BadRequest(f"illegal base64 data at input byte {at}")

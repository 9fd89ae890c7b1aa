"""The backend request that `_debug_render_only` returns as text."""

import msgspec
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.debug_render import rendered


def test_the_rendered_template_is_the_backend_request() -> None:
    request = openai.CreateCompletionRequest(model="m", prompt="hi", max_tokens=5)
    info = rendered(request)
    document = msgspec.json.decode(info.rendered_template)
    assert document == {"model": "m", "prompt": "hi", "max_tokens": 5}
    assert info.image_count is msgspec.UNSET


def test_images_are_counted() -> None:
    image = openai.ImagePart(image_url=openai.ImageURL(url="data:image/png;base64,"))
    audio = openai.AudioPart(input_audio=openai.InputAudio(data="", format="wav"))
    message = openai.UserMessage(content=[openai.TextPart(text="hi"), image, audio, image])
    request = openai.CreateChatCompletionRequest(model="m", messages=[message])
    assert rendered(request).image_count == 2

"""What would be sent to the backend, for a person to read."""

import msgspec
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.translator.debug_render import rendered


def test_the_request_is_shown_as_it_would_be_sent() -> None:
    request = openai.CreateCompletionRequest(model="m", prompt="hi", max_tokens=5)
    info = rendered(request)
    shown = msgspec.json.decode(info.rendered_template)
    assert shown == {"model": "m", "prompt": "hi", "max_tokens": 5}
    assert info.image_count is msgspec.UNSET


def test_pictures_are_counted() -> None:
    picture = openai.ImagePart(image_url=openai.ImageURL(url="data:image/png;base64,"))
    sound = openai.AudioPart(input_audio=openai.InputAudio(data="", format="wav"))
    message = openai.UserMessage(content=[openai.TextPart(text="hi"), picture, sound, picture])
    request = openai.CreateChatCompletionRequest(model="m", messages=[message])
    assert rendered(request).image_count == 2

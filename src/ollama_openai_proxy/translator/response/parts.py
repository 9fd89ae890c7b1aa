"""What an answer is made of."""

import msgspec
from ollama_openai_proxy_models import ollama, openai

type Logprobs = list[openai.ChatCompletionTokenLogprob] | None


class Text(msgspec.Struct, frozen=True, gc=False):
    """A piece of the answer itself."""

    text: str
    logprobs: Logprobs = None


class Thinking(msgspec.Struct, frozen=True, gc=False):
    """A piece of what the model thinks before it answers."""

    text: str
    logprobs: Logprobs = None


type Part = Text | Thinking | ollama.ToolCall

"""The parts of a response: text, reasoning and tool calls."""

import msgspec
from ollama_openai_proxy_models import ollama, openai

type Logprobs = list[openai.ChatCompletionTokenLogprob] | None


class Text(msgspec.Struct, frozen=True, gc=False):
    """A piece of the response text, which may be empty if it only carries log probabilities."""

    text: str
    logprobs: Logprobs = None


class Thinking(msgspec.Struct, frozen=True, gc=False):
    """A piece of the model's reasoning."""

    text: str
    logprobs: Logprobs = None


type Part = Text | Thinking | ollama.ToolCall

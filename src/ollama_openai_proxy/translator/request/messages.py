"""Translation of Ollama's chat messages and generate prompts to OpenAI's chat messages."""

from collections.abc import Iterable, Mapping

from ollama_openai_proxy_models import ollama, openai

from . import images, tools
from .tool_names import NO_NAMES

type Message = openai.ChatCompletionRequestMessage

# The user message that replaces a tool result without a matching call.
_ORPHAN = "Result of {name}: {content}"


def openai_messages(
    messages: Iterable[ollama.Message], plain: Mapping[str, str] = NO_NAMES
) -> list[Message]:
    """The conversation for the backend.

    `plain` maps function names to those that are sent instead. Each tool call is followed by its
    result, and both have the same ID, as OpenAI requires. A call without a result gets an empty
    result, and a result without a call becomes a user message, because OpenAI rejects unmatched
    calls and results. Raises BadRequest for invalid base64.
    """
    conversation = _Conversation(plain)
    for message in messages:
        conversation.add(message)
    return conversation.close()


def prompt_to_openai(
    prompt: str, media: list[str] | None, system: str, exchanges: Iterable[tuple[str, str]] = ()
) -> list[Message]:
    """The conversation for a generate request.

    `exchanges` are the earlier (prompt, response) pairs. `media` are base64 images or audio. Raises
    BadRequest for invalid base64.
    """
    conversation: list[Message] = [openai.SystemMessage(content=system)] if system else []
    for earlier_prompt, response in exchanges:
        conversation.append(openai.UserMessage(content=earlier_prompt))
        conversation.append(openai.AssistantMessage(content=response))
    conversation.append(_user(prompt, media))
    return conversation


class _Conversation:
    """The translated messages so far, and the tool calls that have no result yet."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self._messages: list[Message] = []
        self._pairing = tools.Pairing(plain)
        # User messages that follow the current run of tool results.
        self._deferred: list[Message] = []

    def add(self, message: ollama.Message) -> None:
        role = (message.role or "user").lower()
        if role == "tool":
            self._add_result(message)
            return
        self._end_results()
        if role == "assistant":
            self._add_assistant(message)
        elif role in ("system", "developer"):
            self._messages.append(openai.SystemMessage(content=message.content or ""))
            self._add_media(message)
        else:
            self._messages.append(_user(message.content or "", message.images))

    def close(self) -> list[Message]:
        self._end_results()
        return self._messages

    def _add_assistant(self, message: ollama.Message) -> None:
        calls = self._pairing.open(message.tool_calls or [])
        if calls:
            self._messages.append(
                openai.AssistantMessage(content=message.content or None, tool_calls=calls)
            )
        else:
            self._messages.append(openai.AssistantMessage(content=message.content or ""))
        self._add_media(message)

    def _add_result(self, message: ollama.Message) -> None:
        content = message.content or ""
        id_ = self._pairing.answer(message.tool_call_id, message.tool_name)
        if id_ is not None:
            self._messages.append(openai.ToolMessage(content=content, tool_call_id=id_))
        else:
            text = _ORPHAN.format(name=message.tool_name or "a tool", content=content)
            self._deferred.append(openai.UserMessage(content=text))
        self._add_media(message)

    def _add_media(self, message: ollama.Message) -> None:
        """Add the images of another role as a user message.

        OpenAI's API accepts images in user messages only.
        """
        if message.images:
            self._deferred.append(_user("", message.images))

    def _end_results(self) -> None:
        """End the run of tool results, so that a message of another role can follow."""
        for id_ in self._pairing.unanswered():
            self._messages.append(openai.ToolMessage(content="", tool_call_id=id_))
        self._messages += self._deferred
        self._deferred.clear()


def _user(text: str, media: list[str] | None) -> openai.UserMessage:
    if not media:
        return openai.UserMessage(content=text)
    parts: list[openai.ContentPart] = [openai.TextPart(text=text)] if text else []
    return openai.UserMessage(content=parts + [images.openai_media(data) for data in media])

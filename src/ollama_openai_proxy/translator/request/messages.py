"""Ollama's messages → OpenAI's."""

from collections.abc import Iterable, Mapping

from ollama_openai_proxy_models import ollama, openai

from . import images, tools
from .tool_names import NO_NAMES

type Message = openai.ChatCompletionRequestMessage

_ORPHAN = "Result of {name}: {content}"


def openai_messages(
    messages: Iterable[ollama.Message], plain: Mapping[str, str] = NO_NAMES
) -> list[Message]:
    """The conversation for the backend; functions go by their `plain` names where they have one.

    Every call is followed by its results, in OpenAI's order, with an id in both; a call without a
    result gets an empty one, and a result without a call becomes a user's message: OpenAI refuses
    dangling ones. Raises BadRequest for broken base64.
    """
    conversation = _Conversation(plain)
    for message in messages:
        conversation.add(message)
    return conversation.close()


def prompt_to_openai(
    prompt: str, pictures: list[str] | None, system: str, exchanges: Iterable[tuple[str, str]] = ()
) -> list[Message]:
    """The conversation that a generate request means; `exchanges` are what was said before."""
    conversation: list[Message] = [openai.SystemMessage(content=system)] if system else []
    for asked, answered in exchanges:
        conversation.append(openai.UserMessage(content=asked))
        conversation.append(openai.AssistantMessage(content=answered))
    conversation.append(_user(prompt, pictures))
    return conversation


class _Conversation:
    """Messages so far, and the calls that wait for their results."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self._messages: list[Message] = []
        self._pairing = tools.Pairing(plain)
        self._later: list[Message] = []

    def add(self, message: ollama.Message) -> None:
        role = (message.role or "user").lower()
        if role == "tool":
            self._add_result(message)
            return
        self._settle()
        if role == "assistant":
            self._add_assistant(message)
        elif role in ("system", "developer"):
            self._messages.append(openai.SystemMessage(content=message.content or ""))
            self._add_pictures(message)
        else:
            self._messages.append(_user(message.content or "", message.images))

    def close(self) -> list[Message]:
        self._settle()
        return self._messages

    def _add_assistant(self, message: ollama.Message) -> None:
        calls = self._pairing.open(message.tool_calls or [])
        if calls:
            self._messages.append(
                openai.AssistantMessage(content=message.content or None, tool_calls=calls)
            )
        else:
            self._messages.append(openai.AssistantMessage(content=message.content or ""))
        self._add_pictures(message)

    def _add_result(self, message: ollama.Message) -> None:
        content = message.content or ""
        id_ = self._pairing.answer(message.tool_call_id, message.tool_name)
        if id_ is not None:
            self._messages.append(openai.ToolMessage(content=content, tool_call_id=id_))
        else:
            text = _ORPHAN.format(name=message.tool_name or "a tool", content=content)
            self._later.append(openai.UserMessage(content=text))
        self._add_pictures(message)

    def _add_pictures(self, message: ollama.Message) -> None:
        """Only a user may show pictures in OpenAI's API: another role's follow as a user's."""
        if message.images:
            self._later.append(_user("", message.images))

    def _settle(self) -> None:
        """End the run of results, so that something else may follow."""
        for id_ in self._pairing.unanswered():
            self._messages.append(openai.ToolMessage(content="", tool_call_id=id_))
        self._messages += self._later
        self._later.clear()


def _user(text: str, pictures: list[str] | None) -> openai.UserMessage:
    if not pictures:
        return openai.UserMessage(content=text)
    parts: list[openai.ContentPart] = [openai.TextPart(text=text)] if text else []
    return openai.UserMessage(content=parts + [images.openai_media(data) for data in pictures])

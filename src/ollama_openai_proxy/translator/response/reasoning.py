"""Extraction of the reasoning from a backend's delta or message."""

from typing import Any

from ollama_openai_proxy_models import openai


def reasoning_in(delta: openai.ChatCompletionStreamDelta | openai.ChatCompletionMessage) -> str:
    """The reasoning in one delta or message, or "" if there is none.

    Backends use different fields. Some send the same text in several of them, so only the first
    field with a value is read.
    """
    if delta.reasoning_content:
        return delta.reasoning_content
    if delta.reasoning:
        return _reasoning_text(delta.reasoning)
    if delta.reasoning_details:
        return "".join([part.text or part.summary or "" for part in delta.reasoning_details])
    return ""


def _reasoning_text(reasoning: Any) -> str:
    if isinstance(reasoning, dict):
        reasoning = reasoning.get("content") or reasoning.get("summary")
    return reasoning if isinstance(reasoning, str) else ""


def split_fragments(fragments: list[openai.ContentFragment]) -> tuple[str, str]:
    """Split Mistral's content array into (reasoning, text)."""
    thinking, text = [], []
    for fragment in fragments:
        if fragment.type == "thinking":
            thinking.append(_nested_text(fragment.thinking))
        elif fragment.text:
            text.append(fragment.text)
    return "".join(thinking), "".join(text)


def _nested_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join([_nested_text(part) for part in value])
    if isinstance(value, dict):
        return _nested_text(value.get("text"))
    return ""

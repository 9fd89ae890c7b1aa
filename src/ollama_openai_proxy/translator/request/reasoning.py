"""Ollama's `think` → the knob of each dialect; a backend's thoughts, wherever it puts them."""

from typing import Any

from ollama_openai_proxy_models import openai

from ...profiles.dialects import Dialect

# OpenAI's words end at xhigh for most models; Ollama's `max` is the most there is.
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "max": "high"}


def to_openai(think: bool | str | None, dialect: Dialect) -> dict[str, Any]:
    """The fields that ask for thoughts, or for none; nothing where the backend has no knob.

    `think: false` is legal for every model and must not become an error, so where there is no way
    to say it, nothing is said. A plain `true` leaves the depth to the model.
    """
    if think is None:
        return {}
    effort = _EFFORTS.get(think) if isinstance(think, str) else None
    match dialect.think:
        case "template":
            # What Ollama itself sends to llama-server (llm/llama_server.go).
            wish: dict[str, Any] = {"enable_thinking": bool(think)}
            if effort:
                wish["reasoning_effort"] = effort
            return {"chat_template_kwargs": wish}
        case "reasoning":
            return {"reasoning": _reasoning(think, effort)}
        case "switch":
            switch = {"thinking": {"type": "enabled" if think else "disabled"}}
            return switch | ({"reasoning_effort": effort} if effort else {})
        case "effort" if effort:
            return {"reasoning_effort": effort}
    return {}


def _reasoning(think: bool | str, effort: str | None) -> openai.Reasoning:
    if effort:
        return openai.Reasoning(effort=effort)  # type: ignore[arg-type]
    return openai.Reasoning(enabled=bool(think))


def thoughts(delta: openai.ChatCompletionStreamDelta | openai.ChatCompletionMessage) -> str:
    """The thoughts in one delta or message.

    Some servers mirror the same text in several fields: the first that has any counts.
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
    """Mistral's content arrays → (thoughts, text)."""
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

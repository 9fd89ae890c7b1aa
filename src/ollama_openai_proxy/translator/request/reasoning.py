"""Ollama's `think` → the field by which each dialect turns reasoning on or off."""

from typing import Any

from ollama_openai_proxy_models import openai

from ...profiles.dialects import Dialect

# OpenAI's words end at xhigh for most models; Ollama's `max` is the most there is.
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "max": "high"}


def openai_reasoning(think: bool | str | None, dialect: Dialect) -> dict[str, Any]:
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

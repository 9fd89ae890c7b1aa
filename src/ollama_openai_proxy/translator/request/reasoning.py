"""Translation of Ollama's `think` to the field with which each dialect controls reasoning."""

from typing import Any

from ollama_openai_proxy_models import openai

from ...profiles.dialects import Dialect

# OpenAI's scale ends at `xhigh` for most models and has no `max`; `high` is the safe choice.
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "max": "high"}


def openai_reasoning(think: bool | str | None, dialect: Dialect) -> dict[str, Any]:
    """The fields that turn reasoning on or off; empty if the backend has no such field.

    Ollama accepts `think: false` for every model, so it must not cause an error: nothing is sent to
    a backend that cannot turn reasoning off. With `true` the model chooses the effort.
    """
    if think is None:
        return {}
    effort = _EFFORTS.get(think) if isinstance(think, str) else None
    match dialect.think:
        case "template":
            # Ollama sends the same fields to llama-server (llm/llama_server.go).
            arguments: dict[str, Any] = {"enable_thinking": bool(think)}
            if effort:
                arguments["reasoning_effort"] = effort
            return {"chat_template_kwargs": arguments}
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

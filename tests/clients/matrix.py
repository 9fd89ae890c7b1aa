"""The tested clients: their packages, the features that they lack, and their known bugs."""

import json
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / "build" / "clients"

CHECKS = {
    "models": "lists models",
    "whole": "chat",
    "stream": "streamed chat",
    "call": "tool call",
    "calls": "two tool calls, streamed",
    "structured": "structured output",
    "think": "thinking",
    "plain": "thinking off",
    "picture": "image",
    "embed": "embeddings",
    "unknown": "unknown model",
    "refused": "error before the stream",
    "broken": "error in the stream",
    "leave": "client disconnect",
    "real": "real model",
}


class Client(NamedTuple):
    """One client. `folder` has its pins and its driver; `driver` is the driver's folder if another.

    `lacks` are the checks for features that the client does not have. `bugs` maps checks to bugs
    of the client that no server can work around.
    """

    folder: str
    title: str
    packages: tuple[str, ...]
    lacks: frozenset[str] = frozenset()
    bugs: dict[str, str] = {}  # noqa: RUF012  (never modified)
    driver: str = ""

    @property
    def is_javascript(self) -> bool:
        return (HERE / self.folder / "package.json").exists()

    @property
    def offers(self) -> list[str]:
        return [check for check in CHECKS if check not in self.lacks]

    def versions(self) -> dict[str, str]:
        """The pinned version of each package."""
        home = HERE / self.folder
        if self.is_javascript:
            pins: dict[str, str] = json.loads((home / "package.json").read_text())["dependencies"]
        else:
            lines = (home / "requirements.in").read_text().split()
            pins = {name.split("[")[0]: version for name, version in (x.split("==") for x in lines)}
        return {name: pins[name] for name in self.packages}


_IGNORED_ERROR = "ignores the error line as invalid and reports a complete response"
_HIDDEN_MESSAGE = "shows the reason phrase of the status instead of the error message"

CLIENTS = [
    Client("ollama_python", "ollama-python", ("ollama",)),
    Client(
        "ollama_python_old",
        "ollama-python (old)",
        ("ollama",),
        frozenset({"think", "plain"}),
        driver="ollama_python",
    ),
    Client("ollama_javascript", "ollama-js", ("ollama",)),
    Client("langchain_python", "LangChain", ("langchain-ollama",), frozenset({"models"})),
    Client(
        "langchain_javascript",
        "LangChain.js",
        ("@langchain/ollama", "@langchain/core"),
        frozenset({"models"}),
        {"leave": "checks the abort signal only when the next line arrives"},
    ),
    Client("llm_plugin", "llm", ("llm", "llm-ollama"), frozenset({"embed with any model"})),
    Client(
        "pydantic_ai",
        "Pydantic AI (through /v1)",
        ("pydantic-ai-slim",),
        frozenset({"models"}),
    ),
    Client("haystack", "Haystack", ("ollama-haystack",), frozenset({"models"})),
    Client(
        "llama_index",
        "LlamaIndex",
        ("llama-index-llms-ollama", "llama-index-embeddings-ollama"),
        frozenset({"models"}),
    ),
    Client(
        "ai_sdk",
        "AI SDK",
        ("ollama-ai-provider-v2", "ai"),
        frozenset({"models"}),
        {"refused": _HIDDEN_MESSAGE, "broken": _IGNORED_ERROR},
    ),
    Client(
        "ai_sdk_old",
        "AI SDK (old)",
        ("ollama-ai-provider", "ai"),
        frozenset({"models", "think", "plain"}),
        {"refused": _HIDDEN_MESSAGE, "calls": "does not parse tool calls in a stream"},
    ),
]

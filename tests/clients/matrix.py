"""Which clients are run, in which versions, what each offers, and where one is known to be wrong."""

import json
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / "build" / "clients"

CHECKS = {
    "models": "lists models",
    "whole": "whole chat",
    "stream": "streamed chat",
    "call": "tool call",
    "calls": "two calls, streamed",
    "structured": "structured output",
    "think": "thinking",
    "plain": "thinking off",
    "picture": "picture",
    "embed": "embeddings",
    "unknown": "unknown model",
    "refused": "failure before the text",
    "broken": "failure in the text",
    "leave": "leaving",
    "real": "real model",
}


class Client(NamedTuple):
    """One client; `folder` holds its pins and its driver, or `driver` names the folder that does.

    `lacks` are the checks that it has nothing for; `bugs` what it does wrong itself, so that no
    server can help it.
    """

    folder: str
    title: str
    packages: tuple[str, ...]
    lacks: frozenset[str] = frozenset()
    bugs: dict[str, str] = {}  # noqa: RUF012  (never changed)
    driver: str = ""

    @property
    def is_javascript(self) -> bool:
        return (HERE / self.folder / "package.json").exists()

    @property
    def offers(self) -> list[str]:
        return [check for check in CHECKS if check not in self.lacks]

    def versions(self) -> dict[str, str]:
        """The exact pins of what is tested."""
        home = HERE / self.folder
        if self.is_javascript:
            pins: dict[str, str] = json.loads((home / "package.json").read_text())["dependencies"]
        else:
            lines = (home / "requirements.in").read_text().split()
            pins = {name.split("[")[0]: version for name, version in (x.split("==") for x in lines)}
        return {name: pins[name] for name in self.packages}


_BLIND = "takes the line with the failure for a damaged one, and the text for finished"
_MUTE = "shows the name of the status in place of the reason"

CLIENTS = [
    Client("ollama_python", "ollama-python", ("ollama",)),
    Client(
        "ollama_python_old",
        "ollama-python, old",
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
        {"leave": "looks whether it is to leave only when the next line comes"},
    ),
    Client("llm_plugin", "llm", ("llm", "llm-ollama"), frozenset({"embed with any model"})),
    Client(
        "pydantic_ai",
        "Pydantic AI, through /v1",
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
        {"refused": _MUTE, "broken": _BLIND},
    ),
    Client(
        "ai_sdk_old",
        "AI SDK, old",
        ("ollama-ai-provider", "ai"),
        frozenset({"models", "think", "plain"}),
        {"refused": _MUTE, "calls": "does not read calls in a stream"},
    ),
]

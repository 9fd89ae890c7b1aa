"""OpenAPI descriptions: read from a file or an address, their references followed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import yaml

type Schema = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 85,000 lines: 1 s instead of 30
_TIMEOUT = 60.0
APIS = {"ollama": ("/api/chat", "/api/generate"), "openai": ("/chat/completions",)}


class Unreadable(Exception):
    """What was given is no description that can be compared."""


@dataclass(frozen=True)
class Document:
    """An OpenAPI description of version 3."""

    content: Schema

    @property
    def title(self) -> str:
        return str(mapping(self.content.get("info", {}), "info").get("title", ""))

    @property
    def takes_null_anywhere(self) -> bool:
        """Whether a schema without a type takes null as well: since 3.1."""
        return not str(self.content["openapi"]).startswith("3.0")

    @property
    def paths(self) -> Schema:
        return mapping(self.content["paths"], "paths")

    def resolve(self, node: Any) -> tuple[Schema, str]:
        """What a node means when its references are followed, and the name of the last of them."""
        name, seen = "", set()
        while "$ref" in (node := mapping(node, name)):
            reference = node["$ref"]
            if reference in seen:
                raise Unreadable(f"{reference} leads back to itself")
            seen.add(reference)
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            node = {**mapping(self.at(reference), reference), **siblings}
            name = reference.rsplit("/", 1)[1]
        return node, name

    def at(self, reference: str) -> Any:
        """What stands at a JSON pointer inside this description."""
        node: Any = self.content
        if not reference.startswith("#/"):
            raise Unreadable(f"{reference} lies in another file")
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise Unreadable(f"{reference} does not exist")
            node = node[key]
        return node


def mapping(node: Any, where: str) -> Schema:
    if not isinstance(node, dict):
        raise Unreadable(f"not an object: {where or str(node)[:60]}")
    return node


def read(source: str) -> Document:
    """The description in a file or at an address, as YAML or JSON."""
    text = _fetch(source) if source.startswith(("http://", "https://")) else _load(source)
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _LOADER)  # noqa: S506
    except (ValueError, yaml.YAMLError) as wrong:
        raise Unreadable(f"{source} is neither YAML nor JSON: {wrong}") from wrong
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3."):
        raise Unreadable(f"{source} is no description in OpenAPI 3")
    if not isinstance(content.get("paths"), dict):
        raise Unreadable(f"{source} describes no paths")
    return Document(content)


def api_of(document: Document) -> str:
    """Whose API is described, told by its paths; the Ollama API holds OpenAI's as well."""
    for api, paths in APIS.items():
        if any(path.endswith(known) for path in document.paths for known in paths):
            return api
    raise Unreadable("neither Ollama's nor OpenAI's description: say which by --against")


def _fetch(address: str) -> str:
    try:
        response = httpx.get(address, follow_redirects=True, timeout=_TIMEOUT)
        response.raise_for_status()
    except httpx.HTTPError as failed:
        raise Unreadable(f"{address}: {failed}") from failed
    return response.text


def _load(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failed:
        raise Unreadable(f"{path}: {failed}") from failed

"""The request body of an operation → its generated class."""

from collections.abc import Mapping
from typing import Any

import msgspec

from .document import read_document
from .go_errors import Schema, refusal
from .key_case import fold, shape_of


class RequestDecoder[T: msgspec.Struct]:
    """Decodes the request bodies of one operation; created once, at startup.

    `schema` is the schema of the body in specs/ollama.yaml, `schemas` are all named schemas, and
    `struct` is the class generated from `schema`.
    """

    def __init__(self, struct: type[T], schema: Schema, schemas: Mapping[str, Schema]) -> None:
        self._struct = struct
        self._shape = shape_of(struct)
        self._schema = schema
        self._schemas = schemas

    def decode(self, body: bytes) -> T:
        """Decode a request. Raises BadRequest or InvalidOption with Ollama's message.

        `null` is a request with only default values, as in Go. `name` replaces a missing or empty
        `model`, because the CLI, ollama-js and Continue send it.
        """
        document = read_document(body)
        if document is None:
            document = {}
        if isinstance(document, dict):
            document = fold(document, self._shape)
            _drop_empty_content(document)
            if document.get("model") in (None, ""):
                name = document.get("name")
                document["model"] = name if isinstance(name, str) else ""
        try:
            return msgspec.convert(document, self._struct)
        except msgspec.ValidationError as error:
            raise refusal(document, str(error), self._schema, self._schemas) from None


def _drop_empty_content(document: dict[str, Any]) -> None:
    """Drop the `[]` that ollama-ai-provider-v2 sends as the content of an image-only message."""
    messages = document.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("content") == []:
            del message["content"]

"""One operation's request body → its generated class."""

from collections.abc import Mapping
from typing import Any

import msgspec

from .document import read_document
from .go_errors import Schema, refusal
from .key_case import fold, shape_of


class RequestDecoder[T: msgspec.Struct]:
    """Reads the bodies of one operation; made once, at the start.

    `schema` is the operation's body schema in specs/ollama.yaml, `schemas` all the named ones;
    `struct` is the class generated from it.
    """

    def __init__(self, struct: type[T], schema: Schema, schemas: Mapping[str, Schema]) -> None:
        self._struct = struct
        self._shape = shape_of(struct)
        self._schema = schema
        self._schemas = schemas

    def decode(self, body: bytes) -> T:
        """The request in `body`. Raises BadRequest or InvalidOption with Ollama's text.

        null is an all-default request, as in Go. `name` stands in for a `model` that is absent or
        empty: the CLI, ollama-js and Continue send it.
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
    """ollama-ai-provider-v2 sends `[]` as the content of a message that is a picture alone."""
    messages = document.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("content") == []:
            del message["content"]

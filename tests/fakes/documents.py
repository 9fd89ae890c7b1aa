"""Random documents that are valid under the schemas of a specification."""

import math
from random import Random
from typing import Any

type Schema = dict[str, Any]

_WORDS = (
    "",
    " ",
    "Oslo",
    "größer",
    "🐈",
    "\n",
    "a b",
    "<think>",
    "</think>",
    '{"a": 1}',
    "\ufffd\x7f",
)
_LONGEST = 3
"""Maximum number of items of an array, unless the schema requires more."""
_UNLIKELY = 0.04
"""Probability of an unusual number, and of an unknown member in an object."""
_NULL = 0.1
_ODD_NUMBERS = (-1, 0.5, 10**15, 10**18, 2**63, 1e300, -1e300)


class Documents:
    """Makes documents from schemas, reproducibly for a given `random`.

    Optional fields whose name is in `without` are omitted.
    """

    def __init__(
        self, schemas: dict[str, Schema], random: Random, without: tuple[str, ...] = ()
    ) -> None:
        self._schemas = schemas
        self._random = random
        self._without = without

    def named(self, name: str, **given: Any) -> Any:
        """A document of the schema `name`. `given` sets fields; the value `...` omits a field."""
        document = self.made(self._schemas[name])
        for field, value in given.items():
            document.pop(field, None)
            if value is not ...:
                document[field] = value
        return document

    def made(self, schema: Schema) -> Any:
        """A document of `schema`."""
        if "$ref" in schema:
            return self.made(self._schemas[schema["$ref"].rpartition("/")[2]])
        if schema.get("nullable") and self._random.random() < _NULL:
            return None
        if "allOf" in schema:
            return self.made(schema["allOf"][0])
        if "oneOf" in schema:
            return self.made(self._random.choice(schema["oneOf"]))
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        return _KINDS[schema.get("type", "")](self, schema)

    def text(self) -> str:
        """A short string."""
        return "".join(self._random.choices(_WORDS, k=self._random.randint(0, _LONGEST)))

    def anything(self, depth: int = 2) -> Any:
        """Any JSON value."""
        kinds: list[Any] = [None, True, False, 0, 1.5, self.text(), [], {}]
        if depth:
            kinds += [[self.anything(depth - 1)], {self.text(): self.anything(depth - 1)}]
        return self._random.choice(kinds)

    def _object(self, schema: Schema) -> dict[str, Any]:
        required = schema.get("required", ())
        density = self._random.random()
        document = {
            name: self.made(part)
            for name, part in schema.get("properties", {}).items()
            if name in required or (name not in self._without and self._random.random() < density)
        }
        if schema.get("additionalProperties") is not False and self._random.random() < _UNLIKELY:
            document["x_unheard_of"] = self.anything()
        return document

    def _array(self, schema: Schema) -> list[Any]:
        least = schema.get("minItems", 0)
        count = self._random.randint(least, max(least, _LONGEST))
        return [self.made(schema["items"]) for _ in range(count)]

    def _number(self, schema: Schema) -> float:
        if self._random.random() < _UNLIKELY:
            return self._within(schema, self._random.choice(_ODD_NUMBERS))
        return self._within(schema, self._random.choice([0, 1, 7, 4096, 12.75]))

    def _integer(self, schema: Schema) -> float:
        if self._random.random() < _UNLIKELY:
            return self._within(schema, self._random.choice([-1, 10**18]))
        return self._within(schema, self._random.randint(0, 3))

    def _within(self, schema: Schema, number: float) -> float:
        least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        within: float = min(max(number, least), most)
        return within


_KINDS: dict[str, Any] = {
    "object": Documents._object,
    "array": Documents._array,
    "string": lambda documents, _: documents.text(),
    "number": Documents._number,
    "integer": Documents._integer,
    "boolean": lambda documents, _: documents._random.random() < 0.5,
    "": lambda documents, _: documents.anything(),
}

"""Ollama's error messages for fields of the wrong type."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import BadRequest, InvalidOption, ProxyError

Schema = dict[str, Any]

_LOCATION = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_KINDS = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
_GO_TYPES = {"string": "string", "boolean": "bool", "integer": "int", "number": "float64"}
_ARGUMENTS = ["messages", "tool_calls", "function", "arguments"]
_NO_OBJECT = "Value looks like object, but can't find closing '}' symbol"
_THINK = '("high", "medium", "low", "max", true, or false)'


def refusal(
    document: Any, reason: str, schema: Schema, schemas: Mapping[str, Schema]
) -> ProxyError:
    """The error for `document`, which does not match `schema`; `reason` is msgspec's message.

    `schema` is the schema of the request body, `schemas` are the named schemas of the
    specification. The message is that of Go's decoder (encoding/json, UnmarshalTypeError), or of
    Ollama's own decoder for fields that have one (api/types.go).
    """
    match = _LOCATION.search(reason)
    steps = _steps(match[1]) if match else []
    value = _value_at(document, steps)
    names = [step for step in steps if isinstance(step, str)]
    if names[:1] == ["options"] and len(names) > 1:
        return _option_refusal(names[1], steps, schema, schemas)
    if names == _ARGUMENTS and isinstance(value, str):
        return BadRequest(_NO_OBJECT)
    special = _SPECIAL[names[0]](value) if len(names) == 1 and names[0] in _SPECIAL else None
    if special is not None:
        return BadRequest(special)
    node = _schema_at(schema, steps, schemas)
    return BadRequest(_unmarshal_message(value, names, node, _struct(schema, steps, schemas)))


def _struct(schema: Schema, steps: list[str | int], schemas: Mapping[str, Schema]) -> str:
    """The Go struct that contains the field. Messages have their own decoder, which names the
    request instead."""
    if steps[:1] != ["messages"]:
        at = max((at for at, step in enumerate(steps) if isinstance(step, str)), default=0)
        schema = _schema_at(schema, steps[:at], schemas)
    return str(schema.get("x-go-type", "")).removeprefix("api.")


def _unmarshal_message(value: Any, names: list[str], node: Schema, struct: str) -> str:
    go_type = node.get("x-go-type") or _GO_TYPES.get(node.get("type", ""), "interface {}")
    kind = _KINDS.get(type(value), "value")
    if not names:
        return f"json: cannot unmarshal {kind} into Go value of type {go_type}"
    if isinstance(value, float) and go_type == "int":
        kind = f"number {value}"
    path = ".".join(names)
    return f"json: cannot unmarshal {kind} into Go struct field {struct}.{path} of type {go_type}"


def _option_refusal(
    option: str, steps: list[str | int], schema: Schema, schemas: Mapping[str, Schema]
) -> ProxyError:
    go_type = _schema_at(schema, steps[:2], schemas).get("x-go-type", "value")
    if len(steps) > 2:
        return InvalidOption(f'option "{option}" must be of an array of strings')
    return InvalidOption(f'option "{option}" must be of type {go_type}')


def _steps(path: str) -> list[str | int]:
    return [name or (0 if index == "..." else int(index)) for name, index in _STEP.findall(path)]


def _value_at(document: Any, steps: list[str | int]) -> Any:
    for step in steps:
        try:
            if isinstance(document, dict) and step == 0:  # a map of strings: msgspec omits the key
                document = next(value for value in document.values() if not isinstance(value, str))
            else:
                document = document[step]
        except (KeyError, IndexError, TypeError, StopIteration):
            return None
    return document


def _schema_at(schema: Schema, steps: list[str | int], schemas: Mapping[str, Schema]) -> Schema:
    node = _resolved(schema, schemas)
    for step in steps:
        if isinstance(step, int):
            inner = node.get("items") or node.get("additionalProperties")
        else:
            inner = node.get("properties", {}).get(step)
        node = _resolved(inner if isinstance(inner, dict) else {}, schemas)
    return node


def _resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """The schema that a `$ref`, or an `allOf` around one, refers to."""
    for part in [schema, *schema.get("allOf", ())]:
        if "$ref" in part:
            return schemas[part["$ref"].rpartition("/")[2]]
    return schema


def _think_message(value: Any) -> str:
    if isinstance(value, str):
        return f"invalid think value: {json.dumps(value, ensure_ascii=False)} (must be {_THINK[1:]}"
    return f"think must be a boolean or string {_THINK}"


def _keep_alive_message(value: Any) -> str:
    names = {bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}
    return f"Unsupported type: '{names.get(type(value), 'value')}'"


def _top_logprobs_message(value: Any) -> str | None:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return "top_logprobs must be between 0 and 20" if is_integer else None


_SPECIAL: dict[str, Callable[[Any], str | None]] = {
    "think": _think_message,
    "keep_alive": _keep_alive_message,
    "input": lambda value: "invalid input type",
    "top_logprobs": _top_logprobs_message,
}

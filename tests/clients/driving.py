"""Shared code of the Python drivers. It runs in the client's own virtual environment.

A driver reads one request per line from stdin, {"act", "host", "model"}, and writes one result per
line to stdout. All other output goes to stderr.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

QUESTION = "How is the weather in Oslo?"
TEXTS = ["one text", "another"]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {
    "title": "Weather",
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
}
OPTIONS = {"temperature": 0.0, "seed": 7, "num_predict": 40}


class Asked(NamedTuple):
    """The URL of the service and the name of the model."""

    host: str
    model: str


type Told = dict[str, Any]
"""The results until the act ended or raised: text, pieces, usage, calls, thinking, and so on."""
type Act = Callable[[Asked, Told], None]


def get_weather(city: str) -> str:
    """The weather of a city.

    Args:
      city: the name of the city
    """
    return f"9 degrees in {city}"


def drive(*acts: Act) -> None:
    """Process requests until the end of stdin. An exception is reported as `raised`."""
    by_name = {act.__name__: act for act in acts}
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        told: Told = {}
        try:
            by_name[request["act"]](Asked(request["host"], request["model"]), told)
        except Exception as error:  # noqa: BLE001  (reported to the test)
            kinds = [kind.__name__ for kind in type(error).__mro__]
            status = getattr(error, "status_code", None)
            told["raised"] = {"kinds": kinds, "message": str(error), "status": status}
        results.write(json.dumps(told) + "\n")
        results.flush()

"""Medians over the rounds, as tables in GitHub's Markdown and as JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from statistics import median
from typing import Any

from .scenarios import Measures

PROXY, RELAY = "proxy", "relay"
_PACKAGES = ("aiohttp", "connexion", "httpx", "httpx-aiohttp", "msgspec", "uvicorn", "uvloop")


@dataclass(frozen=True, slots=True)
class Metric:
    key: str
    label: str
    unit: str
    digits: int = 0
    budget: float | None = None


METRICS = (
    Metric("chat_cpu", "whole chat, CPU", "µs a request", 0, 900),
    Metric("chat_rate", "whole chat, 32 connections", "requests/s"),
    Metric("burst_cpu", "streamed chunk, CPU", "µs a chunk", 1, 15),
    Metric("burst_rate", "streamed chunks, 32 connections", "chunks/s"),
    Metric("paced_cpu", "streamed chunk, 5 ms apart, CPU", "µs a chunk", 1),
    Metric("first_token_one", "added time to first token, 1 connection", "ms", 2, 2.5),
    Metric("first_token_many", "added time to first token, 32 paced streams", "ms", 2),
    Metric("embed_cpu", "16 embeddings of 1,536 numbers, CPU", "µs a request"),
    Metric("embed_rate", "16 embeddings, 32 connections", "requests/s"),
    Metric("memory_start", "memory after start", "MB"),
    Metric("memory_streams", "memory with 200 open streams", "MB", 0, 150),
)

type Rounds = Sequence[Mapping[str, Measures]]
"""Of each round what was measured, by system."""


def medians(rounds: Rounds, system: str) -> Measures:
    keys = rounds[0][system]
    return {key: median(each[system][key] for each in rounds) for key in keys}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float, metric: Metric) -> str:
    return f"{value:,.{metric.digits}f}"


def comparison(rounds: Rounds) -> str:
    proxy, relay = medians(rounds, PROXY), medians(rounds, RELAY)
    rows = [_row("measure", "unit", PROXY, RELAY, "proxy / relay"), "|---|---|--:|--:|--:|"]
    for metric in METRICS:
        ours, floor = proxy[metric.key], relay[metric.key]
        ratio = f"{ours / floor:.2f}" if floor > 0 else "-"
        numbers = (_number(ours, metric), _number(floor, metric))
        rows.append(_row(metric.label, metric.unit, *numbers, ratio))
    return "\n".join(rows)


def over_budget(rounds: Rounds) -> list[Metric]:
    proxy = medians(rounds, PROXY)
    return [m for m in METRICS if m.budget is not None and proxy[m.key] > m.budget]


def budget(rounds: Rounds) -> str:
    proxy, exceeded = medians(rounds, PROXY), over_budget(rounds)
    rows = [
        _row("budget of one worker", "unit", "at most", "measured", "kept"),
        "|---|---|--:|--:|---|",
    ]
    for metric in METRICS:
        if metric.budget is not None:
            kept = "no" if metric in exceeded else "yes"
            numbers = (f"{metric.budget:g}", _number(proxy[metric.key], metric))
            rows.append(_row(metric.label, metric.unit, *numbers, kept))
    return "\n".join(rows)


def document(rounds: Rounds, settings: Mapping[str, Any]) -> dict[str, Any]:
    proxy = medians(rounds, PROXY)
    return {
        "machine": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "packages": {name: metadata.version(name) for name in _PACKAGES},
        },
        "settings": dict(settings),
        "units": {metric.key: metric.unit for metric in METRICS},
        "medians": {system: medians(rounds, system) for system in (PROXY, RELAY)},
        "budget": {
            m.key: {"at_most": m.budget, "measured": proxy[m.key], "kept": proxy[m.key] <= m.budget}
            for m in METRICS
            if m.budget is not None
        },
        "rounds": list(rounds),
    }

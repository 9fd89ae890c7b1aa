"""The results as JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from math import isfinite
from typing import Any

from .report import BASE, HEAD, PROXY, Result
from .summary import DIRECT

_PACKAGES = ("aiohttp", "connexion", "httptools", "msgspec", "uvicorn", "uvloop", "yarl")


def document(
    found: Sequence[Result], commits: Mapping[str, str], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """`commits` by name of the measured system: `proxy`, or `base` and `head`."""
    return {
        "machine": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "packages": {name: metadata.version(name) for name in _PACKAGES},
        },
        "commits": dict(commits),
        "settings": dict(settings),
        "rows": {result.row.name: _row(result) for result in found},
    }


def _row(result: Result) -> dict[str, Any]:
    row = result.row
    systems = [name for name in result.kept[0].values if name != DIRECT or not row.added]
    described: dict[str, Any] = {
        "label": row.label,
        "unit": row.unit,
        "values": {name: asdict(result.value(name)) for name in systems},
    }
    if PROXY in systems:
        ratio = result.ratio()
        described["ratio"] = asdict(ratio) if ratio else None
        described["goal"] = {"at_most": row.goal, "for": row.goal_for, "met": result.meets_goal()}
    elif BASE in systems and HEAD in systems:
        compared = result.comparison()
        # JSON has no infinity.
        bounds = [compared.low, compared.high] if isfinite(compared.high) else None
        described["comparison"] = {"ratio": compared.median, "interval": bounds}
    described["dropped"] = sum(reason is not None for reason in result.reasons)
    described["rounds"] = [
        {
            "slices": dict(each.values),
            "others": each.others,
            "stolen": each.stolen,
            "dropped": reason,
        }
        for each, reason in zip(result.rounds, result.reasons, strict=True)
    ]
    return described

"""The queries of the Grafana dashboard, as Grafana would send them to Prometheus."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.deploy.tools import ROOT

FILE = ROOT / "docker/monitoring/grafana/dashboards/ollama-openai-proxy.json"
_INTERVAL = re.compile(r"\$__(rate_interval|interval|range)")
_VARIABLE = re.compile(r"\$\{?\w+\}?")


def dashboard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return document


def queries(interval: str = "5m") -> Iterator[tuple[str, str]]:
    """Yield the panel title and the expression of each query, with all variables replaced."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            expression = _VARIABLE.sub(".*", _INTERVAL.sub(interval, target["expr"]))
            yield panel["title"], expression

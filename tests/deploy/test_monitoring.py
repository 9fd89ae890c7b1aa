"""The alerting rules and the dashboard use existing metrics, and alerts fire when they should."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from ollama_openai_proxy.telemetry.metrics import METRICS, PREFIX
from tests.deploy.dashboard import dashboard, queries
from tests.deploy.tools import ROOT, needs_tools, run

MONITORING = ROOT / "docker/monitoring"
RULES = MONITORING / "rules.yaml"
TESTS = MONITORING / "rules_test.yaml"


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def alert(name: str) -> str:
    [found] = [rule["expr"] for rule in rules() if rule.get("alert") == name]
    return str(found)


@pytest.mark.parametrize("name", [metric.name for metric in METRICS])
def test_every_metric_has_a_panel(name: str) -> None:
    all_queries = " ".join(query for _, query in queries())
    assert f"{PREFIX}{name}{{" in all_queries or f"{PREFIX}{name}_bucket{{" in all_queries


def test_the_alert_and_the_rollout_have_the_same_error_rate_and_limit() -> None:
    counted = (ROOT / "docker/rollout/error_rate.py").read_text("utf-8")
    [ratio] = [rule for rule in rules() if rule.get("record") == f"{PREFIX[:-1]}:requests:rate5m"]
    left_out = ratio["expr"].partition('operation!~"')[2].partition('"')[0].split("|")
    assert [f'"{name}"' in counted for name in left_out] == [True] * 5
    assert "error_ratio:rate5m > 0.10 " in alert("OllamaOpenAIProxyErrors")


def test_every_alert_has_a_severity_a_summary_and_a_runbook() -> None:
    for rule in rules():
        if "alert" in rule:
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert set(rule["annotations"]) == {"summary", "runbook"}


def test_the_kubernetes_rules_are_identical() -> None:
    copy = ROOT / "docker/kubernetes/monitoring/prometheusrule.yaml"
    ours = yaml.safe_load(RULES.read_text("utf-8"))
    assert yaml.safe_load(copy.read_text("utf-8"))["spec"] == ours


def test_panels_have_unique_ids_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_the_dashboards_are_mounted_at_the_path_of_the_provider() -> None:
    provider = MONITORING / "grafana/provisioning/dashboards/dashboards.yaml"
    [folder] = [
        one["options"]["path"] for one in yaml.safe_load(provider.read_text("utf-8"))["providers"]
    ]
    compose = (ROOT / "docker/compose.monitoring.yaml").read_text("utf-8")
    assert f"./monitoring/grafana/dashboards:{folder}:ro" in compose


@needs_tools
def test_the_rule_tests_pass() -> None:
    done = run("promtool", "test", "rules", TESTS)
    assert done.returncode == 0, done.stdout


@needs_tools
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("value: 0.2}", "value: 0.3}"),
        ("summary: 20% of", "summary: 30% of"),
        ('values: "0+8x40"', 'values: "0+80x40"'),
    ],
)
def test_a_rule_test_with_a_wrong_expectation_fails(tmp_path: Path, right: str, wrong: str) -> None:
    (tmp_path / "rules.yaml").write_bytes(RULES.read_bytes())
    text = TESTS.read_text("utf-8")
    assert right in text
    (tmp_path / "rules_test.yaml").write_text(text.replace(right, wrong))
    assert run("promtool", "test", "rules", tmp_path / "rules_test.yaml").returncode == 1


def as_rules(expressions: list[str], folder: Path) -> Path:
    found = [{"record": f"panel:{at}", "expr": one} for at, one in enumerate(expressions)]
    path = folder / "panels.yaml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": found}]}))
    return path


@needs_tools
def test_the_queries_of_the_panels_are_valid(tmp_path: Path) -> None:
    expressions = [query for _, query in queries()]
    done = run("promtool", "check", "rules", as_rules(expressions, tmp_path))
    assert done.returncode == 0, done.stdout
    assert run("promtool", "check", "rules", as_rules(["rat(up[5m])"], tmp_path)).returncode == 1

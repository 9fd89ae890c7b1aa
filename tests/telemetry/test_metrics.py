"""Metrics in the Prometheus formats."""

import re
import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ollama_openai_proxy.telemetry.events import BackendAnswered
from ollama_openai_proxy.telemetry.metrics import METRICS, PREFIX, PrometheusMetrics
from tests.fakes.limits import HANG
from tests.telemetry.facts import FACTS, with_


def samples(metrics: PrometheusMetrics) -> dict[str, float]:
    """Exported samples by name and labels, without the prefix and without buckets."""
    text = metrics.exposition("")[0].decode()
    return {
        line.rpartition(" ")[0].removeprefix(PREFIX): float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if not line.startswith("#") and "_bucket{" not in line
    }


def test_a_request_is_counted_with_its_duration_and_tokens() -> None:
    metrics = PrometheusMetrics("1.2.3")
    metrics.stream_opened("chat")
    assert samples(metrics)["open_streams"] == 1
    for _ in range(2):
        metrics.request_finished(FACTS)
    assert samples(metrics) == {
        'requests_total{operation="chat",status="200"}': 2,
        'request_duration_seconds_count{operation="chat"}': 2,
        'request_duration_seconds_sum{operation="chat"}': pytest.approx(2 * 1.23456789),
        'time_to_first_token_seconds_count{operation="chat"}': 2,
        'time_to_first_token_seconds_sum{operation="chat"}': pytest.approx(2 * 0.0456),
        'tokens_total{direction="input",operation="chat"}': 14,
        'tokens_total{direction="output",operation="chat"}': 6,
        "open_streams": -1,
        "backend_unsolicited_data_total": 0,
        'build_info{version="1.2.3"}': 1,
    }


def test_a_stream_that_fails_after_status_200_is_counted_as_an_error() -> None:
    metrics = PrometheusMetrics("0")
    metrics.request_finished(with_(kind="backend_violation", fault="server"))
    name = 'errors_total{fault="server",kind="backend_violation",operation="chat"}'
    assert samples(metrics)[name] == 1
    assert samples(metrics)['requests_total{operation="chat",status="200"}'] == 1


def test_backend_requests_are_counted_with_the_time_to_headers() -> None:
    metrics = PrometheusMetrics("0")
    metrics.backend_answered(BackendAnswered(path="/models", status="200", duration=5 * 10**8))
    metrics.backend_answered(
        BackendAnswered(path="/models", status="backend_unreachable", duration=None)
    )
    exported = samples(metrics)
    assert exported['backend_requests_total{path="/models",status="200"}'] == 1
    assert exported['backend_requests_total{path="/models",status="backend_unreachable"}'] == 1
    assert exported['backend_request_duration_seconds_count{path="/models"}'] == 1
    assert exported['backend_request_duration_seconds_sum{path="/models"}'] == 0.5


def test_violations_are_counted_by_side() -> None:
    metrics = PrometheusMetrics("0")
    metrics.contract_violated("backend")
    metrics.unsolicited_data()
    assert samples(metrics)["backend_unsolicited_data_total"] == 1
    assert samples(metrics)['contract_violations_total{side="backend"}'] == 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            "application/openmetrics-text",
        ),
    ],
)
def test_the_format_depends_on_the_accept_header(accept: str, media_type: str) -> None:
    body, given = PrometheusMetrics("0").exposition(accept)
    assert given.startswith(media_type)
    assert body.endswith(b"# EOF\n") is ("openmetrics" in media_type)


def used() -> str:
    metrics = PrometheusMetrics("1.2.3")
    metrics.request_finished(with_(kind="backend_violation", fault="server"))
    metrics.backend_answered(BackendAnswered(path="/models", status="200", duration=1))
    metrics.contract_violated("client")
    return metrics.exposition("")[0].decode()


def test_each_metric_is_exported_with_its_help_text_and_labels() -> None:
    families = {family.name: family for family in text_string_to_metric_families(used())}
    assert len(families) == len(METRICS)
    for metric in METRICS:
        family = families[PREFIX + metric.name.removesuffix("_total")]
        assert family.documentation == metric.meaning
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels == set(metric.labels)


def test_promtool_accepts_the_metrics() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool not found: run scripts/install-tools and add build/tools/bin to PATH")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        check=False,
        input=used(),
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_services_in_one_process_do_not_share_metrics() -> None:
    one, other = PrometheusMetrics("0"), PrometheusMetrics("0")
    one.request_finished(FACTS)
    assert not re.search(r"requests_total\{", other.exposition("")[0].decode())

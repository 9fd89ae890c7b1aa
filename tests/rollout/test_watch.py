"""scripts/watch-errors exits with 1 if the error rate of a service is above the limit."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.limits import HANG
from tests.rollout.serving import Replica, serving

SCRIPT = Path(__file__).parents[2] / "scripts" / "watch-errors"


def watch(*arguments: str, key: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [SCRIPT, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHON": sys.executable, "METRICS_KEY": key},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_error_rate_below_the_limit_passes() -> None:
    with serving(Replica(requests=100, faults=9)) as replica:
        code, text = watch(replica.url, "--seconds", "0")
    assert (code, "9 of 100 requests failed (9.0%)" in text) == (0, True), text


def test_an_error_rate_above_10_percent_fails_immediately() -> None:
    with serving(Replica(requests=100, faults=11)) as replica:
        code, text = watch(replica.url, "--seconds", "25")
    assert (code, "11 of 100 requests failed (11.0%), above 10%" in text) == (1, True), text


def test_too_few_requests_pass() -> None:
    with serving(Replica(requests=5, faults=5)) as replica:
        code, text = watch(replica.url, "--seconds", "0")
    assert (code, "only 5 requests" in text) == (0, True), text


def test_the_counts_of_all_replicas_are_added() -> None:
    with serving(Replica(100, 0)) as good, serving(Replica(100, 30)) as bad:
        code, text = watch(good.url, bad.url, "--seconds", "0")
    assert (code, "30 of 200" in text) == (1, True), text


def test_the_limit_is_configurable() -> None:
    with serving(Replica(100, 11)) as replica:
        assert watch(replica.url, "--seconds", "0", "--percent", "20")[0] == 0


def test_counts_can_come_from_prometheus() -> None:
    with serving(Replica(100, 30)) as prometheus:
        code, text = watch("--prometheus", prometheus.url, "--seconds", "5")
    assert (code, "above 10%" in text) == (1, True), text


def test_the_key_is_sent_and_never_printed() -> None:
    with serving(Replica(100, 0, key="sk-metrics")) as replica:
        assert watch(replica.url, "--seconds", "0", key="sk-metrics")[0] == 0
        code, text = watch(replica.url, "--seconds", "0", key="sk-wrong")
    assert (code, "401" in text, "sk-wrong" in text) == (1, True, False), text


def test_an_unreachable_replica_fails() -> None:
    code, text = watch("http://127.0.0.1:9", "--seconds", "0")
    assert (code, "http://127.0.0.1:9/metrics: " in text) == (1, True), text

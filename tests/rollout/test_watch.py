"""scripts/watch-errors tells a service that fails from one that does not."""

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


def test_few_failures_are_good() -> None:
    with serving(Replica(requests=100, faults=9)) as replica:
        code, text = watch(replica.url, "--seconds", "0")
    assert (code, "9 of 100 requests failed (9.0%)" in text) == (0, True), text


def test_more_than_a_tenth_is_bad_as_soon_as_it_shows() -> None:
    with serving(Replica(requests=100, faults=11)) as replica:
        code, text = watch(replica.url, "--seconds", "25")
    assert (code, "11 of 100 requests failed (11.0%), above 10%" in text) == (1, True), text


def test_a_few_requests_tell_no_rate() -> None:
    with serving(Replica(requests=5, faults=5)) as replica:
        code, text = watch(replica.url, "--seconds", "0")
    assert (code, "only 5 requests" in text) == (0, True), text


def test_all_replicas_count_together() -> None:
    with serving(Replica(100, 0)) as good, serving(Replica(100, 30)) as bad:
        code, text = watch(good.url, bad.url, "--seconds", "0")
    assert (code, "30 of 200" in text) == (1, True), text


def test_the_limit_can_be_another() -> None:
    with serving(Replica(100, 11)) as replica:
        assert watch(replica.url, "--seconds", "0", "--percent", "20")[0] == 0


def test_prometheus_is_asked_in_place_of_the_replicas() -> None:
    with serving(Replica(100, 30)) as prometheus:
        code, text = watch("--prometheus", prometheus.url, "--seconds", "5")
    assert (code, "above 10%" in text) == (1, True), text


def test_the_key_is_sent_and_never_printed() -> None:
    with serving(Replica(100, 0, key="sk-metrics")) as replica:
        assert watch(replica.url, "--seconds", "0", key="sk-metrics")[0] == 0
        code, text = watch(replica.url, "--seconds", "0", key="sk-wrong")
    assert (code, "401" in text, "sk-wrong" in text) == (1, True, False), text


def test_who_cannot_be_read_is_not_good() -> None:
    code, text = watch("http://127.0.0.1:9", "--seconds", "0")
    assert (code, "http://127.0.0.1:9/metrics: " in text) == (1, True), text

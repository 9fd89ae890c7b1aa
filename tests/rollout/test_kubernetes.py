"""The arguments for kubectl, recorded by a fake kubectl because there is no cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.limits import HANG

ROOT = Path(__file__).parents[2]
KUBECTL = """#!/bin/sh
echo "$*" >> "$HOME/calls"
case "$*" in
  *"rollout status"*) [ ! -e "$HOME/unhealthy" ] || { rm "$HOME/unhealthy"; echo "exceeded its progress deadline" >&2; exit 1; } ;;
  *"get deployment"*) printf old-image ;;
  *"get pods"*) echo pod/one ;;
  *exec*) cat "$HOME/metrics" ;;
esac
"""
METRICS = """ollama_openai_proxy_requests_total{operation="chat",status="200"} %d
ollama_openai_proxy_errors_total{operation="chat",kind="internal_error",fault="server"} %d
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    (tmp_path / "metrics").write_text(METRICS % (100, 1))
    return tmp_path


def rollout(script: str, home: Path, *arguments: str) -> tuple[int, str, list[str]]:
    done = subprocess.run(
        [ROOT / "scripts" / script, "production", *arguments, "--orchestrator", "kubernetes"],
        env={"PATH": f"{home}:{os.environ['PATH']}", "HOME": str(home), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    calls = [
        line.removeprefix("--namespace ollama-openai-proxy-production ")
        for line in (home / "calls").read_text().splitlines()
    ]
    return done.returncode, done.stdout + done.stderr, calls


SET = "set image deployment/ollama-openai-proxy proxy=name@sha256:1"
UNDO = "rollout undo deployment/ollama-openai-proxy"


def test_deploy_sets_the_image_and_waits_for_the_rollout(home: Path) -> None:
    code, text, calls = rollout("deploy", home, "name@sha256:1", "--seconds", "0")
    assert code == 0, text
    assert calls[0] == SET
    assert calls[1].startswith("rollout status deployment/ollama-openai-proxy")
    assert UNDO not in calls


def test_a_rollout_past_its_deadline_is_undone(home: Path) -> None:
    (home / "unhealthy").touch()
    code, text, calls = rollout("deploy", home, "name@sha256:1", "--seconds", "0")
    assert code == 1, text
    assert "exceeded its progress deadline" in text
    assert calls[2] == UNDO


def test_rollback_undoes_the_rollout(home: Path) -> None:
    code, text, calls = rollout("rollback", home)
    assert (code, "old-image serves again" in text) == (0, True), text
    assert calls[0] == UNDO

"""What kubectl is told: by a program of its name, since there is no cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.limits import HANG

ROOT = Path(__file__).parents[2]
KUBECTL = """#!/bin/sh
echo "$*" >> "$HOME/told"
case "$*" in
  *"rollout status"*) [ ! -e "$HOME/sick" ] || { rm "$HOME/sick"; echo "exceeded its progress deadline" >&2; exit 1; } ;;
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
    told = [
        line.removeprefix("--namespace ollama-openai-proxy-production ")
        for line in (home / "told").read_text().splitlines()
    ]
    return done.returncode, done.stdout + done.stderr, told


SET = "set image deployment/ollama-openai-proxy proxy=name@sha256:1"
UNDO = "rollout undo deployment/ollama-openai-proxy"


def test_an_image_is_set_and_waited_for(home: Path) -> None:
    code, text, told = rollout("deploy", home, "name@sha256:1", "--seconds", "0")
    assert code == 0, text
    assert told[0] == SET
    assert told[1].startswith("rollout status deployment/ollama-openai-proxy")
    assert UNDO not in told


def test_a_rollout_that_does_not_come_to_its_end_is_undone(home: Path) -> None:
    (home / "sick").touch()
    code, text, told = rollout("deploy", home, "name@sha256:1", "--seconds", "0")
    assert code == 1, text
    assert "exceeded its progress deadline" in text
    assert told[2] == UNDO


def test_a_person_can_go_back(home: Path) -> None:
    code, text, told = rollout("rollback", home)
    assert (code, "old-image serves again" in text) == (0, True), text
    assert told[0] == UNDO

"""Programs of the deployment tests: those of the machine, or those of scripts/install-tools."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.limits import HANG

ROOT = Path(__file__).parents[2]
needs_tools = pytest.mark.skipif(
    "TOOLS" not in os.environ, reason="needs linters and Prometheus: run scripts/check-deploy"
)


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(ROOT / "build/tools/bin"))
    assert found is not None, f"{name} is not installed: run scripts/install-tools"
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program and return its exit code and output. It is killed after HANG seconds."""
    return subprocess.run(
        [tool(str(command[0])), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANG,
        check=False,
    )

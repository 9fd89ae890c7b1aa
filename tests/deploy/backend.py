"""The fake backend of the benchmarks as a subprocess."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.deploy.tools import ROOT
from tests.e2e.environment import clean


@contextmanager
def canned_backend() -> Iterator[str]:
    """Start the backend on a free port and yield its base URL."""
    command = [sys.executable, "-u", "-m", "tests.benchmarks.fake_backend", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=clean(), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()

"""mypy compares each handler with the body class that it is registered with."""

import os
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
RIGHT = """
from ollama_openai_proxy_models import ollama
from ollama_openai_proxy.handlers.model_management.blobs import blob
from ollama_openai_proxy.handlers.models import show
from ollama_openai_proxy.handlers.registration import Raw, WithBody, WithoutBody
from ollama_openai_proxy.handlers.version import version

WithBody(show, ollama.ShowRequest)
WithoutBody(version)
Raw(blob)
"""
WRONG = ("WithBody(show, ollama.PullRequest)", "WithoutBody(show)", "Raw(show)")


@pytest.mark.skipif(
    not (ROOT / "src").is_dir(), reason="no src/ here; run scripts/test in a checkout"
)
def test_mypy_rejects_handlers_that_are_registered_wrongly(tmp_path: Path) -> None:
    module = tmp_path / "registrations.py"
    module.write_text("\n".join([RIGHT, *WRONG]), "utf-8")
    cache = ROOT / "build" / "mypy-registration"
    os.chdir(ROOT)  # mypy_path in pyproject.toml is relative
    report, _, code = api.run(["--cache-dir", str(cache), "--no-error-summary", str(module)])
    first = len(RIGHT.splitlines()) + 2
    reported = {int(line.split(":")[1]) for line in report.splitlines() if "error:" in line}
    assert code == 1, report
    assert reported == {first, first + 1, first + 2}, report

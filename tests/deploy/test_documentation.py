"""The deployment documentation refers to existing scripts and files."""

import re

import pytest

from tests.deploy.tools import ROOT

DOCUMENTS = ("README.md", "docker/README.md", "docs/how-to/deployment.md")
TABLE = "| Area | Files | Command that verifies it | Observed |"
AREAS = (
    "Docker", "Compose", "Environments", "Authentication", "Health, metrics, logs", "Shutdown",
    "CI/CD", "Rollback", "Orchestrated", "Smoke test", "Wheel", "PyPI", "Local development",
)  # fmt: skip


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_script_and_file_mentioned_exists(name: str) -> None:
    pattern = r"(?:scripts|docker|tests/\w+|specs)/[\w./-]*\w"
    named = {word for word in re.findall(pattern, text(name)) if "/secrets" not in word}
    missing = [
        word for word in named if not (ROOT / word).exists() and not list(ROOT.glob(f"{word}*"))
    ]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_has_a_target(name: str) -> None:
    folder = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(name))
    assert [link for link in links if not (folder / link).exists()] == []


def test_every_area_has_a_command_that_proves_it() -> None:
    document = text("docs/how-to/deployment.md")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in document.partition(TABLE)[2].partition("\n\n")[0].splitlines()[2:]
    ]
    commands = {row[0]: row[2] for row in rows}
    assert set(AREAS) <= set(commands)
    for area, command in commands.items():
        assert re.search(r"`(scripts/[\w-]+|python -m venv)", command), area

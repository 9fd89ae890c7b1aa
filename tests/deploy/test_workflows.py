"""Workflows only run commands that also work on a developer's machine."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.deploy.tools import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
ALLOWED = ("pip", "ruff", "mypy", "pytest", "gh", "git", "rm", "echo", "python", "python3")
"""The commands that a step may run besides our scripts. Logic belongs in the scripts."""

pytestmark = pytest.mark.skipif(
    not FILES, reason="no .github/workflows: run the tests in a checkout of the repository"
)


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text("utf-8"))
    return found


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in FILES:
        for name, job in workflow(file.name)["jobs"].items():
            for step in job["steps"]:
                yield f"{file.name} {name}", step


def commands() -> Iterator[tuple[str, str]]:
    for where, step in steps():
        for line in step.get("run", "").replace("\\\n", " ").splitlines():
            yield where, line.strip()


def test_every_line_is_a_script_or_an_allowed_command() -> None:
    for where, line in commands():
        first = re.match(r"(?:\w+=\$\()?([\w./-]+)", line)
        assert first is not None, f"{where}: {line}"
        assert first[1] in ALLOWED or os.access(ROOT / first[1], os.X_OK), f"{where}: {line}"


def test_every_script_that_a_workflow_calls_is_executable() -> None:
    named = {script for _, line in commands() for script in re.findall(r"scripts/[\w-]+", line)}
    assert named >= {"scripts/test", "scripts/containers", "scripts/deploy", "scripts/rollback"}
    assert [script for script in named if not os.access(ROOT / script, os.X_OK)] == []


def test_every_action_is_pinned_to_a_commit_with_its_version_in_a_comment() -> None:
    for file in FILES:
        for line in file.read_text("utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_permissions_are_granted_per_job() -> None:
    for file in FILES:
        assert workflow(file.name)["permissions"] == {}
        for job in workflow(file.name)["jobs"].values():
            assert "permissions" in job
            assert "timeout-minutes" in job


def test_every_action_is_used_in_one_version() -> None:
    used = {step["uses"] for _, step in steps() if "uses" in step}
    assert len({one.partition("@")[0] for one in used}) == len(used)


def test_production_deploys_the_image_of_staging_and_pypi_follows() -> None:
    jobs = workflow("deploy.yml")["jobs"]
    images = [
        step["env"]["IMAGE"]
        for name in ("staging", "production")
        for step in jobs[name]["steps"]
        if "scripts/deploy" in step.get("run", "")
    ]
    assert images == ["${{ needs.image.outputs.image }}"] * 2
    assert "staging" in jobs["production"]["needs"]
    assert jobs["production"]["environment"]["name"] == "production"
    assert "production" in jobs["pypi"]["needs"]


def test_publishing_to_pypi_is_disabled_by_default() -> None:
    assert workflow("deploy.yml")["jobs"]["pypi"]["if"] == "vars.PUBLISH_TO_PYPI == 'true'"


def test_tests_run_on_every_supported_python() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)
    matrix = workflow("test.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert matrix == supported

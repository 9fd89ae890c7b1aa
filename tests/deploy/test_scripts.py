"""Scripts that a workflow calls and that can be run anywhere."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.tools import ROOT
from tests.fakes.limits import HANG


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / command[0]), *command[1:]],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


def test_a_cluster_is_reached_by_a_file_that_nobody_else_reads_and_that_goes_away() -> None:
    look = 'stat -c %a "$KUBECONFIG"; cat "$KUBECONFIG"; echo "${DEPLOY_KUBECONFIG-gone}"; echo $KUBECONFIG'
    done = run("scripts/with-access", "sh", "-c", look, DEPLOY_KUBECONFIG="apiVersion: v1")
    assert done.stderr == ""
    mode, content, secret, path = done.stdout.splitlines()
    assert (mode, content, secret) == ("600", "apiVersion: v1", "gone")
    assert not Path(path).exists()


def test_the_exit_code_of_what_is_run_is_told() -> None:
    assert run("scripts/with-access", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.skipif(
    shutil.which("ssh-agent") is None, reason="no ssh-agent here: install openssh-client"
)
def test_a_host_is_reached_by_a_key_that_is_on_no_disk(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    home = tmp_path / "home"
    home.mkdir()
    secret = key.read_text()
    key.unlink()
    known = "host ssh-ed25519 AAAA"
    look = 'ssh-add -l; echo "${DEPLOY_SSH_KEY-gone}"; echo "$SSH_AUTH_SOCK"'
    done = run(
        "scripts/with-access", "sh", "-c", look,
        DEPLOY_SSH_KEY=secret, DEPLOY_KNOWN_HOSTS=known, HOME=str(home),
    )  # fmt: skip
    loaded, gone, socket = done.stdout.splitlines()
    assert "ED25519" in loaded
    assert gone == "gone"
    assert (home / ".ssh/known_hosts").read_text() == f"{known}\n"
    assert not Path(socket).exists(), "the agent still runs"


def test_a_tag_that_is_another_version_is_refused() -> None:
    done = run("scripts/release-notes", "v99.0.0")
    assert done.returncode == 1
    assert "v99.0.0" in done.stderr


def test_the_notes_of_a_release_are_its_part_of_the_changelog() -> None:
    version = run("scripts/version").stdout.strip()
    done = run("scripts/release-notes", f"v{version}")
    assert done.returncode == 0
    assert done.stdout.strip() in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert len(done.stdout) > 100
    assert "## [" not in done.stdout


def test_an_image_is_published_for_both_architectures_and_named_by_its_digest(
    tmp_path: Path,
) -> None:
    said = tmp_path / "said"
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\necho "$*" >{said}\n'
        'while [ "$1" != --metadata-file ]; do shift; done\n'
        'printf \'{\\n "containerimage.digest": "sha256:12ab",\\n "image.name": "x"\\n}\\n\' >"$2"\n'
    )
    docker.chmod(0o755)
    outputs = tmp_path / "outputs"
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = run("scripts/publish-image", "ghcr.io/Me/proxy", PATH=path, GITHUB_OUTPUT=str(outputs))
    assert done.stdout == "ghcr.io/me/proxy@sha256:12ab\n"
    assert "digest=sha256:12ab" in outputs.read_text().splitlines()
    for part in ("--platform linux/amd64,linux/arm64", "--provenance mode=max", "--sbom true"):
        assert part in said.read_text()

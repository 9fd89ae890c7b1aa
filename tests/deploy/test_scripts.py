"""The scripts that workflows call. All of them also run on a developer's machine."""

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


def test_the_kubeconfig_is_a_private_file_which_is_deleted_afterwards() -> None:
    script = 'stat -c %a "$KUBECONFIG"; cat "$KUBECONFIG"; echo "${DEPLOY_KUBECONFIG-gone}"; echo $KUBECONFIG'
    done = run("scripts/with-access", "sh", "-c", script, DEPLOY_KUBECONFIG="apiVersion: v1")
    assert done.stderr == ""
    mode, content, secret, path = done.stdout.splitlines()
    assert (mode, content, secret) == ("600", "apiVersion: v1", "gone")
    assert not Path(path).exists()


def test_the_exit_code_of_the_command_is_returned() -> None:
    assert run("scripts/with-access", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.skipif(
    shutil.which("ssh-agent") is None, reason="ssh-agent is not installed: install openssh-client"
)
def test_the_ssh_key_is_only_in_the_agent(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    home = tmp_path / "home"
    home.mkdir()
    secret = key.read_text()
    key.unlink()
    known = "host ssh-ed25519 AAAA"
    script = 'ssh-add -l; echo "${DEPLOY_SSH_KEY-gone}"; echo "$SSH_AUTH_SOCK"'
    done = run(
        "scripts/with-access", "sh", "-c", script,
        DEPLOY_SSH_KEY=secret, DEPLOY_KNOWN_HOSTS=known, HOME=str(home),
    )  # fmt: skip
    loaded, gone, socket = done.stdout.splitlines()
    assert "ED25519" in loaded
    assert gone == "gone"
    assert (home / ".ssh/known_hosts").read_text() == f"{known}\n"
    assert not Path(socket).exists(), "the agent is still running"


def test_a_tag_that_differs_from_the_version_is_rejected() -> None:
    done = run("scripts/release-notes", "v99.0.0")
    assert done.returncode == 1
    assert "v99.0.0" in done.stderr


def test_release_notes_are_the_section_of_the_changelog() -> None:
    version = run("scripts/version").stdout.strip()
    done = run("scripts/release-notes", f"v{version}")
    assert done.returncode == 0
    assert done.stdout.strip() in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert len(done.stdout) > 100
    assert "## [" not in done.stdout


def test_an_image_is_published_for_two_architectures_and_its_digest_is_printed(
    tmp_path: Path,
) -> None:
    arguments = tmp_path / "arguments"
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\necho "$*" >{arguments}\n'
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
        assert part in arguments.read_text()

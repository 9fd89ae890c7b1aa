"""A Docker engine: the one that answers, else one of our own for the length of a run.

Our own is started by hand, where nothing of Docker runs: as root on Debian, with CI set.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.containers.command import Failed, run, succeeds
from tests.containers.standins import CACHE, import_images

_PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "runc": "runc",
    "mmdebstrap": "mmdebstrap",
}
_PLUGINS = ("docker-compose", "docker-buildx")
_SWARM = re.compile(r"docker_gwbridge|vx-[0-9a-f]{6}-\w+")
"""Its network interfaces."""
_START = 30.0
_STOP = 20.0


class NoEngine(Exception):
    """Nothing here can run a container; the message says what would help."""


@contextmanager
def engine() -> Iterator[bool]:
    """Whether the engine is our own; `docker` finds it by the environment."""
    if succeeds("docker", "info") and succeeds("docker", "compose", "version"):
        yield False
        return
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not os.environ.get("CI"):
        raise NoEngine(
            "no Docker engine with Compose answers; as root on Debian, CI=true starts one"
        )
    state = Path(tempfile.mkdtemp(prefix="ollama-openai-proxy-engine."))
    try:
        _install()
        _unlink()
        _plugins(state)
        with _daemon(state):
            import_images(state)
            yield True
    finally:
        _unmount(state)
        _unlink()
        subprocess.run(["rm", "-rf", "--one-file-system", state], check=True)


def _install() -> None:
    missing = {package for program, package in _PACKAGES.items() if not shutil.which(program)}
    if not missing:
        return
    run("apt-get", "-qq", "update")
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:  # no package may start a service
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends"]
        run(*install, *sorted(missing), env=quiet, seconds=600)
    finally:
        if ours:
            policy.unlink()


def _plugins(state: Path) -> None:
    """Compose and buildx are not in Debian 12: those of Debian 13, which need nothing newer, are
    taken through a view of apt that leaves the system's own lists alone."""
    kept = CACHE / "plugins"
    if not all((kept / name).exists() for name in _PLUGINS):
        apt = state / "apt"
        for folder in ("lists/partial", "cache/archives/partial", "unpacked"):
            (apt / folder).mkdir(parents=True)
        (apt / "status").touch()
        sites = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages")
        keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (apt / "list").write_text(f"deb [signed-by={keys}] {sites.splitlines()[0]} trixie main\n")
        view = [
            "apt-get", "-qq", "-o", f"Dir::Etc::SourceList={apt}/list", "-o", "APT::Sandbox::User=root",
            "-o", f"Dir::State::Lists={apt}/lists", "-o", f"Dir::State::status={apt}/status",
            "-o", f"Dir::Cache={apt}/cache",
        ]  # fmt: skip
        for part in ("SourceParts", "Preferences", "PreferencesParts"):
            view += ["-o", f"Dir::Etc::{part}=/dev/null"]
        run(*view, "update", cwd=apt)
        run(*view, "download", *_PLUGINS, cwd=apt)
        for package in apt.glob("*.deb"):
            run("dpkg", "-x", package, apt / "unpacked")
        kept.mkdir(parents=True, exist_ok=True)
        for name in _PLUGINS:
            shutil.copy(apt / "unpacked/usr/libexec/docker/cli-plugins" / name, kept)
    (state / "config").mkdir()
    (state / "config/cli-plugins").symlink_to(kept)


@contextmanager
def _daemon(state: Path) -> Iterator[None]:
    """Without firewall rules and without the default bridge, so that nothing of it stays behind."""
    address = f"unix://{state}/docker.sock"
    command = [
        "setpriv", "--pdeathsig", "TERM", "dockerd", "--host", address, "--data-root", f"{state}/data",
        "--exec-root", f"{state}/exec", "--pidfile", f"{state}/pid", "--storage-driver", "overlay2",
        "--bridge=none", "--iptables=false", "--ip6tables=false",
    ]  # fmt: skip
    os.environ |= {"DOCKER_HOST": address, "DOCKER_CONFIG": f"{state}/config"}
    log = state / "log"
    with log.open("wb") as output:
        daemon = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(daemon, log)
        yield
        _remove_everything()
    except BaseException:
        with suppress(Failed):
            _remove_everything()
        raise
    finally:
        daemon.terminate()
        try:
            daemon.wait(_STOP)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait(_STOP)
        del os.environ["DOCKER_HOST"], os.environ["DOCKER_CONFIG"]


def _wait_for(daemon: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START
    while not succeeds("docker", "version"):
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise NoEngine(f"dockerd does not answer:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)


def _remove_everything() -> None:
    """Containers first: they hold the bridges, which an engine that ends leaves behind."""
    with suppress(Failed):
        run("docker", "swarm", "leave", "--force")
    containers = run("docker", "ps", "-aq").split()
    if containers:
        run("docker", "rm", "-f", *containers)
    run("docker", "network", "prune", "-f")


def _unmount(state: Path) -> None:
    """What a daemon leaves behind: network namespaces under its exec-root."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((one for one in mounts if one.startswith(f"{state}/")), reverse=True):
        run("umount", mount)


def _unlink() -> None:
    """Swarm's bridge and overlays, which an engine that was killed leaves behind; the next one
    could make none of the same number."""
    for interface in Path("/sys/class/net").iterdir():
        if _SWARM.fullmatch(interface.name):
            run("ip", "link", "del", interface.name)

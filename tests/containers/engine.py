"""A Docker engine: a running one, or a temporary one for the length of the test run.

The temporary engine is only started as root on Debian with CI=true. It needs no init system.
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
"""Network interfaces of Docker Swarm."""
_START = 30.0
"""Seconds for dockerd to start."""
_STOP = 20.0
"""Seconds for dockerd to stop before it is killed."""


class NoEngine(Exception):
    """There is no Docker engine. The message has the remedy."""


@contextmanager
def engine() -> Iterator[bool]:
    """Provide an engine; yields whether it is a temporary one.

    DOCKER_HOST and DOCKER_CONFIG are set for the temporary one. Raises NoEngine.
    """
    if succeeds("docker", "info") and succeeds("docker", "compose", "version"):
        yield False
        return
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not os.environ.get("CI"):
        raise NoEngine(
            "no Docker engine with Compose is running; start one, or set CI=true as root on Debian"
        )
    state = Path(tempfile.mkdtemp(prefix="ollama-openai-proxy-engine."))
    try:
        _install()
        _delete_interfaces()
        _install_plugins(state)
        with _daemon(state):
            import_images(state)
            yield True
    finally:
        _unmount(state)
        _delete_interfaces()
        subprocess.run(["rm", "-rf", "--one-file-system", state], check=True)


def _install() -> None:
    missing = {package for program, package in _PACKAGES.items() if not shutil.which(program)}
    if not missing:
        return
    run("apt-get", "-qq", "update")
    policy = Path("/usr/sbin/policy-rc.d")
    blocking = not policy.exists()
    if blocking:  # packages must not start services
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends"]
        run(*install, *sorted(missing), env=environment, seconds=600)
    finally:
        if blocking:
            policy.unlink()


def _install_plugins(state: Path) -> None:
    """Install Compose and buildx from Debian 13, because Debian 12 does not have them.

    They have no newer dependencies. A separate apt configuration leaves the system's package
    lists unchanged.
    """
    cached = CACHE / "plugins"
    if not all((cached / name).exists() for name in _PLUGINS):
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
        cached.mkdir(parents=True, exist_ok=True)
        for name in _PLUGINS:
            shutil.copy(apt / "unpacked/usr/libexec/docker/cli-plugins" / name, cached)
    (state / "config").mkdir()
    (state / "config/cli-plugins").symlink_to(cached)


@contextmanager
def _daemon(state: Path) -> Iterator[None]:
    """Run dockerd without firewall rules and default bridge, so that nothing has to be cleaned up."""
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
            raise NoEngine(f"dockerd did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)


def _remove_everything() -> None:
    """Remove the containers, then the networks. dockerd does not remove bridges when it stops."""
    with suppress(Failed):
        run("docker", "swarm", "leave", "--force")
    containers = run("docker", "ps", "-aq").split()
    if containers:
        run("docker", "rm", "-f", *containers)
    run("docker", "network", "prune", "-f")


def _unmount(state: Path) -> None:
    """Unmount the network namespaces that dockerd leaves under its exec-root."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((one for one in mounts if one.startswith(f"{state}/")), reverse=True):
        run("umount", mount)


def _delete_interfaces() -> None:
    """Delete the bridge and the overlays of Swarm that a killed engine leaves behind.

    Otherwise the next engine could not create interfaces with the same number.
    """
    for interface in Path("/sys/class/net").iterdir():
        if _SWARM.fullmatch(interface.name):
            run("ip", "link", "del", interface.name)

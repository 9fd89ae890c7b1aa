"""compose.prod.yaml under Compose or Swarm, started by scripts/deploy."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.containers import backend, images
from tests.containers.command import run, succeeds

KEY = "sk-test-3f1d7c5a9b"
_STACK = "ollama-openai-proxy-test"
_READY = 60.0


class Rollout(NamedTuple):
    code: int
    text: str
    seconds: float


class Production:
    def __init__(self, orchestrator: str, image: str, folder: Path) -> None:
        (folder / "api_keys").write_text(f"tests:{KEY}\n")
        (folder / "backend_key").write_text("sk-backend\n")
        port = free_port()
        files = (
            images.ROOT / "docker/compose.prod.yaml",
            images.ROOT / "tests/containers/compose.backend.yaml",
        )
        self.orchestrator = orchestrator
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "STACK": _STACK,
            "PORT": str(port),
            "COMPOSE_FILES": ":".join(map(str, files)),
            "API_KEYS_FILE": str(folder / "api_keys"),
            "BACKEND_KEY_FILE": str(folder / "backend_key"),
            "BACKEND_IMAGE": image,
            "BACKEND_SCRIPT": str(backend.__file__),
            "SMOKE_KEY": KEY,
            "PYTHON": sys.executable,
        }

    def deploy(self, image: str, *options: str) -> Rollout:
        return self._rollout("deploy", "ci", image, *options)

    def rollback(self) -> Rollout:
        return self._rollout("rollback", "ci")

    def forget_secrets(self) -> None:
        """Delete the key file. A workflow does not have it; Swarm stores it since the first start."""
        if self.orchestrator == "swarm":
            Path(self.environment["API_KEYS_FILE"]).unlink()

    def version(self) -> str:
        """The version that a replica reports. Each image of the tests reports its own."""
        return str(httpx.get(f"{self.url}/api/version", timeout=10).json()["version"])

    def replicas(self) -> list[str]:
        kind = (
            "com.docker.swarm.service.name"
            if self.orchestrator == "swarm"
            else "com.docker.compose.service"
        )
        name = f"{_STACK}_proxy" if self.orchestrator == "swarm" else "proxy"
        return run("docker", "ps", "--quiet", "--filter", f"label={kind}={name}").split()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY
        while True:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, (
                f"the load balancer found no ready replica within {_READY:.0f} s"
            )
            time.sleep(0.3)

    def _rollout(self, command: str, *arguments: str) -> Rollout:
        started = time.monotonic()
        done = subprocess.run(
            [images.ROOT / "scripts" / command, *arguments, "--orchestrator", self.orchestrator],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        print(f"\n$ {self.orchestrator}: {command} {arguments}: {done.returncode}", file=sys.stderr)
        print(done.stdout + done.stderr, file=sys.stderr)
        return Rollout(done.returncode, done.stdout + done.stderr, time.monotonic() - started)

    def down(self) -> None:
        if self.orchestrator == "swarm":
            run("docker", "stack", "rm", _STACK)
            for container in run("docker", "ps", "-aq", "--filter", f"name={_STACK}_").split():
                succeeds("docker", "rm", "--force", container)  # it may have been removed already
            return
        given = [
            part for file in self.environment["COMPOSE_FILES"].split(":") for part in ("-f", file)
        ]
        environment = {**self.environment, "IMAGE": "none", "ENVIRONMENT": "ci"}
        run(
            "docker",
            "compose",
            "-p",
            _STACK,
            *given,
            "down",
            "--volumes",
            "--timeout",
            "1",
            env=environment,
        )


@contextmanager
def production(orchestrator: str, image: str, folder: Path) -> Iterator[Production]:
    if orchestrator == "swarm":
        listening = f"127.0.0.1:{free_port()}"
        run("docker", "swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", listening)
    running = Production(orchestrator, image, folder)
    try:
        first = running.deploy(image, "--seconds", "0")
        assert first.code == 0, first.text
        running.wait_until_ready()
        yield running
    finally:
        running.down()
        if orchestrator == "swarm":
            run("docker", "swarm", "leave", "--force")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

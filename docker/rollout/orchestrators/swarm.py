"""Docker Swarm: updates a stack. Swarm replaces one task after another and rolls back by itself."""

import json
from collections.abc import Mapping
from typing import Any

from ..settings_file import DOCKER, secret_files
from .command import Failed, NotHealthy, NothingBefore, run, wait_until

_UPDATE = 600.0
_DONE = {"completed", "rollback_completed", "rollback_paused", "paused"}


class Swarm:
    def __init__(self, environment: str, variables: Mapping[str, str]) -> None:
        self._stack = variables.get("STACK") or environment
        self._service = f"{self._stack}_proxy"
        self._variables = variables
        self._has_secrets = all(file.exists() for file in secret_files(variables))
        """Without the secret files, as in a workflow, only the image is updated."""
        files = variables.get("COMPOSE_FILES") or str(DOCKER / "compose.prod.yaml")
        self._files = [part for file in files.split(":") for part in ("--compose-file", file)]

    def update(self, image: str) -> None:
        before = self._status()
        # The image has a digest, so Swarm need not resolve its tag in the registry.
        if self._has_secrets or not self._inspect():
            run(
                "docker", "stack", "deploy", "--with-registry-auth", "--resolve-image", "never",
                *self._files, self._stack, env={**self._variables, "IMAGE": image},
            )  # fmt: skip
        else:
            run(
                "docker", "service", "update", "--detach", "--with-registry-auth", "--no-resolve-image",
                "--image", image, self._service,
            )  # fmt: skip
        self._wait(image, before)
        if self._image() != image:
            message = self._status().get("Message")
            raise NotHealthy(f"{message or 'the update failed without a message'}")

    def rollback(self) -> str:
        if self._inspect().get("PreviousSpec") is None:
            raise NothingBefore(f"service {self._service} has no previous image")
        before = self._status()
        run("docker", "service", "rollback", "--detach", self._service)
        self._wait(None, before)
        return self._image()

    def replicas(self) -> list[str]:
        label = f"label=com.docker.swarm.service.name={self._service}"
        return run("docker", "ps", "--quiet", "--no-trunc", "--filter", label).split()

    def inside(self, replica: str) -> list[str]:
        return ["docker", "exec", "--interactive", replica]

    def _wait(self, image: str | None, before: Mapping[str, Any]) -> None:
        """Wait for an update that started after the status `before` was read.

        The first start of a service has no update status, so the running image is compared.
        """

        def finished() -> bool:
            status = self._status()
            if status.get("StartedAt") != before.get("StartedAt"):
                return status.get("State") in _DONE and self._complete()
            return image is not None and self._image() == image and self._complete(image)

        wait_until(finished, _UPDATE, f"the update of {self._service}")

    def _complete(self, image: str | None = None) -> bool:
        """Whether all tasks run; if `image` is given, with this image only."""
        rows = run(
            "docker", "service", "ps", "--no-trunc", "--filter", "desired-state=running",
            "--format", "{{.Image}}\t{{.CurrentState}}", self._service,
        ).splitlines()  # fmt: skip
        running = [row.split("\t")[0] for row in rows if "\tRunning" in row]
        wanted = self._inspect()["Spec"]["Mode"]["Replicated"]["Replicas"]
        return len(rows) == len(running) == wanted and (image is None or {*running} <= {image})

    def _image(self) -> str:
        return str(self._inspect()["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])

    def _status(self) -> dict[str, Any]:
        return self._inspect().get("UpdateStatus") or {}

    def _inspect(self) -> dict[str, Any]:
        try:
            found: list[dict[str, Any]] = json.loads(
                run("docker", "service", "inspect", self._service)
            )
        except Failed:  # the service does not exist yet
            return {}
        return found[0]

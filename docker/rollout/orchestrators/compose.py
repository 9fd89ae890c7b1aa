"""Docker Compose: starts as many new replicas as there are old ones, then drains the old ones.

`docker compose up` alone would stop a replica before it starts the next, and cannot roll back.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..settings_file import DOCKER
from .command import Failed, NotHealthy, NothingBefore, run, wait_until

_HEALTHY = 120.0
_NOTICED = 4.0  # seconds until the load balancer has resolved and health-checked the new replicas


class Compose:
    def __init__(self, environment: str, variables: Mapping[str, str]) -> None:
        self._project = variables.get("STACK") or environment
        self._variables = variables
        self._before = f"ollama-openai-proxy-before:{self._project}"
        """The tag that marks the previous image."""

    def update(self, image: str) -> None:
        old = self.replicas()
        if not old:
            self._compose(image, "up", "--detach", "--wait", "--no-build")
            return
        count = int(self._variables.get("REPLICAS") or len(old))
        scale = f"proxy={len(old) + count}"
        self._compose(
            image,
            "up",
            "--detach",
            "--no-build",
            "--no-deps",
            "--no-recreate",
            "--scale",
            scale,
            "proxy",
        )
        new = [replica for replica in self.replicas() if replica not in old]
        try:
            wait_until(lambda: self._all_healthy(new), _HEALTHY, "the new replicas to be healthy")
        except Failed as failure:
            # The load balancer may already use the new replicas, so they may have open streams.
            self._drain(new)
            raise NotHealthy(str(failure)) from None
        run("docker", "tag", self._image(old[0]), self._before)
        time.sleep(_NOTICED)
        self._drain(old)

    def rollback(self) -> str:
        try:
            run("docker", "image", "inspect", self._before)
        except Failed:
            raise NothingBefore(f"project {self._project} has no previous image") from None
        image = run("docker", "image", "inspect", "--format", "{{.Id}}", self._before)
        self.update(image)
        # update() has tagged the image that was just replaced. Rolling back twice must not restore it.
        run("docker", "rmi", self._before)
        return image

    def replicas(self) -> list[str]:
        labels = [f"project={self._project}", "service=proxy", "oneoff=False"]
        filters = [
            part for label in labels for part in ("--filter", f"label=com.docker.compose.{label}")
        ]
        return run("docker", "ps", "--quiet", "--no-trunc", *filters).split()

    def inside(self, replica: str) -> list[str]:
        return ["docker", "exec", "--interactive", replica]

    def _compose(self, image: str, *command: str) -> None:
        files = self._variables.get("COMPOSE_FILES", str(DOCKER / "compose.prod.yaml")).split(":")
        options = [part for file in files for part in ("--file", file)]
        variables = {**self._variables, "IMAGE": image}
        run("docker", "compose", "--project-name", self._project, *options, *command, env=variables)

    def _all_healthy(self, replicas: Sequence[str]) -> bool:
        states = run("docker", "inspect", "--format", "{{.State.Health.Status}}", *replicas).split()
        if "unhealthy" in states:
            raise Failed("a new replica is unhealthy")
        return set(states) == {"healthy"}

    def _image(self, replica: str) -> str:
        return run("docker", "inspect", "--format", "{{.Image}}", replica)

    def _drain(self, replicas: Sequence[str]) -> None:
        with ThreadPoolExecutor(len(replicas)) as pool:
            list(pool.map(lambda replica: run("docker", "stop", replica), replicas))
        run("docker", "rm", "--force", *replicas)

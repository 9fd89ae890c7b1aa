"""The orchestrators that run the replicas, and can update them and roll back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from .compose import Compose
from .kubernetes import Kubernetes
from .swarm import Swarm


class Orchestrator(Protocol):
    """The operations that a deployment needs.

    All methods raise Failed if a command fails, and subprocess.TimeoutExpired if it takes too long.
    """

    def update(self, image: str) -> None:
        """Update the replicas, and wait until they are healthy.

        Raises NotHealthy if the new replicas do not become healthy. The previous image then serves
        again.
        """

    def rollback(self) -> str:
        """Restore the previous image, wait until it runs, and return its name.

        Raises NothingBefore if there is no previous image, and NotHealthy if it does not become
        healthy.
        """

    def replicas(self) -> Sequence[str]:
        """The names or ids of the running replicas."""

    def inside(self, replica: str) -> list[str]:
        """The command prefix that runs a program in a replica."""


ORCHESTRATORS: Mapping[str, Callable[[str, Mapping[str, str]], Orchestrator]] = {
    "compose": Compose,
    "kubernetes": Kubernetes,
    "swarm": Swarm,
}
"""Factories by name. The arguments are the name and the variables of an environment."""

"""What runs the replicas: each way to start, replace and restore them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from .compose import Compose
from .kubernetes import Kubernetes
from .swarm import Swarm


class Orchestrator(Protocol):
    def update(self, image: str) -> None:
        """Until the replicas run the image and are healthy; raises NotHealthy when it has given
        the image up, with the earlier one in service again."""

    def rollback(self) -> str:
        """Until the replicas run the image before this one; what it is."""

    def replicas(self) -> Sequence[str]: ...

    def inside(self, replica: str) -> list[str]:
        """The command that runs another one in a replica."""


ORCHESTRATORS: Mapping[str, Callable[[str, Mapping[str, str]], Orchestrator]] = {
    "compose": Compose,
    "kubernetes": Kubernetes,
    "swarm": Swarm,
}
"""By name; made for an environment's name and variables."""

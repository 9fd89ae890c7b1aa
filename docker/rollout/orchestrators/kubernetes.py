"""Kubernetes: updates a Deployment with kubectl, in the cluster of the current context."""

from collections.abc import Mapping

from .command import Failed, NotHealthy, NothingBefore, run

_NAME = "ollama-openai-proxy"
_UPDATE = 600  # seconds; longer than progressDeadlineSeconds in deployment.yaml


class Kubernetes:
    def __init__(self, environment: str, variables: Mapping[str, str]) -> None:
        self._kubectl = [
            "kubectl",
            "--namespace",
            variables.get("NAMESPACE") or f"{_NAME}-{environment}",
        ]
        self._deployment = f"deployment/{_NAME}"

    def update(self, image: str) -> None:
        run(*self._kubectl, "set", "image", self._deployment, f"proxy={image}")
        try:
            self._wait()
        except Failed as failure:
            self._undo()
            raise NotHealthy(str(failure)) from None

    def rollback(self) -> str:
        self._undo()
        path = "{.spec.template.spec.containers[?(@.name=='proxy')].image}"
        return run(*self._kubectl, "get", self._deployment, "--output", f"jsonpath={path}")

    def replicas(self) -> list[str]:
        selectors = [
            "--selector",
            f"app.kubernetes.io/name={_NAME}",
            "--field-selector",
            "status.phase=Running",
        ]
        return run(*self._kubectl, "get", "pods", *selectors, "--output", "name").split()

    def inside(self, replica: str) -> list[str]:
        return [*self._kubectl, "exec", "--stdin", replica, "--container", "proxy", "--"]

    def _undo(self) -> None:
        try:
            run(*self._kubectl, "rollout", "undo", self._deployment)
        except Failed as failure:
            if "no rollout history" in str(failure):
                raise NothingBefore(str(failure)) from None
            raise
        self._wait()

    def _wait(self) -> None:
        wait = ["rollout", "status", self._deployment, f"--timeout={_UPDATE}s"]
        run(*self._kubectl, *wait, seconds=_UPDATE + 30)

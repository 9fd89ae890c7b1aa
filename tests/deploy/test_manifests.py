"""The Kubernetes manifests are valid and match the settings and paths of the service."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ollama_openai_proxy.config.settings import Settings, variable
from ollama_openai_proxy.spec import load_spec
from tests.deploy.tools import ROOT, needs_tools, run, tool

KUBERNETES = ROOT / "docker/kubernetes"
BASE = KUBERNETES / "base"
ENVIRONMENTS = ("staging", "production")
CUSTOM_RESOURCES = ("ServiceMonitor", "PrometheusRule")


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


@pytest.fixture
def pod() -> dict[str, Any]:
    found: dict[str, Any] = document(BASE / "deployment.yaml")["spec"]["template"]["spec"]
    return found


@pytest.fixture
def container(pod: dict[str, Any]) -> dict[str, Any]:
    [found] = pod["containers"]
    return dict(found)


def configured() -> dict[str, str]:
    [generated] = document(BASE / "kustomization.yaml")["configMapGenerator"]
    return dict(line.split("=", 1) for line in generated["literals"])


def test_the_pod_is_killed_after_drain_and_grace_period(
    pod: dict[str, Any], container: dict[str, Any]
) -> None:
    settings = configured()
    needed = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed += float(settings["OLLAMA_OPENAI_PROXY_DRAIN"])
    needed += float(settings["OLLAMA_OPENAI_PROXY_GRACE"])
    assert pod["terminationGracePeriodSeconds"] >= needed + 5


def test_every_variable_is_a_setting(container: dict[str, Any]) -> None:
    known = {variable(field) for field in Settings.model_fields}
    assert {*configured(), *(one["name"] for one in container["env"])} <= known


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_a_probe_uses_a_path_and_a_port_of_the_service(
    container: dict[str, Any], probe: str
) -> None:
    request = container[probe]["httpGet"]
    assert request["path"] in load_spec("ollama.yaml")["paths"]
    assert request["port"] == container["ports"][0]["containerPort"] == 11434


def test_the_pod_has_minimal_privileges(pod: dict[str, Any], container: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_secrets_are_mounted_and_not_part_of_the_manifests(
    pod: dict[str, Any], container: dict[str, Any]
) -> None:
    [keys] = [volume for volume in pod["volumes"] if "secret" in volume]
    mounted = {f"/run/secrets/ollama-openai-proxy/{one['path']}" for one in keys["secret"]["items"]}
    assert {one["value"] for one in container["env"]} == mounted
    assert [path for path in KUBERNETES.rglob("*.yaml") if document(path)["kind"] == "Secret"] == []


def test_a_rolling_update_keeps_all_replicas_available() -> None:
    spec = document(BASE / "deployment.yaml")["spec"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert spec["revisionHistoryLimit"] > 1
    assert "replicas" not in spec, "the autoscaler sets the number of replicas"


@needs_tools
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_applied_manifests_are_valid_and_name_the_image_by_digest(
    tmp_path: Path, environment: str
) -> None:
    image = f"ghcr.io/owner/ollama-openai-proxy@sha256:{'0' * 64}"
    path = f"{Path(tool('kubectl')).parent}:/usr/bin:/bin"
    command = [str(KUBERNETES / "apply"), environment, image, "--dry-run"]
    applied = subprocess.run(
        command, env={"PATH": path}, capture_output=True, text=True, check=True
    )
    documents = list(yaml.safe_load_all(applied.stdout))
    assert f"image: {image}" in applied.stdout
    assert "image: ollama-openai-proxy" not in applied.stdout
    kinds = {one["kind"] for one in documents}
    assert kinds >= {*CUSTOM_RESOURCES, "Deployment", "PodDisruptionBudget", "NetworkPolicy"}
    standard = [one for one in documents if one["kind"] not in CUSTOM_RESOURCES]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(standard))
    done = run("kubernetes-validate", "--strict", tmp_path / "all.yaml")
    assert done.returncode == 0, done.stdout
    assert "WARN" not in done.stdout
    namespaces = {
        one["metadata"].get("namespace") for one in documents if one["kind"] != "Namespace"
    }
    assert namespaces == {f"ollama-openai-proxy-{environment}"}


@needs_tools
def test_an_image_named_by_tag_is_rejected() -> None:
    done = subprocess.run(
        [KUBERNETES / "apply", "production", "ghcr.io/owner/ollama-openai-proxy:1"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2

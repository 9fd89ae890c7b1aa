"""A real Prometheus with the project's configuration and rules scrapes a real service."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.deploy.backend import canned_backend
from tests.deploy.dashboard import queries
from tests.deploy.tools import ROOT, needs_tools, tool
from tests.e2e.process import serving
from tests.fakes.limits import HANG

MONITORING = ROOT / "docker/monitoring"
KEY = "sk-metrics-0123456789abcdef"
EMPTY_PANELS = ("Errors by kind", "Contract violations")
"""Panels without data, because the service reports no errors."""

pytestmark = needs_tools


def configuration(folder: Path, target: str) -> Path:
    """Write the project's configuration with shorter intervals and one static target."""
    found: dict[str, Any] = yaml.safe_load((MONITORING / "prometheus.yaml").read_text("utf-8"))
    found["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms"}
    job = found["scrape_configs"][0]
    assert job.pop("dns_sd_configs")
    job["static_configs"] = [{"targets": [target]}]
    job["authorization"]["credentials_file"] = str(folder / "key")
    (folder / "key").write_text(KEY)
    found["scrape_configs"] = [job]
    rules = (MONITORING / "rules.yaml").read_text("utf-8").replace("interval: 15s", "interval: 1s")
    (folder / "rules.yaml").write_text(rules)
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(found))
    return folder / "prometheus.yaml"


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        tool("prometheus"),
        f"--config.file={configuration(folder, target)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            with httpx.Client(base_url=f"http://{address}", timeout=HANG) as client:
                yield client
        finally:
            process.terminate()


def values(client: httpx.Client, query: str) -> list[Any]:
    response = client.get("/api/v1/query", params={"query": query})
    assert response.status_code == 200, f"{query}: {response.text}"
    found: list[Any] = response.json()["data"]["result"]
    return [row["value"][1] for row in found if row["value"][1] != "NaN"]


def wait_for(client: httpx.Client, query: str) -> list[Any]:
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        try:
            if found := values(client, query):
                return found
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{query} returned no data within {HANG} s")


def use(url: str) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    body = {"model": "bench", "messages": [{"role": "user", "content": "hi tokens=5"}]}
    for stream in (True, False):
        response = httpx.post(
            f"{url}/api/chat", json={**body, "stream": stream}, headers=headers, timeout=HANG
        )
        assert response.status_code == 200, response.text


def test_every_panel_has_data(tmp_path: Path) -> None:
    keys = tmp_path / "api_keys"
    keys.write_text(f"metrics:{KEY}\n")
    (tmp_path / ".env").write_text(f"OLLAMA_OPENAI_PROXY_API_KEYS_FILE={keys}\n")
    with (
        canned_backend() as backend,
        serving("the service", tmp_path, "--backend-url", backend) as service,
    ):
        folder = tmp_path / "prometheus"
        folder.mkdir()
        with prometheus(folder, service.url.removeprefix("http://")) as client:
            assert wait_for(client, "up == 1") == ["1"]
            use(service.url)
            wait_for(client, 'ollama_openai_proxy_requests_total{operation="chat"}')
            for _ in range(3):
                time.sleep(0.7)
                use(service.url)
            assert wait_for(client, "ollama_openai_proxy:error_ratio:rate5m") == ["0"]
            shown = {title: bool(values(client, query)) for title, query in queries("5m")}
            assert [title for title, some in shown.items() if not some] == list(EMPTY_PANELS)
            assert values(client, 'ALERTS{alertstate="firing"}') == []

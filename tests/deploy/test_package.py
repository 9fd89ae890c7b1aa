"""The distributions of scripts/build are complete and work in an empty environment."""

import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from tests.e2e.environment import clean, lacking
from tests.fakes.limits import HANG

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
STEM = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}"
WHEEL = DIST / f"{STEM}-py3-none-any.whl"
SDIST = DIST / f"{STEM}.tar.gz"

pytestmark = pytest.mark.skipif(
    "PACKAGE" not in os.environ,
    reason="needs a built wheel: run scripts/build, then scripts/check-package",
)


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command that has to succeed, and return its output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def free_ports() -> int:
    """Find two consecutive free ports and return the first."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def metadata() -> Message:
    with zipfile.ZipFile(WHEEL) as wheel:
        return Parser().parsestr(wheel.read(f"{STEM}.dist-info/METADATA").decode())


def test_the_wheel_contains_both_packages_and_the_specifications_only() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        names = set(wheel.namelist())
    info = f"{STEM}.dist-info"
    assert {name.split("/")[0] for name in names} == {
        "ollama_openai_proxy",
        "ollama_openai_proxy_models",
        info,
    }
    assert names >= {
        "ollama_openai_proxy/py.typed",
        "ollama_openai_proxy_models/py.typed",
        "ollama_openai_proxy/specs/ollama.yaml",
        "ollama_openai_proxy/specs/openai.yaml",
        f"{info}/licenses/LICENSE",
    }
    assert not [name for name in names if "__pycache__" in name or name.endswith(".env")]


def test_the_metadata_is_complete() -> None:
    found = metadata()
    assert (found["Name"], found["Version"]) == (PROJECT["name"], PROJECT["version"])
    assert found["License-Expression"] == "MIT"
    assert found["Requires-Python"] == ">=3.12"
    assert found["Description-Content-Type"] == "text/markdown"
    classifiers = found.get_all("Classifier", [])
    for python in ("3.12", "3.13", "3.14"):
        assert f"Programming Language :: Python :: {python}" in classifiers
    assert "Typing :: Typed" in classifiers


def test_the_command_is_an_entry_point() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        points = wheel.read(f"{STEM}.dist-info/entry_points.txt").decode()
    assert "ollama-openai-proxy = ollama_openai_proxy.__main__:main" in points


def test_the_sdist_contains_the_configured_files_and_no_build_products() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = configuration["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    always = {"PKG-INFO", "pyproject.toml", "README.md", "LICENSE", ".gitignore"}
    with tarfile.open(SDIST) as sdist:
        names = sdist.getnames()
    assert {name.split("/")[1] for name in names} == always | set(included)
    products = ("__pycache__", "node_modules", ".venv", ".coverage", ".env", ".log")
    assert [name for name in names if set(Path(name).parts) & set(products)] == []


def test_the_wheel_serves_from_an_empty_environment(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "env")
    run(tmp_path / "env/bin/pip", "install", "-qq", "--disable-pip-version-check", WHEEL)
    assert PROJECT["version"] in run(tmp_path / "env/bin/ollama-openai-proxy", "--version")
    table = run("tests/deploy/serve-and-smoke", tmp_path / "env", str(free_ports()), sys.executable)
    assert "chat streamed  ok" in table


def without_a_network() -> list[str]:
    """Return a command prefix for a network namespace where no interface is up."""
    ways = [["unshare", "-rn"], ["sudo", "-n", "unshare", "-n"]]
    found = [way for way in ways if shutil.which(way[0]) and shutil.which("ip")]
    work = [way for way in found if subprocess.run([*way, "true"], check=False).returncode == 0]
    if not work:
        lacking("no unshare or ip here: install util-linux and iproute2, and run as root")
    return work[0]


def test_the_wheelhouse_installs_and_serves_without_a_network(tmp_path: Path) -> None:
    prefix = without_a_network()
    [bundle] = DIST.glob(f"{PROJECT['name']}-{PROJECT['version']}-wheelhouse-*.tar.gz")
    with tarfile.open(bundle) as archive:
        archive.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    steps = 'PIP_CONFIG_FILE=/dev/null PYTHON="$3" "$1/install" "$1/env" && ip link set lo up && '
    steps += 'exec tests/deploy/serve-and-smoke "$1/env" "$2" "$3"'
    output = run(*prefix, "sh", "-c", steps, "sh", folder, "18000", sys.executable)
    assert f"ollama-openai-proxy {PROJECT['version']}" in output
    assert "chat streamed  ok" in output

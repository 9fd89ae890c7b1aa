"""Other machines are served only by keys, or if somebody says that they may be."""

import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.test_main import KEY, PREFIX, environment, run, serving
from tests.fakes.limits import HANG

OPEN = ["0.0.0.0", ":11434", "192.0.2.1", "[::]:0", "nobody.invalid"]
CLIENTS = "client-key-0123456789"


@pytest.mark.parametrize("host", OPEN)
def test_an_address_that_others_reach_is_one_line_and_ends_with_2(host: str) -> None:
    done = run("serve", OLLAMA_HOST=host)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ollama-openai-proxy: OLLAMA_HOST: other machines reach ")
    for way in (f"{PREFIX}API_KEYS", "new-key", "127.0.0.1", "--insecure"):
        assert way in line
    assert KEY not in line


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ([], {f"{PREFIX}PASS_THROUGH_KEY": "true"}),
        (["--workers", "2"], {}),
        ([], {f"{PREFIX}INSECURE": "false"}),
    ],
    ids=["passed-through-or-ours", "workers", "said-no"],
)
def test_what_asks_nobody_for_a_key_is_no_way_round(
    arguments: list[str], variables: dict[str, str]
) -> None:
    done = run("serve", "--host", "0.0.0.0", *arguments, **variables)
    assert done.returncode == 2
    assert "other machines reach 0.0.0.0:11434" in done.stderr


def test_a_worker_by_another_server_is_no_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    from ollama_openai_proxy.cli.serve import application
    from ollama_openai_proxy.config.settings import SettingsError

    monkeypatch.setenv("OLLAMA_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="other machines reach"):
        application()


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["--insecure", "--workers", "2"], {}),
        ([], {f"{PREFIX}API_KEYS": CLIENTS}),
        ([], {f"{PREFIX}PASS_THROUGH_KEY": "true", "OPENAI_API_KEY": ""}),
    ],
    ids=["told-workers", "keys", "passed-through"],
)
def test_it_listens_there_with_keys_or_if_it_is_told_to(
    tmp_path: Path, arguments: list[str], variables: dict[str, str]
) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", *arguments, **variables) as service:
        asked = "--insecure" not in arguments
        url = service.url.replace("127.0.0.1", _address())
        reply = httpx.get(f"{url}/api/ps", timeout=HANG)
        assert reply.status_code == (401 if asked else 200), reply.text
        known = httpx.get(
            f"{url}/api/ps", headers={"authorization": f"Bearer {CLIENTS}"}, timeout=HANG
        )
        assert known.status_code == 200
        assert CLIENTS not in service.said()


def _address() -> str:
    """One of this machine that is not the loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
    return address


def test_the_keys_are_never_said(tmp_path: Path) -> None:
    keys = {f"{PREFIX}API_KEYS": f"laptop:{CLIENTS}"}
    with serving(tmp_path, "--log-level", "debug", **keys) as service:
        for key in (CLIENTS, "wrong-key-0123456789"):
            httpx.get(
                f"{service.url}/api/ps", headers={"authorization": f"Bearer {key}"}, timeout=HANG
            )
        service.stop()
        assert CLIENTS not in service.said()
        assert "wrong-key" not in service.said()
        assert KEY in environment().values()

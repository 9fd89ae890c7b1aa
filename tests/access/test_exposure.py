"""Listening for other machines requires authentication or `--insecure`."""

import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.test_main import KEY, PREFIX, environment, run, serving
from tests.fakes.limits import HANG

OPEN = ["0.0.0.0", ":11434", "192.0.2.1", "[::]:0", "nobody.invalid"]
CLIENT_KEY = "client-key-0123456789"


@pytest.mark.parametrize("host", OPEN)
def test_a_reachable_address_without_keys_prints_one_line_and_exits_with_2(host: str) -> None:
    done = run("serve", OLLAMA_HOST=host)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ollama-openai-proxy: OLLAMA_HOST: other machines could use ")
    for remedy in (f"{PREFIX}API_KEYS", "new-key", "127.0.0.1", "--insecure"):
        assert remedy in line
    assert KEY not in line


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ([], {f"{PREFIX}PASS_THROUGH_KEY": "true"}),
        (["--workers", "2"], {}),
        ([], {f"{PREFIX}INSECURE": "false"}),
    ],
    ids=["pass-through-with-backend-key", "workers", "insecure-false"],
)
def test_settings_that_require_no_key_do_not_bypass_the_check(
    arguments: list[str], variables: dict[str, str]
) -> None:
    done = run("serve", "--host", "0.0.0.0", *arguments, **variables)
    assert done.returncode == 2
    assert "other machines could use 0.0.0.0:11434" in done.stderr


def test_another_asgi_server_does_not_bypass_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from ollama_openai_proxy.cli.serve import application
    from ollama_openai_proxy.config.settings import SettingsError

    monkeypatch.setenv("OLLAMA_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="other machines could use"):
        application()


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["--insecure", "--workers", "2"], {}),
        ([], {f"{PREFIX}API_KEYS": CLIENT_KEY}),
        ([], {f"{PREFIX}PASS_THROUGH_KEY": "true", "OPENAI_API_KEY": ""}),
    ],
    ids=["insecure-workers", "keys", "pass-through"],
)
def test_it_listens_for_other_machines_with_keys_or_insecure(
    tmp_path: Path, arguments: list[str], variables: dict[str, str]
) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", *arguments, **variables) as service:
        authenticates = "--insecure" not in arguments
        url = service.url.replace("127.0.0.1", _address())
        reply = httpx.get(f"{url}/api/ps", timeout=HANG)
        assert reply.status_code == (401 if authenticates else 200), reply.text
        authenticated = httpx.get(
            f"{url}/api/ps", headers={"authorization": f"Bearer {CLIENT_KEY}"}, timeout=HANG
        )
        assert authenticated.status_code == 200
        assert CLIENT_KEY not in service.log()


def _address() -> str:
    """Return a non-loopback address of this machine, or 127.0.0.1 if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # UDP: connecting sends nothing
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
    return address


def test_keys_are_never_logged(tmp_path: Path) -> None:
    keys = {f"{PREFIX}API_KEYS": f"laptop:{CLIENT_KEY}"}
    with serving(tmp_path, "--log-level", "debug", **keys) as service:
        for key in (CLIENT_KEY, "wrong-key-0123456789"):
            httpx.get(
                f"{service.url}/api/ps", headers={"authorization": f"Bearer {key}"}, timeout=HANG
            )
        service.stop()
        assert CLIENT_KEY not in service.log()
        assert "wrong-key" not in service.log()
        assert KEY in environment().values()

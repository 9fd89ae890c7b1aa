"""Allowed values of the Host header."""

import pytest

from ollama_openai_proxy.access.hosts import Address, Hosts, is_elsewhere, is_loopback

OURS = "203.0.113.7"
ALLOWED_ADDRESSES = [
    "127.0.0.1",
    "127.0.0.1:11434",
    "127.8.9.1",
    "[::1]:11434",
    "::1",
    "0.0.0.0",
    "0.0.0.0:1",
    "[::]:1",
    "10.1.2.3",
    "10.1.2.3:80",
    "172.16.0.1",
    "172.31.255.255:1",
    "192.168.7.8",
    "[fd00::1]:1",
    "[::ffff:127.0.0.1]:1",
    "[::ffff:10.0.0.1]:1",
    OURS,
    f"{OURS}:11434",
]
ALLOWED_NAMES = [
    "",
    "localhost",
    "LocalHost:11434",
    "localhost:",
    "tower",
    "TOWER:1",
    "a.localhost",
    "tower.local:11434",
    "host.docker.internal:11434",
    "x.internal",
]
REFUSED = [
    "8.8.8.8",
    "8.8.8.8:11434",
    "172.32.0.1",
    "169.254.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "[2001:db8::1]:1",
    "[::1]",  # without a port; Ollama rejects it too
    "evil.example",
    "evil.example:11434",
    "localhost.evil.example",
    "local",
    "internal",
    "notlocalhost",
    "127.0.0.1.evil.example",
    "tower.lan",
    "localhost:1:2",
    "127.1",
    "0x7f000001",
    "é.local.evil",
    " localhost",
]


def is_ours(address: Address) -> bool:
    return str(address) == OURS


HOSTS = Hosts("Tower", is_ours)


@pytest.mark.parametrize("host", ALLOWED_ADDRESSES)
def test_loopback_private_and_own_addresses_are_allowed(host: str) -> None:
    assert HOSTS.allows(host)
    assert not HOSTS.allows_name(host)


@pytest.mark.parametrize("host", ALLOWED_NAMES)
def test_local_names_are_allowed(host: str) -> None:
    assert HOSTS.allows(host)
    assert HOSTS.allows_name(host)


@pytest.mark.parametrize("host", REFUSED)
def test_other_hosts_are_rejected(host: str) -> None:
    assert not HOSTS.allows(host)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.3.4.5", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("tower", False),
    ],
)
def test_loopback_addresses_are_recognized(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "elsewhere"),
    [
        ("192.168.1.2", True),
        ("8.8.8.8", True),
        ("0.0.0.0", True),
        ("2001:db8::1", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("localhost", False),
        ("/run/socket", False),
        ("", False),
    ],
)
def test_non_loopback_addresses_are_reachable_from_other_machines(
    host: str, elsewhere: bool
) -> None:
    assert is_elsewhere(host) is elsewhere

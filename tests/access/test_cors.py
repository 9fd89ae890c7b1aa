"""Allowed origins, and the CORS headers of responses."""

import pytest

from ollama_openai_proxy.access.cors import Origins, parse_origins

HOST = b"127.0.0.1:11434"
ALLOWED = [
    "http://localhost",
    "https://localhost",
    "http://localhost:3000",
    "https://127.0.0.1:8443",
    "http://127.0.0.1",
    "http://0.0.0.0:80",
    "http://localhost:evil",
    "app://obsidian.md",
    "file://",
    "tauri://localhost",
    "vscode-webview://1abc",
    "vscode-file://vscode-app",
    "chrome-extension://abcdefgh",
    "moz-extension://0f3a",
    "safari-web-extension://0F3A",
    "safari-extension://x",
]
REFUSED = [
    "null",
    "http://evil.example",
    "https://localhost.evil.example",
    "http://evil.localhost",
    "http://[::1]",
    "http://[::1]:3000",
    "http://127.0.0.2",
    "ftp://localhost",
    "apps://x",
    "localhost",
    "http://localhostx:1",
    "é",
]


def verdict(origins: Origins, origin: str, method: str = "GET") -> str | None:
    ruling = origins.rule(method, origin.encode("latin-1"), HOST)
    return ruling and ruling.verdict


@pytest.mark.parametrize("origin", ALLOWED)
def test_local_pages_and_applications_are_allowed(origin: str) -> None:
    assert verdict(Origins(), origin) == "serve"
    assert verdict(Origins(), origin, "OPTIONS") == "preflight"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("origin", REFUSED)
def test_other_origins_are_rejected(origin: str, method: str) -> None:
    assert verdict(Origins(), origin, method) == "refuse"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:11434", "https://127.0.0.1:11434"])
def test_same_host_requests_need_no_cors(origin: str) -> None:
    assert Origins().rule("GET", origin.encode(), HOST) is None
    assert Origins().rule("OPTIONS", origin.encode(), HOST) is None


@pytest.mark.parametrize(
    ("listed", "origin", "allowed"),
    [
        ("http://my.test", "http://my.test", True),
        ("http://my.test", "http://my.test:80", False),
        ("http://my.test", "https://my.test", False),
        ("http://my.test:*", "http://my.test:80", True),
        ("https://*.my.test", "https://a.b.my.test", True),
        ("https://*.my.test", "https://my.test", False),
        ("*.my.test", "ftp://x.my.test", True),
        ("HTTP://My.Test", "http://my.test", True),
        (" http://a.test , http://b.test,", "http://b.test", True),
        ("http://a.test", "http://localhost:1", True),
        ("*", "null", True),
        ("http://a.test,*", "http://evil.example", True),
        ("'http://a.test'", "http://a.test", True),
    ],
)
def test_configured_origins_are_added_to_the_defaults(
    listed: str, origin: str, allowed: bool
) -> None:
    assert verdict(Origins(parse_origins(listed)), origin) == ("serve" if allowed else "refuse")


def test_the_response_has_the_origin_and_vary() -> None:
    ruling = Origins().rule("POST", b"http://localhost:1", HOST)
    assert ruling is not None
    assert ruling.headers == [
        (b"access-control-allow-origin", b"http://localhost:1"),
        (b"vary", b"Origin"),
    ]


def test_the_response_does_not_vary_if_all_origins_are_allowed() -> None:
    origins = Origins(["*"])
    ruling = origins.rule("POST", b"null", HOST)
    preflight = origins.rule("OPTIONS", b"null", HOST)
    assert ruling is not None
    assert ruling.headers == [(b"access-control-allow-origin", b"*")]
    assert preflight is not None
    assert [name for name, _ in preflight.headers] == [
        b"access-control-allow-origin",
        b"access-control-allow-methods",
        b"access-control-allow-headers",
        b"access-control-max-age",
    ]


@pytest.mark.parametrize("text", ["localhost", "a.test:80", "http://*.a.*", "http://ok.test,nope"])
def test_an_invalid_configured_origin_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^contains the invalid origin"):
        parse_origins(text)


@pytest.mark.parametrize("text", ["", " ", ",", "''", " , ,"])
def test_an_empty_setting_means_no_origins(text: str) -> None:
    assert parse_origins(text) == ()

"""Which pages may use the service, and what they are told."""

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
def test_a_page_of_this_machine_or_of_an_application_is_served(origin: str) -> None:
    assert verdict(Origins(), origin) == "serve"
    assert verdict(Origins(), origin, "OPTIONS") == "preflight"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("origin", REFUSED)
def test_any_other_is_refused(origin: str, method: str) -> None:
    assert verdict(Origins(), origin, method) == "refuse"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:11434", "https://127.0.0.1:11434"])
def test_a_page_of_this_very_host_is_no_matter_of_cors(origin: str) -> None:
    assert Origins().rule("GET", origin.encode(), HOST) is None
    assert Origins().rule("OPTIONS", origin.encode(), HOST) is None


@pytest.mark.parametrize(
    ("listed", "origin", "served"),
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
def test_the_listed_origins_come_on_top(listed: str, origin: str, served: bool) -> None:
    assert verdict(Origins(parse_origins(listed)), origin) == ("serve" if served else "refuse")


def test_an_answer_names_the_origin_and_varies_by_it() -> None:
    ruling = Origins().rule("POST", b"http://localhost:1", HOST)
    assert ruling is not None
    assert ruling.headers == [
        (b"access-control-allow-origin", b"http://localhost:1"),
        (b"vary", b"Origin"),
    ]


def test_where_all_are_allowed_the_answer_does_not_vary() -> None:
    origins = Origins(["*"])
    plain = origins.rule("POST", b"null", HOST)
    ahead = origins.rule("OPTIONS", b"null", HOST)
    assert plain is not None
    assert plain.headers == [(b"access-control-allow-origin", b"*")]
    assert ahead is not None
    assert [name for name, _ in ahead.headers] == [
        b"access-control-allow-origin",
        b"access-control-allow-methods",
        b"access-control-allow-headers",
        b"access-control-max-age",
    ]


@pytest.mark.parametrize("text", ["localhost", "a.test:80", "http://*.a.*", "http://ok.test,nope"])
def test_what_can_be_no_origin_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="holds"):
        parse_origins(text)


@pytest.mark.parametrize("text", ["", " ", ",", "''", " , ,"])
def test_nothing_listed_is_nothing(text: str) -> None:
    assert parse_origins(text) == ()

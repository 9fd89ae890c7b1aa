"""Parses the addresses in OLLAMA_HOST and OPENAI_BASE_URL."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

DEFAULT_PORT = 11434

_SCHEME_PORTS = {"http": 80, "https": 443}
_ENDPOINTS = ("/chat/completions", "/completions", "/embeddings", "/models")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXPECTED = "expected something like http://localhost:8000/v1"


class HostPort(NamedTuple):
    """An address to listen on. An empty host means all interfaces, port 0 any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_host(text: str) -> HostPort:
    """Parse OLLAMA_HOST as Ollama does (envconfig/config.go): `[scheme://]host[:port][/path]`.

    A missing or invalid port becomes the scheme's default port, or 11434 without a scheme.
    """
    text = text.strip().strip("\"'")
    scheme, separator, rest = text.partition("://")
    default = DEFAULT_PORT
    if separator:
        default = _SCHEME_PORTS.get(scheme, DEFAULT_PORT)
    else:
        rest = text
    rest = rest.partition("/")[0]
    host, port = _split_port(rest, default)
    return HostPort(host if rest else "127.0.0.1", port)


def _split_port(text: str, default: int) -> tuple[str, int]:
    if text.startswith("["):
        host, _, tail = text[1:].partition("]")
        return host, _port(tail.removeprefix(":"), default)
    if text.count(":") > 1:  # a bare IPv6 address
        return text, default
    host, _, port = text.partition(":")
    return host, _port(port, default)


def _port(text: str, default: int) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    return default


def parse_base_url(text: str) -> str:
    """Parse a base URL, to which `/chat/completions` is appended.

    Its path and query are kept. A trailing slash is removed, and so is an endpoint that was pasted
    with it. Raises ValueError with the reason.
    """
    text = text.strip().strip("\"'")
    parts = urlsplit(text)
    if not text.isprintable():
        raise ValueError(f"contains a non-printable character; {_EXPECTED}")
    if parts.scheme not in _SCHEME_PORTS:
        raise ValueError(f"must begin with http:// or https://; {_EXPECTED}")
    if not parts.hostname:
        raise ValueError(f"has no host; {_EXPECTED}")
    if not _is_host(parts.hostname):
        raise ValueError(f"has an invalid host name {parts.hostname!r}; {_EXPECTED}")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "must not contain a user name or password; set the API key in OPENAI_API_KEY"
        )
    if parts.fragment:
        raise ValueError("must not contain a fragment (#…)")
    try:
        parts.port  # noqa: B018  (reading the property validates the port)
    except ValueError as error:
        raise ValueError(f"has an invalid port; {_EXPECTED}") from error
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), parts.query, ""))


def _is_host(name: str) -> bool:
    """Whether HTTP clients accept `name`. They reject others only at the first request."""
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return False
    return ":" in name or _NAME.fullmatch(ascii_name) is not None  # urlsplit has validated IPv6

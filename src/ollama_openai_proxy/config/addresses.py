"""Reading the two addresses people give: OLLAMA_HOST and OPENAI_BASE_URL."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

DEFAULT_PORT = 11434

_SCHEME_PORTS = {"http": 80, "https": 443}
_ENDPOINTS = ("/chat/completions", "/completions", "/embeddings", "/models")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class HostPort(NamedTuple):
    """Where to listen; an empty host means every interface, port 0 one that the system picks."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_host(text: str) -> HostPort:
    """OLLAMA_HOST as Ollama reads it (envconfig/config.go): `[scheme://]host[:port][/path]`.

    A port that is none becomes the default, 11434; with a scheme it is that scheme's.
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
    """The URL to which `/chat/completions` is appended; raises ValueError with the reason.

    A given path is kept. A trailing slash, or an endpoint pasted along, is cut off.
    """
    text = text.strip().strip("\"'")
    parts = urlsplit(text)
    if parts.scheme not in _SCHEME_PORTS or not parts.hostname or not text.isprintable():
        raise ValueError("is not an http:// or https:// URL")
    if not _is_host(parts.hostname):
        raise ValueError("holds a host name that is none")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; give the key in OPENAI_API_KEY")
    if parts.fragment:
        raise ValueError("must not hold a fragment (#…)")
    try:
        parts.port  # noqa: B018  (reading it is what checks it)
    except ValueError as error:
        raise ValueError("holds a port that is none") from error
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), parts.query, ""))


def _is_host(name: str) -> bool:
    """Whether the HTTP clients can look it up: they raise for others only at the first request."""
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return False
    return ":" in name or _NAME.fullmatch(ascii_name) is not None  # urlsplit has checked IPv6

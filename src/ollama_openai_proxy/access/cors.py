"""CORS, as Ollama implements it (gin-contrib/cors): which web pages may use the service."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

type Headers = list[tuple[bytes, bytes]]

# Ollama's defaults: envconfig/config.go, AllowedOrigins.
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104
_APPS = ("app", "file", "tauri", "vscode-webview", "vscode-file")
# Ollama rejects browser extensions unless they are listed. They are allowed here, because
# extensions such as Page Assist have no other way to reach the service and because only the user
# can install them.
_EXTENSIONS = ("chrome-extension", "moz-extension", "safari-extension", "safari-web-extension")
_ALWAYS = (
    *(f"{scheme}://{host}{port}" for host in _LOCAL for scheme in ("http", "https")
      for port in ("", ":*")),
    *(f"{scheme}://*" for scheme in _APPS + _EXTENSIONS),
)  # fmt: skip
_EVERYONE = "*"

_METHODS = b"GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"
# Ollama's list: server/routes.go, GenerateRoutes.
_HEADERS = b",".join(
    [
        b"Authorization", b"Content-Type", b"User-Agent", b"Accept", b"X-Requested-With",
        b"Openai-Beta", b"X-Stainless-Arch", b"X-Stainless-Async",
        b"X-Stainless-Custom-Poll-Interval", b"X-Stainless-Helper-Method", b"X-Stainless-Lang",
        b"X-Stainless-Os", b"X-Stainless-Package-Version", b"X-Stainless-Poll-Helper",
        b"X-Stainless-Retry-Count", b"X-Stainless-Runtime", b"X-Stainless-Runtime-Version",
        b"X-Stainless-Timeout",
    ]
)  # fmt: skip
_PREFLIGHT = [
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", _HEADERS),
    (b"access-control-max-age", b"43200"),  # 12 hours, the default of gin-contrib/cors
]
_VARIES = [
    (b"vary", b"Origin"),
    (b"vary", b"Access-Control-Request-Method"),
    (b"vary", b"Access-Control-Request-Headers"),
]


class Ruling(NamedTuple):
    """The decision on a cross-origin request.

    `serve` adds `headers` to the response, `preflight` responds with 204 and `headers`, and
    `refuse` responds with 403.
    """

    verdict: Literal["serve", "preflight", "refuse"]
    headers: Headers


_REFUSED = Ruling("refuse", [])


class Origins:
    """Allowed origins: the built-in ones and those `listed`. A `*` matches any text."""

    def __init__(self, listed: Iterable[str] = ()) -> None:
        allowed = [*listed, *_ALWAYS]
        self._everyone = _EVERYONE in allowed
        self._exact = frozenset(allowed)
        self._patterns = [
            (start, end)
            for start, star, end in (origin.partition("*") for origin in allowed)
            if star
        ]

    def rule(self, method: str, origin: bytes, host: bytes) -> Ruling | None:
        """Decide on a request with an `Origin` header.

        Return None for a same-origin request, which is served without CORS headers.
        """
        if origin in (b"http://" + host, b"https://" + host):
            return None
        if not self._allows(origin.decode("latin-1")):
            return _REFUSED
        if method == "OPTIONS":
            return Ruling("preflight", self._preflight(origin))
        if self._everyone:
            return Ruling("serve", [(b"access-control-allow-origin", b"*")])
        return Ruling("serve", [(b"access-control-allow-origin", origin), _VARIES[0]])

    def _preflight(self, origin: bytes) -> Headers:
        if self._everyone:
            return [(b"access-control-allow-origin", b"*"), *_PREFLIGHT]
        return [(b"access-control-allow-origin", origin), *_PREFLIGHT, *_VARIES]

    def _allows(self, origin: str) -> bool:
        if self._everyone or origin in self._exact:
            return True
        return any(
            origin.startswith(start) and origin.endswith(end) for start, end in self._patterns
        )


def parse_origins(text: str) -> tuple[str, ...]:
    """Parse the comma-separated origins of OLLAMA_ORIGINS. Raises ValueError for an invalid one."""
    parts = (part.strip().lower() for part in text.strip().strip("\"'").split(","))
    origins = tuple(part for part in parts if part)
    for origin in origins:
        if "*" not in origin and "://" not in origin:
            raise ValueError(
                f"contains the invalid origin {origin!r}: "
                "expected something like https://app.example.com or https://*.example.com"
            )
        if origin.count("*") > 1:
            raise ValueError(f"contains the invalid origin {origin!r}: only one * is allowed")
    return origins

"""Which web pages may use the service: CORS as Ollama does it (gin-contrib/cors)."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

type Headers = list[tuple[bytes, bytes]]

# envconfig/config.go, AllowedOrigins
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104
_APPS = ("app", "file", "tauri", "vscode-webview", "vscode-file")
# Ollama refuses these unless they are listed; but extensions such as Page Assist have no other way
# to us, and none is installed but by the user.
_EXTENSIONS = ("chrome-extension", "moz-extension", "safari-extension", "safari-web-extension")
_ALWAYS = (
    *(f"{scheme}://{host}{port}" for host in _LOCAL for scheme in ("http", "https")
      for port in ("", ":*")),
    *(f"{scheme}://*" for scheme in _APPS + _EXTENSIONS),
)  # fmt: skip
_EVERYONE = "*"

_METHODS = b"GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"
# server/routes.go, GenerateRoutes
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
    (b"access-control-max-age", b"43200"),
]
_VARIES = [
    (b"vary", b"Origin"),
    (b"vary", b"Access-Control-Request-Method"),
    (b"vary", b"Access-Control-Request-Headers"),
]


class Ruling(NamedTuple):
    """What becomes of a request from a page elsewhere: `serve` it, with these headers in the
    answer, or answer it by these alone with 204 (`preflight`), or `refuse` it."""

    verdict: Literal["serve", "preflight", "refuse"]
    headers: Headers


_REFUSED = Ruling("refuse", [])


class Origins:
    """The allowed origins: some always, and those `listed`, in which one `*` stands for anything."""

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
        """None for a page of this host itself, which is served as if it had no origin."""
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
    """OLLAMA_ORIGINS: origins between commas. Raises ValueError for what can be none."""
    parts = (part.strip().lower() for part in text.strip().strip("\"'").split(","))
    origins = tuple(part for part in parts if part)
    for origin in origins:
        if "*" not in origin and "://" not in origin:
            raise ValueError(f"holds {origin!r}, which has neither a scheme nor a *")
        if origin.count("*") > 1:
            raise ValueError(f"holds {origin!r}, which has more than one *")
    return origins

"""The URLs of a backend's operations."""

from yarl import URL

_COMPATIBLE = "/v1"
"""The path below which servers mount OpenAI's API. llama.cpp's own routes are outside of it."""


class BackendAddress:
    """The base URL of a backend. Its query (Azure's `api-version`) is added to every request."""

    def __init__(self, base_url: str) -> None:
        url = URL(base_url)
        self.base_url = base_url
        self.host = url.host or ""
        self._origin = str(url.origin())
        self._path = url.raw_path.rstrip("/")
        self._query = url.raw_query_string

    def url(self, path: str, query: str = "") -> str:
        """Return the URL of an operation. `path` and `query` must be percent-encoded."""
        return self._joined(self._path + path, query)

    def url_beside(self, path: str) -> str:
        """Return the URL of a route that is not below `/v1`."""
        return self._joined(self._path.removesuffix(_COMPATIBLE) + path, "")

    def _joined(self, path: str, query: str) -> str:
        queries = "&".join(part for part in (self._query, query) if part)
        return f"{self._origin}{path}?{queries}" if queries else self._origin + path

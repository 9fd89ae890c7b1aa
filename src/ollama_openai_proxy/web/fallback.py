"""Paths and methods that the specification does not have: 301, 307, 404 and 405."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.middleware.routing import RoutingMiddleware
from starlette.routing import Mount

from ..errors import ProxyError
from .error_format import error_format_of

_PARAMETER = re.compile(r"\\{[^}]*\\}")
_SLASHES = re.compile("/{2,}")
_METHODS = ("head", "get", "post", "put", "patch", "delete")  # in the order of the header Allow
_TEXTS = {404: "404 page not found", 405: "405 method not allowed"}


class Routing(RoutingMiddleware):
    """Connexion's, but for Starlette's way with a slash too many: RouterErrors has gin's."""

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        """Adds the paths of a specification."""
        super().add_api(*args, **kwargs)
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]


class Paths:
    """The paths of a specification, with the methods that each has."""

    def __init__(self, paths: Mapping[str, Iterable[str]]) -> None:
        self._allowed = {
            path: ", ".join(method.upper() for method in _METHODS if method in item)
            for path, item in paths.items()
        }
        self._templates = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(path))), path)
            for path in paths
            if "{" in path
        ]

    def allowed(self, path: str) -> str | None:
        """The methods of a path, as the header Allow has them; None for one that is unknown."""
        if path not in self._allowed:
            matches = (known for template, known in self._templates if template.fullmatch(path))
            path = next(matches, path)
        return self._allowed.get(path)


class RouterErrors:
    """Answers what no operation answers."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    async def __call__(self, request: ConnexionRequest, failure: Exception) -> ConnexionResponse:
        """The answer to a request for which Starlette found no route."""
        path, method = request.scope["path"], request.scope["method"]
        status = getattr(failure, "status_code", 500)
        if status == 404:
            moved = self._moved(path, method)
            if moved is not None:
                return moved
        failed = ProxyError(_TEXTS.get(status, str(getattr(failure, "detail", "internal error"))))
        failed.status = status
        return ConnexionResponse(
            status_code=status,
            headers={"Allow": self._paths.allowed(path) or ""} if status == 405 else {},
            body=error_format_of(path).response(failed).body,
            mimetype="application/json",
        )

    def _moved(self, path: str, method: str) -> ConnexionResponse | None:
        """To the path without the slashes too many, as net/http (301 for all) and gin (301 for
        GET alone, so that a body is sent again) do it."""
        clean = _SLASHES.sub("/", path)
        plain = clean.rstrip("/")
        if plain == path or self._paths.allowed(plain) is None:
            return None
        status = 301 if method == "GET" or clean != path else 307
        body = f'<a href="{plain}">Moved Permanently</a>.\n\n' if method == "GET" else ""
        return ConnexionResponse(
            status_code=status,
            headers={"Location": plain},
            body=body.encode(),
            mimetype="text/html" if method == "GET" else None,
        )

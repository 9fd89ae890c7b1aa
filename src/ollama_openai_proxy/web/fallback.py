"""Responses for paths and methods that the specification lacks: 301, 307, 404 and 405."""

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
_METHODS = ("head", "get", "post", "put", "patch", "delete")  # order in the Allow header
_MESSAGES = {404: "404 page not found", 405: "405 method not allowed"}


class Routing(RoutingMiddleware):
    """Connexion's routing without Starlette's slash redirects; RouterErrors has those of gin."""

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        """Add the paths of a specification."""
        super().add_api(*args, **kwargs)
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]


class Paths:
    """The paths of a specification, with the methods of each."""

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
        """The value of the Allow header for a path, or None if the path is unknown."""
        if path not in self._allowed:
            matches = (known for template, known in self._templates if template.fullmatch(path))
            path = next(matches, path)
        return self._allowed.get(path)


class RouterErrors:
    """Handles requests that match no operation."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    async def __call__(self, request: ConnexionRequest, failure: Exception) -> ConnexionResponse:
        """The response to a request for which Starlette found no route."""
        path, method = request.scope["path"], request.scope["method"]
        status = getattr(failure, "status_code", 500)
        if status == 404:
            redirect = self._redirect(path, method)
            if redirect is not None:
                return redirect
        error = ProxyError(_MESSAGES.get(status, str(getattr(failure, "detail", "internal error"))))
        error.status = status
        return ConnexionResponse(
            status_code=status,
            headers={"Allow": self._paths.allowed(path) or ""} if status == 405 else {},
            body=error_format_of(path).response(error).body,
            mimetype="application/json",
        )

    def _redirect(self, path: str, method: str) -> ConnexionResponse | None:
        """A redirect to the path without superfluous slashes, or None if there is no such path.

        Duplicate slashes are redirected as by net/http, with 301. A trailing slash is redirected
        as by gin, with 301 for GET and otherwise 307, so that clients send the body again.
        """
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

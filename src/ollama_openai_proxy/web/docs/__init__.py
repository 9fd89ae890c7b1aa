"""Serves the specification, and Connexion's Swagger UI for it."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import yaml
from connexion.middleware.abstract import ROUTING_CONTEXT
from connexion.middleware.swagger_ui import SwaggerUIMiddleware
from connexion.options import SwaggerUIOptions
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from swagger_ui_bundle import swagger_ui_path

_JSON, _YAML, _UI = "/openapi.json", "/openapi.yaml", "/ui"
_LIBRARY = f"{_UI}/swagger-ui"
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# Swagger UI sets inline styles, and its icons are data: URLs.
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
_PAGE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _POLICY),
)


def paths(*, ui: bool) -> dict[str, tuple[str, ...]]:
    """The paths served in addition to those of the specification, with the methods of each."""
    pages = (_UI, f"{_UI}/", f"{_UI}/{{file}}", f"{_LIBRARY}/{{file}}") if ui else ()
    return dict.fromkeys((_JSON, _YAML, *pages), ("head", "get"))


def page(document: Mapping[str, Any], *, ui: bool) -> SwaggerUIOptions:
    """Options that make Connexion serve the page, but not the document.

    Connexion would resolve all references of the document at every request. This takes 75 ms,
    makes the document four times as long, and removes the names of its schemas.
    """
    return SwaggerUIOptions(
        serve_spec=False,
        swagger_ui=ui,
        swagger_ui_path=_UI,
        swagger_ui_template_dir=str(Path(__file__).parent / "page"),
        # Relative, since a reverse proxy may serve everything below a path prefix.
        swagger_ui_template_arguments={
            "title": document["info"]["title"],
            "openapi_spec_url": f"..{_JSON}",
        },
    )


def served(document: Mapping[str, Any]) -> dict[str, Any]:
    """A specification whose server URL is relative to the URL from which it was loaded."""
    return {**document, "servers": [{"url": "./", "description": "This service"}]}


class Documents(SwaggerUIMiddleware):
    """Serves the documents and the page.

    Runs after the router, and handles only requests that match no operation.
    """

    def __init__(self, app: ASGIApp, document: Mapping[str, Any], *, ui: bool) -> None:
        super().__init__(app)
        self._document = served(document)
        self._routes: list[BaseRoute] = [Route(_JSON, self._as_json), Route(_YAML, self._as_yaml)]
        if ui:
            library = StaticFiles(directory=str(swagger_ui_path))
            self._routes += [Route(_UI, _redirect_to_page), Mount(_LIBRARY, library)]

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        """Add Connexion's page, preceded by the routes of this class."""
        super().add_api(*args, **kwargs)
        (mounted,) = self.router.routes
        mounted.app.redirect_slashes = False  # RouterErrors redirects as gin does
        mounted.app.routes[:0] = self._routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the documents and the page, and pass all other requests on."""
        if scope["type"] != "http" or _is_operation(scope):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path == _UI or path.startswith(f"{_UI}/"):
            send = _with_page_headers(send)
        await super().__call__(scope, receive, send)

    async def _as_json(self, _: Request) -> Response:
        return _response(self._json, "application/json; charset=utf-8")

    async def _as_yaml(self, _: Request) -> Response:
        return _response(self._yaml, "application/yaml")

    @cached_property
    def _json(self) -> bytes:
        return msgspec.json.encode(self._document)

    @cached_property
    def _yaml(self) -> bytes:
        text: str = yaml.dump(self._document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)
        return text.encode()


def _is_operation(scope: Scope) -> bool:
    return scope["extensions"][ROUTING_CONTEXT]["operation_id"] is not None


async def _redirect_to_page(_: Request) -> Response:
    return RedirectResponse(f"{_UI.removeprefix('/')}/", 301)


def _response(body: bytes, media_type: str) -> Response:
    return Response(body, media_type=media_type, headers={"x-content-type-options": "nosniff"})


def _with_page_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_PAGE_HEADERS]
        await send(message)

    return send_with_headers

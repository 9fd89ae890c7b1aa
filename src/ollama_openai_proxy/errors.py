"""The exception hierarchy. Each class has the HTTP status that the client receives.

ProxyError
├── BadRequest            400  the request is invalid
├── InvalidOption         500  an option or `format` has the wrong type (Ollama returns 500 here)
├── NotSignedIn           401  there is no account at ollama.com
├── Unauthorized          401  the client's API key is missing or unknown
├── Exposed               403  a remote client reached a service that requires no API key
├── ModelNotFound         404  the backend has no such model
├── NotSupported          501  the backend does not support the operation
├── BackendUnreachable    502  connecting to the backend failed, or the connection broke
├── BackendViolation      502  the backend's response is invalid
├── BackendTimeout        504  the backend did not respond in time
├── BackendRefused        ...  the backend returned an error; the status is derived from it
├── ShuttingDown          503  the service shuts down before the response is complete
└── ClientLeft            499  the client disconnected before the response was complete
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

type Fault = Literal["client", "server"]

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


class ProxyError(Exception):
    """A failure that the client receives as `{"error": message}` with `status` and `headers`.

    `kind` is the class name in snake case, the label of the failure in metrics and logs.
    """

    status: int = 500
    headers: Mapping[str, str] = MappingProxyType({})
    kind: ClassVar[str] = "proxy_error"
    # True where the client caused the failure although the status is 500 or above.
    _caused_by_client: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.kind = _WORD_START.sub("_", cls.__name__).lower()

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def fault(self) -> Fault:
        """Which side caused the failure; "server" is this service or the backend."""
        return "client" if self.status < 500 or self._caused_by_client else "server"


class BadRequest(ProxyError):
    """The request is invalid, or combines parameters that exclude each other."""

    status = 400


class InvalidOption(ProxyError):
    """An option or `format` has the wrong type. Ollama checks these late and returns 500."""

    status = 500
    _caused_by_client = True


class NotSignedIn(ProxyError):
    """The operation requires an account at ollama.com, and there is none."""

    status = 401


class Unauthorized(ProxyError):
    """The client's API key is missing or unknown.

    `challenge` is the value of the WWW-Authenticate header (RFC 9110, 11.6.1).
    """

    status = 401

    def __init__(self, message: str, challenge: str) -> None:
        super().__init__(message)
        self.headers = {"www-authenticate": challenge}


class Exposed(ProxyError):
    """A remote client reached a service that requires no API key and is for local clients only."""

    status = 403


class ModelNotFound(ProxyError):
    """The backend has no model with the requested name."""

    status = 404


class NotSupported(ProxyError):
    """The backend does not support the operation."""

    status = 501
    _caused_by_client = True


class BackendUnreachable(ProxyError):
    """Connecting to the backend failed, or the connection broke."""

    status = 502


class BackendViolation(ProxyError):
    """The backend's response is invalid or incomplete."""

    status = 502


class BackendTimeout(ProxyError):
    """The backend did not respond in time."""

    status = 504


class BackendRefused(ProxyError):
    """The backend returned an error.

    `status` and `headers` are the ones that our client receives.
    """

    def __init__(self, message: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class ShuttingDown(ProxyError):
    """The service shuts down before the response is complete."""

    status = 503

    def __init__(self) -> None:
        super().__init__("the service is shutting down")


class ClientLeft(ProxyError):
    """The client disconnected before the response was complete; nginx uses 499 for this."""

    status = 499

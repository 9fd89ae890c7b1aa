"""The closed set of failures; each knows the status it is answered with.

ProxyError
├── BadRequest            400  the request cannot be served as it stands
├── InvalidOption         500  an option or format of the wrong kind (Ollama answers 500 here)
├── NotSignedIn           401
├── Unauthorized          401  the client's key is missing or wrong
├── Exposed               403  reached from elsewhere, though nobody is asked for a key
├── ModelNotFound         404
├── NotSupported          501  the backend has no such operation
├── BackendUnreachable    502  no connection, or it broke
├── BackendViolation      502  an answer that is none
├── BackendTimeout        504
├── BackendRefused        ...  the backend's own error, with its status
├── ShuttingDown          503  the service ends before the answer does
└── ClientLeft            499  nobody is there to be answered
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

type Fault = Literal["client", "server"]

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class ProxyError(Exception):
    """A failure that is answered with `{"error": message}` and `status`.

    `kind` is what metrics and log call it.
    """

    status: int = 500
    headers: Mapping[str, str] = MappingProxyType({})
    kind: ClassVar[str] = "proxy_error"
    _asked_for: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.kind = _WORD.sub("_", cls.__name__).lower()

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def fault(self) -> Fault:
        """Whose it is: the client's that asks for what cannot be, or ours and the backend's."""
        return "client" if self.status < 500 or self._asked_for else "server"


class BadRequest(ProxyError):
    """The request cannot be served as it stands."""

    status = 400


class InvalidOption(ProxyError):
    """An option or `format` of the wrong kind: Ollama checks these late and answers 500."""

    status = 500
    _asked_for = True


class NotSignedIn(ProxyError):
    """There is no account at ollama.com."""

    status = 401


class Unauthorized(ProxyError):
    """The client's key is missing or wrong; `challenge` says how to send one (RFC 9110, 11.6.1)."""

    status = 401

    def __init__(self, message: str, challenge: str) -> None:
        super().__init__(message)
        self.headers = {"www-authenticate": challenge}


class Exposed(ProxyError):
    """A request from elsewhere, where nobody is asked for a key and nobody wanted that."""

    status = 403


class ModelNotFound(ProxyError):
    """The backend has no model of that name."""

    status = 404


class NotSupported(ProxyError):
    """The backend has no such operation."""

    status = 501
    _asked_for = True


class BackendUnreachable(ProxyError):
    """There was no connection to the backend, or it broke."""

    status = 502


class BackendViolation(ProxyError):
    """The backend's answer is not one."""

    status = 502


class BackendTimeout(ProxyError):
    """The backend did not answer in time."""

    status = 504


class BackendRefused(ProxyError):
    """The backend answered with an error of its own.

    `status` is the status for our client, `headers` are those that go along with it.
    """

    def __init__(self, message: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class ShuttingDown(ProxyError):
    """The service ends before the answer does."""

    status = 503

    def __init__(self) -> None:
        super().__init__("the service is shutting down")


class ClientLeft(ProxyError):
    """The client closed its connection before it had its answer; 499 is nginx's number for it."""

    status = 499

"""Statuses, kinds and faults of all errors that the service raises."""

import pytest

from ollama_openai_proxy import errors


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (errors.ProxyError, 500),
        (errors.BadRequest, 400),
        (errors.InvalidOption, 500),
        (errors.ModelNotFound, 404),
        (errors.NotSupported, 501),
        (errors.BackendUnreachable, 502),
        (errors.BackendViolation, 502),
        (errors.BackendTimeout, 504),
        (errors.ClientLeft, 499),
    ],
)
def test_each_error_has_its_status(failure: type[errors.ProxyError], status: int) -> None:
    assert failure("why").status == status
    assert failure("why").message == "why"
    assert failure("why").headers == {}


def test_every_error_is_listed_in_the_module_docstring() -> None:
    tree = errors.__doc__ or ""
    classes: list[type[errors.ProxyError]] = [
        errors.ProxyError,
        *errors.ProxyError.__subclasses__(),
    ]
    assert [error.__name__ for error in classes if error.__name__ not in tree] == []


def test_backend_refused_keeps_the_backends_status_and_headers() -> None:
    refused = errors.BackendRefused("slow down", 429, {"retry-after": "7"})
    assert refused.status == 429
    assert refused.headers == {"retry-after": "7"}
    assert errors.BackendRefused("slow down", 429).headers == {}


KINDS = {
    "proxy_error": "server",
    "bad_request": "client",
    "invalid_option": "client",
    "not_signed_in": "client",
    "unauthorized": "client",
    "exposed": "client",
    "model_not_found": "client",
    "not_supported": "client",
    "backend_unreachable": "server",
    "backend_violation": "server",
    "backend_timeout": "server",
    "backend_refused": "server",
    "shutting_down": "server",
    "client_left": "client",
}


def test_each_error_has_a_unique_kind_and_a_fault() -> None:
    known: list[type[errors.ProxyError]] = [
        errors.ProxyError,
        *errors.ProxyError.__subclasses__(),
    ]
    classes = [class_ for class_ in known if class_.__module__ == errors.__name__]
    faults: dict[str, str] = {}
    for class_ in classes:
        failure: errors.ProxyError = class_.__new__(class_)
        if class_ is errors.BackendRefused:
            failure.status = 500
        faults[class_.kind] = failure.fault
    assert faults == KINDS
    assert len(classes) == len(KINDS)


@pytest.mark.parametrize(("status", "fault"), [(400, "client"), (429, "client"), (503, "server")])
def test_the_fault_of_backend_refused_depends_on_its_status(status: int, fault: str) -> None:
    assert errors.BackendRefused("why", status).fault == fault

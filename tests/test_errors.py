"""The closed set of failures."""

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
def test_each_failure_has_its_status(failure: type[errors.ProxyError], status: int) -> None:
    assert failure("why").status == status
    assert failure("why").message == "why"
    assert failure("why").headers == {}


def test_every_failure_is_listed_at_the_top_of_the_module() -> None:
    tree = errors.__doc__ or ""
    classes: list[type[errors.ProxyError]] = [
        errors.ProxyError,
        *errors.ProxyError.__subclasses__(),
    ]
    assert [error.__name__ for error in classes if error.__name__ not in tree] == []


def test_a_refusal_carries_the_backends_status_and_headers() -> None:
    refused = errors.BackendRefused("slow down", 429, {"retry-after": "7"})
    assert refused.status == 429
    assert refused.headers == {"retry-after": "7"}
    assert errors.BackendRefused("slow down", 429).headers == {}

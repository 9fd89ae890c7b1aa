"""Operations of the specifications, and the lookup by method and path."""

import pytest

from ollama_openai_proxy.conformance.bodies import response_violations
from ollama_openai_proxy.conformance.contract import find, operations

EACH = [
    (spec, operation)
    for spec in ("ollama.yaml", "openai.yaml")
    for operation in operations(spec).values()
]


@pytest.mark.parametrize(
    ("spec", "operation"), EACH, ids=lambda value: getattr(value, "name", value)
)
def test_every_described_response_can_be_validated(spec: str, operation: object) -> None:
    operation = operations(spec)[operation.name]  # type: ignore[attr-defined]
    for status, content in operation.answers.items():
        for media_type in content:
            number = 599 if status == "default" else int(status)
            assert response_violations(spec, operation, number, media_type)[0] == []


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/models", "listModels"),
        ("GET", "/v1/models", "listModels"),
        ("GET", "/openai/v1/models", "listModels"),
        ("GET", "/v1/models/org%2Fa", "retrieveModel"),
        ("GET", "/props", "getProperties"),
        ("POST", "/v1/chat/completions", "createChatCompletion"),
        ("POST", "/v1/completions", "createCompletion"),
        ("POST", "/v1/embeddings", "createEmbedding"),
    ],
)
def test_an_operation_is_found_under_any_base_path(method: str, path: str, name: str) -> None:
    found = find("openai.yaml", method, path)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/models"),
        ("GET", "/v1/chat/completions"),
        ("GET", "/v1"),
        ("GET", "/v1/xmodels"),
    ],
)
def test_undescribed_operations_are_not_found(method: str, path: str) -> None:
    assert find("openai.yaml", method, path) is None


@pytest.mark.parametrize(
    ("name", "status", "media_type", "found"),
    [
        ("version", 200, "application/json; charset=utf-8", []),
        ("version", 418, "application/json", ["status: 418 is not described"]),
        ("version", 200, "text/html", ["content-type: not described for 200"]),
        ("version", 200, "", ["content-type: not described for 200"]),
    ],
)
def test_an_undescribed_status_or_media_type_is_reported(
    name: str, status: int, media_type: str, found: list[str]
) -> None:
    operation = operations("ollama.yaml")[name]
    assert response_violations("ollama.yaml", operation, status, media_type)[0] == found

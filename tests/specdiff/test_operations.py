import copy
from typing import Any

import pytest

from scripts.specdiff.differences import Difference
from scripts.specdiff.document import Document
from scripts.specdiff.operations import compare

CONTENT = {"application/json": {"schema": {"type": "string"}}}
API: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Cafe"},
    "paths": {
        "/orders/{number}": {
            "parameters": [
                {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "get": {
                "parameters": [{"name": "short", "in": "query", "schema": {"type": "boolean"}}],
                "responses": {
                    "200": {
                        "content": CONTENT,
                        "headers": {"Age": {"schema": {"type": "integer"}}},
                    },
                    404: {"$ref": "#/components/responses/None"},
                },
            },
            "put": {
                "requestBody": {"content": CONTENT},
                "responses": {"204": {"description": "Done."}},
            },
        }
    },
    "components": {"responses": {"None": {"description": "No such order."}}},
}


def changed(statement: str) -> list[Difference]:
    theirs = copy.deepcopy(API)
    names = {
        "api": theirs,
        "item": theirs["paths"]["/orders/{number}"],
        "get": theirs["paths"]["/orders/{number}"]["get"],
        "put": theirs["paths"]["/orders/{number}"]["put"],
        "content": CONTENT,
    }
    exec(statement, names)  # noqa: S102
    return compare(Document(API), Document(theirs), new=True)


@pytest.mark.parametrize(
    ("statement", "pointer", "what", "breaking"),
    [
        ("del item['put']", "PUT /orders/{number}", "operation removed", True),
        ("item['post'] = put", "POST /orders/{number}", "operation added", False),
        ("get['deprecated'] = True", "GET /orders/{number}", "deprecation changed", False),
        (
            "del get['parameters']",
            "GET /orders/{number} parameter query short",
            "parameter removed",
            True,
        ),
        (
            "get['parameters'].append({'name': 'x', 'in': 'query'})",
            "GET /orders/{number} parameter query x",
            "parameter added",
            False,
        ),
        (
            "get['parameters'].append({'name': 'x', 'in': 'header', 'required': True})",
            "GET /orders/{number} parameter header x",
            "parameter added",
            True,
        ),
        (
            "get['parameters'][0]['required'] = True",
            "GET /orders/{number} parameter query short",
            "requirement added",
            True,
        ),
        (
            "get['parameters'][0]['schema'] = {'type': 'string'}",
            "GET /orders/{number} parameter query short",
            "type changed",
            True,
        ),
        ("del put['requestBody']", "PUT /orders/{number} request", "body removed", True),
        (
            "get['requestBody'] = {'required': True, 'content': content}",
            "GET /orders/{number} request",
            "body added",
            True,
        ),
        (
            "put['requestBody']['required'] = True",
            "PUT /orders/{number} request",
            "requirement added",
            True,
        ),
        (
            "put['requestBody']['content'] = {**content, 'text/plain': {}}",
            "PUT /orders/{number} request text/plain",
            "media type added",
            False,
        ),
        (
            "get['responses']['200']['content'] = {}",
            "GET /orders/{number} response 200",
            "media type removed",
            True,
        ),
        (
            "del get['responses']['200']",
            "GET /orders/{number} response 200",
            "status removed",
            True,
        ),
        ("del get['responses'][404]", "GET /orders/{number} response 404", "status removed", False),
        (
            "get['responses']['429'] = {'description': ''}",
            "GET /orders/{number} response 429",
            "status added",
            False,
        ),
        (
            "del get['responses']['200']['headers']['Age']",
            "GET /orders/{number} response 200 header Age",
            "header removed",
            False,
        ),
        (
            "get['responses']['200']['headers']['Age']['schema']['type'] = 'string'",
            "GET /orders/{number} response 200 header Age",
            "type changed",
            True,
        ),
    ],
)
def test_a_change_around_bodies_is_found_and_judged(
    statement: str, pointer: str, what: str, breaking: bool
) -> None:
    found = [(one.pointer, one.what, one.breaking) for one in changed(statement)]
    assert found == [(pointer, what, breaking)]


def test_how_a_parameter_of_the_path_is_called_makes_no_difference() -> None:
    statement = "item['parameters'][0]['name'] = 'id'; api['paths'] = {'/v1/orders/{id}': item}"
    assert changed(statement) == []


def test_operations_that_are_not_ours_are_told_of_only_if_asked() -> None:
    theirs = {**API, "paths": {**API["paths"], "/cups": {"get": {"responses": {}}}}}
    assert compare(Document(API), Document(theirs), new=False) == []
    (found,) = compare(Document(API), Document(theirs), new=True)
    assert (found.operation, found.what) == ("GET /cups", "operation added")


def test_a_schema_that_no_operation_refers_to_is_compared_by_its_name() -> None:
    def with_schema(type_: str) -> Document:
        return Document(
            {**API, "components": {**API["components"], "schemas": {"Lone": {"type": type_}}}}
        )

    (found,) = compare(with_schema("string"), with_schema("integer"), new=True)
    assert (found.operation, found.schema, found.what) == (
        "schemas in no operation",
        "Lone",
        "type changed",
    )

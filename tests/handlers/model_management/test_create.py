"""POST /api/create."""

from typing import Any

import httpx
import pytest

DIGEST = "sha256:" + "0123456789abcdef" * 4
OWNED = "cannot create models: they are managed by the backend"
FROM = {"model": "new", "from": "gpt-4o"}
QUANTIZATIONS = "supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0"


def files(path: str, digest: str = DIGEST) -> dict[str, Any]:
    return {"model": "new", "files": {path: digest}}


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "invalid model name"),
        ({"model": "a b", "from": "x"}, 400, "invalid model name"),
        ({"model": "new", "from": "a b"}, 400, "invalid model name"),
        ({"model": "x:local:cloud", "from": "x"}, 400, "invalid model name"),
        ({"model": "new"}, 400, "neither 'from' or 'files' was specified"),
        ({"name": "new", "from": ""}, 400, "neither 'from' or 'files' was specified"),
        ({"model": "new", "files": {}}, 400, "unknown type"),
        (files("a.txt"), 400, "unknown type"),
        (files("/a.gguf"), 400, "file path must be relative"),
        (files("../a.gguf"), 400, "file path must be relative"),
        (files("a/../b.gguf"), 400, "file path must be relative"),
        (files(""), 400, "file path must be relative"),
        (files("a.gguf", ""), 400, "invalid digest format"),
        (files("a.safetensors", "sha256:0"), 400, "invalid digest format"),
        ({**FROM, "template": "{{ .Prompt"}, 400, "template error: template: :1: unclosed action"),
        ({**FROM, "license": 5}, 500, "json: cannot unmarshal number into Go value of type []string"),
        ({**FROM, "license": {}}, 500, "json: cannot unmarshal object into Go value of type []string"),
        ({**FROM, "license": [True]}, 500, "json: cannot unmarshal bool into Go value of type string"),
        ({**FROM, "quantize": "Q4_0"}, 500, f"unsupported quantization type Q4_0 - {QUANTIZATIONS}"),
        ({**FROM, "quantization": "x"}, 500, f"unsupported quantization type X - {QUANTIZATIONS}"),
        ({**FROM, "info": {"context_length": "x"}}, 400, 'info field "context_length" must be a number'),
        (
            {**FROM, "info": {"embedding_length": -1}}, 400,
            'info field "embedding_length" must be a non-negative integer',
        ),
        (
            {**FROM, "info": {"context_length": 1.5}}, 400,
            'info field "context_length" must be a non-negative integer',
        ),
        ({**FROM, "info": {"base_name": 5}}, 400, 'info field "base_name" must be a string'),
        (FROM, 501, OWNED),
        ({**FROM, "stream": False}, 501, OWNED),
        ({"model": "new", "from": "not-there"}, 501, OWNED),
        (files("a.gguf"), 501, OWNED),
        (
            {
                **FROM, "system": "x", "template": "{{ .Prompt }}", "license": ["a", "b"],
                "parameters": {"stop": ["x"]}, "messages": [{"role": "user", "content": "hi"}],
                "quantize": "q4_K_M", "info": {"context_length": 8192, "base_name": "x"},
            },
            501, OWNED,
        ),
    ],
)  # fmt: skip
async def test_create_is_rejected_for_the_first_reason(
    kept_client: httpx.AsyncClient, body: dict[str, Any], status: int, text: str
) -> None:
    response = await kept_client.post("/api/create", json=body)
    assert (response.status_code, response.json()) == (status, {"error": text})


@pytest.mark.parametrize(
    ("body", "field", "go_type", "kind"),
    [
        ({"files": "x"}, "files", "map[string]string", "string"),
        ({"files": {"a": 5}}, "files", "string", "number"),
        ({"from": 5}, "from", "string", "number"),
        ({"parameters": []}, "parameters", "map[string]interface {}", "array"),
    ],
)
async def test_a_wrong_type_has_gos_error_message(
    kept_client: httpx.AsyncClient, body: dict[str, Any], field: str, go_type: str, kind: str
) -> None:
    response = await kept_client.post("/api/create", json={"model": "new", **body})
    text = f"json: cannot unmarshal {kind} into Go struct field CreateRequest.{field} of type {go_type}"
    assert (response.status_code, response.json()["error"]) == (400, text)

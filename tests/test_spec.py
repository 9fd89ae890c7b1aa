"""The OpenAPI documents are found and loaded."""

import tomllib
from pathlib import Path

import pytest

from ollama_openai_proxy import DISTRIBUTION
from ollama_openai_proxy.spec import load_spec, spec_path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


@pytest.mark.parametrize("name", ["ollama.yaml", "openai.yaml"])
def test_each_document_exists(name: str) -> None:
    assert spec_path(name).is_file()
    assert spec_path(name).name == name


@pytest.mark.parametrize("name", ["ollama.yaml", "openai.yaml"])
def test_each_document_has_an_openapi_version_that_connexion_supports(name: str) -> None:
    assert load_spec(name)["openapi"].startswith("3.0.")


def test_references_are_not_resolved() -> None:
    chat = load_spec("ollama.yaml")["paths"]["/api/chat"]["post"]
    schema = chat["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ChatRequest"}


def test_an_unknown_document_raises_file_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        load_spec("nothing.yaml")


@pytest.mark.skipif(not PROJECT.is_file(), reason="pyproject.toml not found: run it in a checkout")
def test_the_distribution_name_matches_pyproject_toml() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    assert project["name"] == DISTRIBUTION

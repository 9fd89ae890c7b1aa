"""The API descriptions are found and read."""

import tomllib
from pathlib import Path

import pytest

from ollama_openai_proxy import DISTRIBUTION
from ollama_openai_proxy.spec import load_spec, spec_path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


@pytest.mark.parametrize("name", ["ollama.yaml", "openai.yaml"])
def test_each_description_is_there(name: str) -> None:
    assert spec_path(name).is_file()
    assert spec_path(name).name == name


@pytest.mark.parametrize("name", ["ollama.yaml", "openai.yaml"])
def test_each_description_is_of_the_version_that_connexion_takes(name: str) -> None:
    assert load_spec(name)["openapi"].startswith("3.0.")


def test_references_are_left_as_they_are_written() -> None:
    chat = load_spec("ollama.yaml")["paths"]["/api/chat"]["post"]
    schema = chat["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ChatRequest"}


def test_a_description_that_does_not_exist_is_not_made_up() -> None:
    with pytest.raises(FileNotFoundError):
        load_spec("nothing.yaml")


@pytest.mark.skipif(not PROJECT.is_file(), reason="no pyproject.toml here: run it in a checkout")
def test_the_package_knows_the_name_that_it_is_distributed_under() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    assert project["name"] == DISTRIBUTION

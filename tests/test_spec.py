"""The API descriptions are found and read."""

import pytest

from ollama_openai_proxy.spec import load_spec, spec_path


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

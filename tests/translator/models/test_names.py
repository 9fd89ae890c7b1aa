"""Validation and lookup of model names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ollama_openai_proxy.errors import BadRequest
from ollama_openai_proxy.translator.models.names import (
    Index,
    display,
    is_valid,
    without_default_tag,
    without_source,
)


@pytest.mark.parametrize(
    "name",
    [
        "llama3", "qwen3:8b", "user/model", "user/model:latest", "host:5000/user/model:tag",
        "registry.ollama.ai/library/llama3:latest", "https://host/user/model", "_x", "0x", "gpt-4o",
        "a.b-c_d", " llama3 ", "x" * 80, "x:" + "y" * 80, "x-cloud",
    ],
)  # fmt: skip
def test_names_that_ollama_accepts_are_valid(name: str) -> None:
    assert is_valid(name)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "a b", "bad/", "/bad", ":bad", "a:", "a//b", "a/b/c/d/e", "-x", "x:-y", "x:y:z",
        "x@sha256:abc", "x" * 81, "x:" + "y" * 81, "a.b/c", "né",
    ],
)  # fmt: skip
def test_names_that_ollama_rejects_are_invalid(name: str) -> None:
    assert not is_valid(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("llama3", "llama3:latest"),
        ("qwen3:8b", "qwen3:8b"),
        ("user/model", "user/model:latest"),
        ("host:5000/model", "host:5000/model:latest"),
    ],
)
def test_names_are_displayed_with_a_tag(name: str, shown: str) -> None:
    assert display(name) == shown


@pytest.mark.parametrize(
    ("name", "plain"), [("m:latest", "m"), ("m:8b", "m:8b"), ("m", "m"), ("latest", "latest")]
)
def test_only_the_default_tag_is_removed(name: str, plain: str) -> None:
    assert without_default_tag(name) == plain


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o:latest", "gpt-4o"),
        ("GPT-4o", "gpt-4o"),
        ("GPT-4O:Latest", "gpt-4o"),
        (" gpt-4o ", "gpt-4o"),
        ("org/Model", "org/Model"),
        ("ORG/model:latest", "org/Model"),
        ("tagged", "tagged:latest"),
        ("tagged:LATEST", "tagged:latest"),
        ("qwen:8B", "qwen:8b"),
        ("Twin", "Twin"),
        ("twin", "twin"),
        ("TWIN", "Twin"),
        ("gpt-4o:local", "gpt-4o"),
        ("GPT-4o:LOCAL", "gpt-4o"),
        ("qwen:8b:local", "qwen:8b"),
        ("tagged:local", "tagged:latest"),
        ("gpt-4o:cloud", None),
        ("nope:local", None),
        (":local", None),
        ("qwen", None),
        ("gpt-4o:8b", None),
        ("gpt-4", None),
        ("", None),
    ],
)
def test_a_model_is_found_by_any_name_that_clients_use(name: str, model: str | None) -> None:
    ids = ["gpt-4o", "org/Model", "tagged:latest", "qwen:8b", "Twin", "twin"]
    assert Index(ids).find(name) == model


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("x", "x"), (" x ", "x"), ("x:7b", "x:7b"), ("x:local", "x"), ("x:7b:LOCAL", "x:7b"),
        ("x:cloud", "x:cloud"), ("x:7b-cloud", "x:7b-cloud"), ("x-cloud", "x-cloud"),
        ("x-cloud:local", "x-cloud"), ("host:local/x", "host:local/x"), (":local", ":local"),
    ],
)  # fmt: skip
def test_the_local_suffix_is_removed(name: str, plain: str) -> None:
    assert without_source(name) == plain


@pytest.mark.parametrize(
    "name", ["x:local:cloud", "x:cloud:local", "x:LOCAL:Cloud", "x:7b-cloud:local"]
)
def test_local_and_cloud_are_mutually_exclusive(name: str) -> None:
    with pytest.raises(BadRequest) as caught:
        without_source(name)
    assert caught.value.message == f'use either :local or :cloud, not both: "{name}"'


@given(st.lists(st.text("aA/:-", min_size=1, max_size=6), unique=True))
@settings(max_examples=100)
def test_every_id_and_every_displayed_name_is_found(ids: list[str]) -> None:
    index = Index(ids)
    assert [index.find(id_) for id_ in ids] == ids
    assert all(index.find(display(id_)) is not None for id_ in ids)

"""Model names."""

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
def test_a_name_that_ollama_takes_is_valid(name: str) -> None:
    assert is_valid(name)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "a b", "bad/", "/bad", ":bad", "a:", "a//b", "a/b/c/d/e", "-x", "x:-y", "x:y:z",
        "x@sha256:abc", "x" * 81, "x:" + "y" * 81, "a.b/c", "né",
    ],
)  # fmt: skip
def test_a_name_that_ollama_refuses_is_invalid(name: str) -> None:
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
def test_a_name_is_shown_with_a_tag(name: str, shown: str) -> None:
    assert display(name) == shown


@pytest.mark.parametrize(
    ("name", "plain"), [("m:latest", "m"), ("m:8b", "m:8b"), ("m", "m"), ("latest", "latest")]
)
def test_only_the_default_tag_is_left_out(name: str, plain: str) -> None:
    assert without_default_tag(name) == plain


@pytest.mark.parametrize(
    ("name", "found"),
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
def test_a_model_is_found_by_any_name_that_clients_use(name: str, found: str | None) -> None:
    ids = ["gpt-4o", "org/Model", "tagged:latest", "qwen:8b", "Twin", "twin"]
    assert Index(ids).find(name) == found


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("x", "x"), (" x ", "x"), ("x:7b", "x:7b"), ("x:local", "x"), ("x:7b:LOCAL", "x:7b"),
        ("x:cloud", "x:cloud"), ("x:7b-cloud", "x:7b-cloud"), ("x-cloud", "x-cloud"),
        ("x-cloud:local", "x-cloud"), ("host:local/x", "host:local/x"), (":local", ":local"),
    ],
)  # fmt: skip
def test_local_says_only_that_a_model_is_one_of_ours(name: str, plain: str) -> None:
    assert without_source(name) == plain


@pytest.mark.parametrize(
    "name", ["x:local:cloud", "x:cloud:local", "x:LOCAL:Cloud", "x:7b-cloud:local"]
)
def test_a_model_cannot_be_ours_and_of_the_cloud(name: str) -> None:
    with pytest.raises(BadRequest) as caught:
        without_source(name)
    assert caught.value.message == f'use either :local or :cloud, not both: "{name}"'


@given(st.lists(st.text("aA/:-", min_size=1, max_size=6), unique=True))
@settings(max_examples=100)
def test_every_id_is_found_by_itself_and_what_is_listed_finds_a_model(ids: list[str]) -> None:
    index = Index(ids)
    assert [index.find(id_) for id_ in ids] == ids
    assert all(index.find(display(id_)) is not None for id_ in ids)

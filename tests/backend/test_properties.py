"""What llama.cpp tells at /props."""

from typing import Any

import msgspec
import pytest
from ollama_openai_proxy_models import openai

from ollama_openai_proxy.backend.properties import with_properties


def model(**fields: Any) -> openai.Model:
    return msgspec.convert({"id": "acme", "owned_by": "llamacpp", **fields}, openai.Model)


def told(properties: dict[str, Any], **fields: Any) -> openai.Model:
    return with_properties(model(**fields), msgspec.convert(properties, openai.ServerProperties))


@pytest.mark.parametrize("has", [True, False])
def test_the_template_says_whether_there_are_tools(has: bool) -> None:
    assert told({"chat_template_caps": {"supports_tools": has}}).supports_tools is has


@pytest.mark.parametrize("odd", [None, "x", [], {}, {"supports_tools": "yes"}], ids=repr)
def test_what_is_not_told_is_not_known(odd: Any) -> None:
    assert told({"chat_template_caps": odd}).supports_tools is None


def test_modalities_stand_behind_what_the_list_says() -> None:
    properties = {"modalities": {"vision": True, "video": True, "audio": False}}
    assert told(properties, capabilities=["completion"]).capabilities == ["completion", "vision"]
    assert told(properties).capabilities == ["vision"]
    assert told({"modalities": None}).capabilities is None


@pytest.mark.parametrize(
    ("template", "thinks"),
    [
        ("{% if enable_thinking %}", True),
        ("{{ '<think>' }}", True),
        ("{{ reasoning_effort }}", True),
        ("{{ messages }}", False),
        (None, False),
    ],
)
def test_a_template_that_speaks_of_thoughts_is_of_a_model_that_thinks(
    template: str | None, thinks: bool
) -> None:
    answer = told({"chat_template": template}, capabilities=["completion"])
    assert answer.capabilities == ["completion"] + ["thinking"] * thinks


def test_the_context_is_that_of_one_answer() -> None:
    settings = {"default_generation_settings": {"n_ctx": 2048}}
    meta = told(settings, meta={"n_ctx_train": 8192, "n_embd": 576}).meta
    assert meta is not None
    assert (meta.n_ctx, meta.n_ctx_train, meta.n_embd) == (2048, 8192, 576)
    loading = told(settings, meta=None).meta
    assert loading is not None
    assert loading.n_ctx == 2048
    odd = told({"default_generation_settings": {"n_ctx": "many"}}, meta={"n_ctx": 4096}).meta
    assert odd is not None
    assert odd.n_ctx == 4096

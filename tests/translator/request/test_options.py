"""Conversion of `options`."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.profiles.dialects import DIALECTS, GENERIC, Dialect
from ollama_openai_proxy.translator.request.options import OPTIONS, openai_options, own_stops
from tests.fakes.specification import complaints
from tests.fakes.values import NUMBERS, VALUES


def sent(options: dict[str, Any], dialect: str = "generic") -> dict[str, Any]:
    return openai_options(msgspec.convert(options, ollama.ModelOptions), DIALECTS[dialect])


def test_no_fields_are_sent_without_options() -> None:
    assert openai_options(None, GENERIC) == {}
    assert all(sent({}, dialect) == {} for dialect in DIALECTS)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": 0.7}, {"temperature": 0.7}),
        ({"temperature": 5}, {"temperature": 2}),
        ({"temperature": -1}, {"temperature": 0}),
        ({"top_p": 0.9}, {"top_p": 0.9}),
        ({"top_p": 1}, {}),
        ({"top_p": 2}, {}),
        ({"top_p": 0}, {"top_p": 0.0001}),
        ({"top_p": -1}, {"top_p": 0.0001}),
        ({"seed": 7}, {"seed": 7}),
        ({"seed": 1.9}, {"seed": 1}),
        ({"seed": 0}, {"seed": 0}),
        ({"seed": -1}, {}),
        ({"seed": 1e300}, {"seed": 2**63 - 1}),
        ({"num_predict": 10**30}, {"max_tokens": 2**63 - 1}),
        ({"stop": ["a", "", "b"]}, {"stop": ["a", "b"]}),
        ({"stop": []}, {}),
        ({"stop": [""]}, {}),
        ({"num_predict": 16}, {"max_tokens": 16}),
        ({"num_predict": 16.9}, {"max_tokens": 16}),
        ({"num_predict": 0}, {}),
        ({"num_predict": -1}, {}),
        ({"num_predict": -2}, {}),
        ({"presence_penalty": 0.5}, {"presence_penalty": 0.5}),
        ({"presence_penalty": 3}, {"presence_penalty": 2}),
        ({"presence_penalty": 0}, {}),
        ({"frequency_penalty": -3}, {"frequency_penalty": -2}),
        ({"frequency_penalty": 0}, {}),
    ],
    ids=repr,
)
def test_standard_options_are_sent_to_any_backend(
    options: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert sent(options) == fields


@pytest.mark.parametrize(
    "option",
    ["num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "draft_num_predict"],
)
@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_model_loading_options_are_not_sent(option: str, dialect: str) -> None:
    assert sent({option: 4096, "use_mmap": True, "tfs_z": 1, "low_vram": True}, dialect) == {}


EXTENSIONS = {
    "top_k": 40, "min_p": 0.05, "typical_p": 0.7, "repeat_penalty": 1.1, "repeat_last_n": 64,
    "mirostat": 2, "mirostat_tau": 5.0, "mirostat_eta": 0.1, "num_keep": 4,
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["generic", "openai", "azure", "groq", "mistral"])
def test_strict_backends_get_no_extensions(dialect: str) -> None:
    assert sent(EXTENSIONS, dialect) == {}


@pytest.mark.parametrize("dialect", ["vllm", "openrouter"])
def test_vllm_and_openrouter_get_three_extensions(dialect: str) -> None:
    fields = {"top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1}
    assert sent(EXTENSIONS, dialect) == fields


def test_llamacpp_gets_all_extensions() -> None:
    fields = {name: value for name, value in EXTENSIONS.items() if name != "num_keep"}
    assert sent(EXTENSIONS, "llamacpp") == {**fields, "n_keep": 4}


@pytest.mark.parametrize(
    "options",
    [
        {"top_k": 0}, {"top_k": -1}, {"min_p": 0}, {"typical_p": 1}, {"repeat_penalty": 1},
        {"repeat_penalty": 0}, {"repeat_last_n": -1}, {"mirostat": 0},
    ],
    ids=repr,
)  # fmt: skip
def test_a_disabled_sampler_is_not_sent(options: dict[str, Any]) -> None:
    assert sent(options, "llamacpp") == {}


@pytest.mark.parametrize("value", ["two", True, [], {}, None], ids=repr)
@pytest.mark.parametrize("option", ["mirostat", "mirostat_tau", "mirostat_eta"])
def test_options_that_ollama_no_longer_reads_may_have_any_type(option: str, value: Any) -> None:
    assert sent({option: value}, "llamacpp") == {}


@pytest.mark.parametrize(
    ("dialect", "field"),
    [("openai", "max_completion_tokens"), ("azure", "max_completion_tokens")]
    + [(name, "max_tokens") for name in ("generic", "groq", "mistral", "llamacpp", "vllm")],
)
def test_num_predict_has_the_field_name_of_the_dialect(dialect: str, field: str) -> None:
    assert sent({"num_predict": 9}, dialect) == {field: 9}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"min_p": 2}, {"min_p": 1}),
        ({"typical_p": 2}, {}),
        ({"mirostat": 3}, {}),
        ({"mirostat": 1.5}, {"mirostat": 1}),
    ],
    ids=repr,
)
def test_extensions_are_clamped(options: dict[str, Any], fields: dict[str, Any]) -> None:
    assert sent(options, "llamacpp") == fields


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@given(st.lists(st.text(max_size=2), max_size=20))
def test_stops_are_sent_or_detected_by_the_proxy(dialect: Dialect, stops: list[str]) -> None:
    options = ollama.ModelOptions(stop=stops)
    sent_ = openai_options(options, dialect).get("stop", [])
    expected = [stop for stop in stops if stop]
    limit = dialect.most_stops
    assert sent_ == expected[:limit]
    assert own_stops(options, dialect) == (() if sent_ == expected else tuple(expected))


def test_without_stops_the_proxy_scans_for_nothing() -> None:
    assert own_stops(None, GENERIC) == own_stops(ollama.ModelOptions(), GENERIC) == ()


def test_mistral_gets_random_seed() -> None:
    assert sent({"seed": 7}, "mistral") == {"random_seed": 7}


def test_every_option_of_the_specification_is_in_the_table() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(ollama.ModelOptions)}
    retired = {
        "numa", "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock", "embedding_only",
        "tfs_z", "penalize_newline",
    }  # fmt: skip
    assert {option.name for option in OPTIONS} == names - retired


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(
    st.dictionaries(
        st.sampled_from([option.name for option in OPTIONS]), NUMBERS | VALUES, max_size=6
    )
)
@settings(max_examples=60)
def test_any_options_produce_a_request_that_matches_the_specification(
    dialect: str, options: dict[str, Any]
) -> None:
    request = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    try:
        request |= sent(options, dialect)
    except msgspec.ValidationError:
        return
    assert not complaints("openai.yaml", "CreateChatCompletionRequest", request)

"""Detection of the dialect of a backend."""

import msgspec
import pytest
from ollama_openai_proxy_models import ollama, openai

from ollama_openai_proxy.config.settings import SettingsError, read_settings
from ollama_openai_proxy.profiles.dialects import DIALECTS, Dialect, by_host, by_owner


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.openai.com", "openai"),
        ("eu.api.openai.com", "openai"),
        ("acme.openai.azure.com", "azure"),
        ("openrouter.ai", "openrouter"),
        ("api.groq.com", "groq"),
        ("api.mistral.ai", "mistral"),
        ("api.deepseek.com", "deepseek"),
        ("api.together.xyz", "together"),
        ("localhost", "generic"),
        ("api.openai.com.evil.test", "generic"),
        ("myopenrouter.ai", "generic"),
        ("azure.com.test", "generic"),
        ("", "generic"),
    ],
)
def test_a_hosted_backend_is_recognized_by_its_host_name(host: str, name: str) -> None:
    assert by_host(host).name == name


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("llamacpp", "llamacpp"),
        ("vllm", "vllm"),
        ("sglang", "vllm"),
        ("organization_owner", "lmstudio"),
        ("library", "generic"),
        ("openai", "generic"),
        ("", "generic"),
        (None, "generic"),
    ],
)
def test_a_local_server_is_recognized_by_owned_by(owner: str | None, name: str) -> None:
    assert by_owner(owner).name == name


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_dialects_use_only_fields_of_the_specification(dialect: Dialect) -> None:
    options = {field.encode_name for field in msgspec.structs.fields(ollama.ModelOptions)}
    request = msgspec.structs.fields(openai.CreateChatCompletionRequest)
    assert set(dialect.fields) <= options
    assert {*dialect.fields.values(), dialect.max_tokens} <= {
        field.encode_name for field in request
    }


@pytest.mark.parametrize("name", ["auto", *DIALECTS])
def test_a_dialect_can_be_set_by_its_name(name: str) -> None:
    assert read_settings(dialect=name).dialect == name


def test_an_unknown_dialect_is_rejected_with_the_list_of_known_ones() -> None:
    with pytest.raises(SettingsError, match="expected one of auto, generic, openai"):
        read_settings(dialect="nope")

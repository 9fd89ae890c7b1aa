"""Every knob, read once and frozen."""

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .address import HostPort, parse_base_url, parse_host
from .origins import parse_origins

PREFIX = "OLLAMA_OPENAI_PROXY_"

BaseURL = Annotated[str, AfterValidator(parse_base_url)]
Seconds = Annotated[float, Field(gt=0)]

# envconfig/config.go, KeepAlive: a Go duration, or whole seconds
_DURATION = re.compile(r"[+-]?(\d+|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)

DialectName = Literal[
    "auto", "generic", "openai", "azure", "openrouter", "groq", "mistral", "deepseek", "together",
    "lmstudio", "llamacpp", "vllm",
]  # fmt: skip


class SettingsError(Exception):
    """A setting that cannot be used; the message is one line and names the variable."""


def _printable(key: SecretStr | None) -> SecretStr | None:
    if key is None:
        return None
    text = key.get_secret_value().strip()
    if not all(" " < character <= "~" for character in text):
        raise ValueError("holds a character that cannot stand in a header")
    return SecretStr(text) if text else None


def _host(value: object) -> object:
    return parse_host(value) if isinstance(value, str) else value


def _origins(value: object) -> object:
    return parse_origins(value) if isinstance(value, str) else value


def _duration(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise ValueError("is neither a duration such as 5m nor whole seconds")
    return text


Host = Annotated[HostPort, NoDecode, BeforeValidator(_host)]
Listed = Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_origins)]
Key = Annotated[SecretStr | None, AfterValidator(_printable)]
Duration = Annotated[str, AfterValidator(_duration)]


class Settings(BaseSettings):
    """What the service can be told; the description of each field stands in the README's table."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    host: Host = Field(
        HostPort("127.0.0.1", 11434),
        validation_alias="OLLAMA_HOST",
        description="Address to listen on, in Ollama's own syntax.",
    )
    origins: Listed = Field(
        None,
        validation_alias="OLLAMA_ORIGINS",
        description="Origins of web pages that may use the service besides those on this machine, "
        "between commas; `*` in one stands for anything.",
    )
    backend_url: BaseURL = Field(
        "https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="The backend: the URL that `/chat/completions` is appended to.",
    )
    backend_key: Key = Field(
        None,
        validation_alias="OPENAI_API_KEY",
        description="The key sent to the backend. Never printed.",
    )
    pass_through_key: bool = Field(
        False,
        description="Send the key that a client of `/v1` brings along to the backend, in place of ours.",
    )
    embeddings_url: BaseURL | None = Field(
        None, description="Another backend for embeddings alone; else the same."
    )
    dialect: DialectName = Field(
        "auto", description="What kind of backend it is; `auto` tells by its host and model list."
    )
    connect_timeout: Seconds = Field(10, description="Seconds to wait for a connection.")
    first_byte_timeout: Seconds = Field(
        600, description="Seconds to wait for the first byte of an answer (long prompts take long)."
    )
    idle_timeout: Seconds = Field(
        120, description="Seconds a started answer may be silent. There is no limit on the whole."
    )
    models_ttl: Seconds = Field(
        10, description="Seconds for which the backend's model list is kept."
    )
    unlisted_models: Literal["auto", "refuse", "pass"] = Field(
        "auto",
        description="A model that the backend does not list: `refuse` with 404, `pass` it on, "
        "or what suits the kind of backend.",
    )
    keep_alive: Duration = Field(
        "5m",
        validation_alias="OLLAMA_KEEP_ALIVE",
        description="How long a used model stays in `/api/ps` when the request does not say.",
    )
    context_length: int = Field(
        32768,
        gt=0,
        validation_alias="OLLAMA_CONTEXT_LENGTH",
        description="Tokens of context shown for a model whose backend does not tell.",
    )
    version: str = Field(
        "0.33.0",
        pattern=r"^\d+\.\d+\.\d+$",
        description="The Ollama version to report; clients test it.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged."
    )
    workers: int = Field(1, ge=1, description="Processes that serve.")


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment and `.env`; `overrides` (by field name) win where not None.

    Raises SettingsError with one line that names the variable, and never shows a key.
    """
    try:
        in_file = dotenv_values(".env")
    except UnicodeDecodeError:
        raise SettingsError(".env: is not UTF-8") from None
    _refuse_unknown({**in_file, **os.environ})
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_one_line, error.errors()))) from None


def variable(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def _refuse_unknown(environment: Mapping[str, str | None]) -> None:
    known = {variable(field) for field in Settings.model_fields}
    unknown = [name for name in environment if name.startswith(PREFIX) and name not in known]
    if unknown:
        raise SettingsError(f"{', '.join(sorted(unknown))}: no such setting")


def _one_line(error: Any) -> str:
    location = str(error["loc"][0]) if error["loc"] else ""
    name = variable(location) if location in Settings.model_fields else location
    reason = error["msg"].removeprefix("Value error, ")
    return f"{name}: {reason[0].lower()}{reason[1:]}"

"""Every knob, read once and frozen."""

import os
from collections.abc import Mapping
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..durations import default_keep_alive_seconds
from .addresses import HostPort
from .types import (
    IN_FILES,
    BaseURL,
    ClientKeys,
    DialectName,
    Duration,
    Host,
    Key,
    Listed,
    Seconds,
    read_file,
)

PREFIX = "OLLAMA_OPENAI_PROXY_"


class SettingsError(Exception):
    """A setting that cannot be used; the message is one line and names the variable."""


class Settings(BaseSettings):
    """What the service can be told; the description of each field stands in the README's table."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
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
    backend_key_file: str | None = Field(
        None,
        validation_alias="OPENAI_API_KEY_FILE",
        description="A file with that key, in place of it.",
    )
    api_keys: ClientKeys = Field(
        None,
        description="Keys of which a client needs one, between commas: `key`, `name:key` or "
        "`name:sha256:…`. Never printed.",
    )
    api_keys_file: str | None = Field(
        None, description="A file with such keys, one a line, in place of them."
    )
    insecure: bool = Field(
        False, description="Listen on other addresses than the loopback without asking for a key."
    )
    pass_through_key: bool = Field(
        False,
        description="Send the key that a client brings along to the backend, in place of ours.",
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
    backend_keep_alive: bool = Field(
        True,
        description="Reuse connections to the backend. Without, no stray response can reach another "
        "client, and each request pays for a new connection.",
    )
    backend_reuse_after: float = Field(
        0,
        ge=0,
        description="Seconds that a connection to the backend must be silent before it is reused. "
        "Stray responses that are no later than this reach nobody; more connections are open.",
    )
    backend_reuse_within: Seconds = Field(
        60, description="Seconds after which an unused connection to the backend is closed."
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
    ui: bool = Field(
        True, description="Serve a page at `/ui` that shows what is served, and tries it out."
    )
    conformance: Literal["off", "log", "enforce"] = Field(
        "off",
        validation_alias="OLLAMA_OPENAI_PROXY_VALIDATE",
        description="Hold all that is sent and received against the specifications: `log` what is "
        "not as specified, or `enforce` that it goes no further.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged."
    )
    log_format: Literal["text", "json"] = Field("text", description="How it is logged.")
    workers: int = Field(1, ge=1, description="Processes that serve.")
    drain: float = Field(
        0,
        ge=0,
        description="Seconds for which connections are still accepted when the service is told to "
        "end, while it says that it is not ready.",
    )
    grace: float = Field(
        8, ge=0, description="Seconds that open requests have left after that. Docker gives ten."
    )

    @property
    def keep_alive_seconds(self) -> float:
        """OLLAMA_KEEP_ALIVE in seconds; infinity if models are never unloaded."""
        return default_keep_alive_seconds(self.keep_alive)

    @property
    def keyless(self) -> bool:
        """Whether the backend is asked with the clients' keys alone."""
        return self.pass_through_key and self.backend_key is None

    @property
    def authenticates(self) -> bool:
        """Whether a client without a key gets nothing, from us or from the backend."""
        return self.api_keys is not None or self.keyless


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
        return _with_files(Settings(**given))
    except ValidationError as error:
        raise SettingsError("; ".join(map(_one_line, error.errors()))) from None


def _with_files(settings: Settings) -> Settings:
    """The settings with what stands in files, as Docker and Kubernetes mount secrets."""
    found: dict[str, object] = {}
    for field, read in IN_FILES.items():
        path = getattr(settings, f"{field}_file")
        if path is None:
            continue
        name = variable(f"{field}_file")
        if getattr(settings, field) is not None:
            raise SettingsError(f"{name}: {variable(field)} is set as well; give one of them")
        try:
            found[field] = read_file(path, read)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
    return settings.model_copy(update=found)


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

"""The settings of the service, read once at startup."""

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
    """An invalid setting. The message is one line that begins with the setting's name."""


class Settings(BaseSettings):
    """All settings. scripts/docs writes the descriptions into docs/reference/settings.md."""

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
        description="Address to listen on, in the same syntax as for Ollama.",
    )
    origins: Listed = Field(
        None,
        validation_alias="OLLAMA_ORIGINS",
        description="Web origins allowed in addition to those on this machine, comma-separated. `*` "
        "matches any text.",
    )
    backend_url: BaseURL = Field(
        "https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="Base URL of the backend. `/chat/completions` and other paths are appended to it.",
    )
    backend_key: Key = Field(
        None,
        validation_alias="OPENAI_API_KEY",
        description="API key for the backend. Never logged.",
    )
    backend_key_file: str | None = Field(
        None,
        validation_alias="OPENAI_API_KEY_FILE",
        description="File that contains the API key for the backend. Use instead of `OPENAI_API_KEY`.",
    )
    api_keys: ClientKeys = Field(
        None,
        description="Accepted client API keys, comma-separated: `key`, `name:key` or `name:sha256:…`. "
        "Never logged.",
    )
    api_keys_file: str | None = Field(
        None,
        description="File that contains the accepted client API keys, one per line. Use instead of "
        "`OLLAMA_OPENAI_PROXY_API_KEYS`.",
    )
    insecure: bool = Field(
        False, description="Allow listening on a non-loopback address without client API keys."
    )
    pass_through_key: bool = Field(
        False,
        description="Forward the client's API key to the backend instead of `OPENAI_API_KEY`.",
    )
    embeddings_url: BaseURL | None = Field(
        None,
        description="Base URL of a separate backend for embeddings. Default: the same backend.",
    )
    dialect: DialectName = Field(
        "auto",
        description="Kind of backend. `auto` detects it from the host name and the model list.",
    )
    connect_timeout: Seconds = Field(
        10, description="Seconds to wait for a connection to the backend."
    )
    first_byte_timeout: Seconds = Field(
        600,
        description="Seconds to wait for the first byte of a response. Long prompts take long to "
        "process.",
    )
    idle_timeout: Seconds = Field(
        120,
        description="Seconds without data after which a started response fails. There is no limit "
        "on its total duration.",
    )
    backend_keep_alive: bool = Field(
        True,
        description="Reuse connections to the backend. If false, no stray response can reach another "
        "client, but each request opens a connection.",
    )
    backend_reuse_after: float = Field(
        0,
        ge=0,
        description="Seconds that a connection to the backend stays idle before it is reused. Stray "
        "responses that arrive within this time reach no client. More connections are open.",
    )
    backend_reuse_within: Seconds = Field(
        60, description="Seconds after which an unused connection to the backend is closed."
    )
    models_ttl: Seconds = Field(
        10, description="Seconds for which the backend's model list is cached."
    )
    unlisted_models: Literal["auto", "refuse", "pass"] = Field(
        "auto",
        description="Requests for models that the backend does not list: `refuse` returns 404, `pass` "
        "forwards them, `auto` decides by the kind of backend.",
    )
    keep_alive: Duration = Field(
        "5m",
        validation_alias="OLLAMA_KEEP_ALIVE",
        description="How long a used model stays in `/api/ps`, unless the request sets `keep_alive`.",
    )
    context_length: int = Field(
        32768,
        gt=0,
        validation_alias="OLLAMA_CONTEXT_LENGTH",
        description="Context length in tokens, shown for models whose context length is unknown.",
    )
    version: str = Field(
        "0.33.0",
        pattern=r"^\d+\.\d+\.\d+$",
        description="Ollama version to report. Some clients require a minimum version.",
    )
    ui: bool = Field(
        True, description="Serve an interactive page at `/ui` that shows and runs every operation."
    )
    conformance: Literal["off", "log", "enforce"] = Field(
        "off",
        validation_alias="OLLAMA_OPENAI_PROXY_VALIDATE",
        description="Validate requests and responses against the specifications: `log` violations, or "
        "`enforce` to also replace invalid messages by errors.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level of logged messages."
    )
    log_format: Literal["text", "json"] = Field("text", description="Format of log lines.")
    workers: int = Field(1, ge=1, description="Number of worker processes.")
    drain: float = Field(
        0,
        ge=0,
        description="Seconds after SIGTERM for which new connections are still accepted, while "
        "`/readyz` returns 503.",
    )
    grace: float = Field(
        8,
        ge=0,
        description="Seconds after the drain for which open requests may finish. Docker kills a "
        "container 10 seconds after SIGTERM.",
    )

    @property
    def keep_alive_seconds(self) -> float:
        """OLLAMA_KEEP_ALIVE in seconds; infinity if models are never unloaded."""
        return default_keep_alive_seconds(self.keep_alive)

    @property
    def keyless(self) -> bool:
        """Whether only the clients' own keys are sent to the backend."""
        return self.pass_through_key and self.backend_key is None

    @property
    def authenticates(self) -> bool:
        """Whether clients need an API key, either one of ours or one of the backend's."""
        return self.api_keys is not None or self.keyless


def read_settings(**overrides: object) -> Settings:
    """Read the settings from the environment and `.env`.

    `overrides`, by field name, take precedence unless they are None. The environment takes
    precedence over `.env`. Raises SettingsError, whose message never contains a key.
    """
    try:
        in_file = dotenv_values(".env")
    except UnicodeDecodeError:
        raise SettingsError(".env: the file is not valid UTF-8") from None
    _reject_unknown({**in_file, **os.environ})
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return _with_files(Settings(**given))
    except ValidationError as error:
        raise SettingsError("; ".join(map(_one_line, error.errors()))) from None


def _with_files(settings: Settings) -> Settings:
    """Add the secrets that are read from files, as Docker and Kubernetes mount them."""
    found: dict[str, object] = {}
    for field, read in IN_FILES.items():
        path = getattr(settings, f"{field}_file")
        if path is None:
            continue
        name = variable(f"{field}_file")
        if getattr(settings, field) is not None:
            raise SettingsError(f"{name}: {variable(field)} is also set; set only one of them")
        try:
            found[field] = read_file(path, read)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
    return settings.model_copy(update=found)


def variable(field: str) -> str:
    """Return the name of a field's environment variable."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def _reject_unknown(environment: Mapping[str, str | None]) -> None:
    known = {variable(field) for field in Settings.model_fields}
    unknown = [name for name in environment if name.startswith(PREFIX) and name not in known]
    if unknown:
        raise SettingsError(f"{', '.join(sorted(unknown))}: unknown setting; check the spelling")


def _one_line(error: Any) -> str:
    location = str(error["loc"][0]) if error["loc"] else ""
    name = variable(location) if location in Settings.model_fields else location
    reason = error["msg"].removeprefix("Value error, ")
    return f"{name}: {reason[0].lower()}{reason[1:]}"

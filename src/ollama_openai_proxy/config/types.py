"""The types of settings other than plain strings and numbers, with their parsers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    PlainSerializer,
    SecretStr,
)
from pydantic_settings import NoDecode

from ..access.cors import parse_origins
from ..access.keys import Keys, parse_keys, parse_lines
from ..durations import default_keep_alive_seconds
from ..profiles.dialects import DIALECTS
from .addresses import HostPort, parse_base_url, parse_host


def read_file[T](path: str, read: Callable[[str], T]) -> T:
    """Parse the file at `path` with `read`.

    Raises ValueError with the reason. It does not contain `path`, since users sometimes set a
    `…_FILE` variable to the secret itself.
    """
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot read the file: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("the file is not valid UTF-8") from None
    return read(text)


def _backend_key(text: str) -> SecretStr:
    key = _printable(SecretStr(text))
    if key is None:
        raise ValueError("the file contains no key")
    return key


def _printable(key: SecretStr | None) -> SecretStr | None:
    if key is None:
        return None
    text = key.get_secret_value().strip()
    if not all(" " < character <= "~" for character in text):
        raise ValueError(
            "contains a character that is invalid in a header; use printable ASCII without spaces"
        )
    return SecretStr(text) if text else None


def _host(value: object) -> object:
    return parse_host(value) if isinstance(value, str) else value


def _keys(value: object) -> object:
    return parse_keys(value) if isinstance(value, str) else value


def _origins(value: object) -> object:
    return parse_origins(value) if isinstance(value, str) else value


def _duration(text: str) -> str:
    try:
        default_keep_alive_seconds(text)
    except ValueError:
        raise ValueError(
            f"invalid duration {text!r}; expected one such as 5m or 1h30m, or whole seconds"
        ) from None
    return text


def _dialect(name: str) -> str:
    if name != "auto" and name not in DIALECTS:
        raise ValueError(f"unknown dialect {name!r}; expected one of auto, {', '.join(DIALECTS)}")
    return name


BaseURL = Annotated[str, AfterValidator(parse_base_url)]
ClientKeys = Annotated[
    InstanceOf[Keys] | None, NoDecode, BeforeValidator(_keys), PlainSerializer(repr)
]
DialectName = Annotated[str, AfterValidator(_dialect)]
Duration = Annotated[str, AfterValidator(_duration)]
Host = Annotated[HostPort, NoDecode, BeforeValidator(_host)]
Key = Annotated[SecretStr | None, AfterValidator(_printable)]
Listed = Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_origins)]
Seconds = Annotated[float, Field(gt=0)]

IN_FILES: Mapping[str, Callable[[str], object]] = {
    "backend_key": _backend_key,
    "api_keys": parse_lines,
}
"""Parsers for the settings that can be read from a file. The field NAME`_file` has its path."""

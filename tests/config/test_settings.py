"""Every setting: its variable, its default, precedence of sources, and rejected values."""

from pathlib import Path

import pytest

from ollama_openai_proxy.config.settings import (
    PREFIX,
    Settings,
    SettingsError,
    read_settings,
    variable,
)
from tests.config.setting_cases import CASES, SettingCase

KEY = "sk-very-secret-0123456789"
IDS = [case.field for case in CASES]
FILES = {"backend_key_file": "OPENAI_API_KEY_FILE", "api_keys_file": PREFIX + "API_KEYS_FILE"}


def test_the_table_has_every_setting() -> None:
    others = {"backend_key", *FILES}
    assert {*IDS, *others} == set(Settings.model_fields)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_setting_has_a_default_and_is_read_from_its_variable(
    case: SettingCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert variable(case.field) == case.name
    assert getattr(read_settings(), case.field) == case.default
    monkeypatch.setenv(case.name, case.text)
    assert getattr(read_settings(), case.field) == case.value


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_empty_variable_means_the_default(
    case: SettingCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(case.name, "")
    assert getattr(read_settings(), case.field) == case.default


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("backend_url", ("http://file", "http://environment", "http://argument")),
        ("log_level", ("debug", "warning", "error")),
    ],
    ids=["openai-name", "own-name"],
)
def test_precedence_is_argument_environment_file_default(
    field: str, values: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file, in_environment, argument = values
    Path(".env").write_text(f"{variable(field)}={in_file}\n")
    assert getattr(read_settings(), field) == in_file
    monkeypatch.setenv(variable(field), in_environment)
    assert getattr(read_settings(), field) == in_environment
    assert getattr(read_settings(**{field: argument}), field) == argument
    assert getattr(read_settings(**{field: None}), field) == in_environment


def test_other_variables_in_the_file_are_ignored() -> None:
    expected = read_settings()
    Path(".env").write_text("OTHER=1\nOPENAI_ORGANIZATION=acme\n")
    assert read_settings() == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("OPENAI_BASE_URL", "localhost:8080"),
        ("OPENAI_API_KEY", f"{KEY}\nx"),
        (PREFIX + "API_KEYS", f"{KEY} x"),
        (PREFIX + "API_KEYS", f"laptop:{KEY}\u00e9"),
        (PREFIX + "API_KEYS", f"my laptop:{KEY}"),
        (PREFIX + "API_KEYS", ","),
        (PREFIX + "INSECURE", "perhaps"),
        ("OLLAMA_KEEP_ALIVE", "5 minutes"),
        ("OLLAMA_KEEP_ALIVE", "soon"),
        ("OLLAMA_CONTEXT_LENGTH", "many"),
        ("OLLAMA_CONTEXT_LENGTH", "-1"),
        ("OLLAMA_ORIGINS", "localhost"),
        ("OLLAMA_ORIGINS", "http://*.a.*"),
        (PREFIX + "PASS_THROUGH_KEY", "perhaps"),
        (PREFIX + "EMBEDDINGS_URL", "nowhere"),
        (PREFIX + "DIALECT", "klingon"),
        (PREFIX + "CONNECT_TIMEOUT", "0"),
        (PREFIX + "FIRST_BYTE_TIMEOUT", "-1"),
        (PREFIX + "IDLE_TIMEOUT", "soon"),
        (PREFIX + "IDLE_TIMEOUT", "nan"),
        (PREFIX + "MODELS_TTL", "0"),
        (PREFIX + "UNLISTED_MODELS", "maybe"),
        (PREFIX + "VERSION", "0.33.0+build"),
        (PREFIX + "LOG_LEVEL", "loud"),
        (PREFIX + "WORKERS", "0"),
        (PREFIX + "WORKERS", "1.5"),
    ],
)
def test_the_error_for_an_invalid_value_is_one_line_that_names_the_variable(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError) as error:
        read_settings()
    message = str(error.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert KEY not in f"{message} {error.value!r} {error.value.__context__!r}"


def test_several_invalid_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "WORKERS", "0")
    monkeypatch.setenv("OPENAI_BASE_URL", "nowhere")
    with pytest.raises(SettingsError, match=r"OPENAI_BASE_URL.*; .*WORKERS"):
        read_settings()


def test_an_invalid_argument_names_the_variable_too() -> None:
    with pytest.raises(SettingsError, match=r"^OPENAI_BASE_URL: "):
        read_settings(backend_url="")


@pytest.mark.parametrize("where", ["environment", "file"])
def test_an_unknown_variable_with_our_prefix_is_rejected(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv(PREFIX + "DIALEKT", "vllm")
    else:
        Path(".env").write_text(f"{PREFIX}DIALEKT=vllm\n")
    with pytest.raises(
        SettingsError, match=f"^{PREFIX}DIALEKT: unknown setting; check the spelling$"
    ):
        read_settings()


def test_the_error_for_a_file_that_is_not_utf_8_is_one_line_too() -> None:
    Path(".env").write_bytes(b"OPENAI_API_KEY=\xff\n")
    with pytest.raises(SettingsError, match=r"^\.env: the file is not valid UTF-8$"):
        read_settings()


def test_the_key_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    settings = read_settings()
    assert settings.backend_key is not None
    assert settings.backend_key.get_secret_value() == KEY
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert KEY not in shown


def test_the_key_is_not_shown_if_another_setting_is_invalid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv(PREFIX + "WORKERS", "none")
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert KEY not in f"{error.value!r} {error.value.__cause__} {error.value.__context__!r}"


@pytest.mark.parametrize("text", ["", "  ", "\n"], ids=["empty", "spaces", "a-newline"])
def test_a_blank_key_means_no_key(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", text)
    assert read_settings().backend_key is None


@pytest.mark.parametrize("text", ["300", "-1", "-5m", "0", "300ms"])
def test_keep_alive_accepts_a_duration_or_whole_seconds_as_in_ollama(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_KEEP_ALIVE", text)
    assert read_settings().keep_alive == text


@pytest.mark.parametrize(
    ("pass_through", "backend_key", "api_keys", "keyless", "authenticates"),
    [
        (False, None, None, False, False),
        (False, KEY, None, False, False),
        (False, None, "k-1", False, True),
        (True, None, None, True, True),
        (True, KEY, None, False, False),
        (True, KEY, "k-1", False, True),
        (True, None, "k-1", True, True),
    ],
)
def test_keyless_and_authenticates_depend_on_three_settings(
    pass_through: bool,
    backend_key: str | None,
    api_keys: str | None,
    keyless: bool,
    authenticates: bool,
) -> None:
    settings = read_settings(
        pass_through_key=pass_through, backend_key=backend_key, api_keys=api_keys
    )
    assert (settings.keyless, settings.authenticates) == (keyless, authenticates)


def test_settings_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().workers = 2

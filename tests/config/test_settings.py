"""Every knob: its variable, its default, which source wins, and what is refused."""

from pathlib import Path
from typing import NamedTuple

import pytest

from ollama_openai_proxy.access.keys import parse_keys
from ollama_openai_proxy.config.addresses import HostPort
from ollama_openai_proxy.config.settings import (
    PREFIX,
    Settings,
    SettingsError,
    read_settings,
    variable,
)

KEY = "sk-very-secret-0123456789"


class Knob(NamedTuple):
    """A field, its variable and default; a value as text, and as it is read."""

    field: str
    name: str
    default: object
    text: str
    value: object


KNOBS = [
    Knob("host", "OLLAMA_HOST", HostPort("127.0.0.1", 11434), "0.0.0.0:1", HostPort("0.0.0.0", 1)),
    Knob(
        "backend_url", "OPENAI_BASE_URL", "https://api.openai.com/v1", "http://h/v1/", "http://h/v1"
    ),
    Knob("origins", "OLLAMA_ORIGINS", None, "http://a.test, b*", ("http://a.test", "b*")),
    Knob("api_keys", PREFIX + "API_KEYS", None, "a:k-1,k-2", parse_keys("a:k-1,k-2")),
    Knob("insecure", PREFIX + "INSECURE", False, "true", True),
    Knob("pass_through_key", PREFIX + "PASS_THROUGH_KEY", False, "true", True),
    Knob("embeddings_url", PREFIX + "EMBEDDINGS_URL", None, "http://e/v1", "http://e/v1"),
    Knob("dialect", PREFIX + "DIALECT", "auto", "vllm", "vllm"),
    Knob("connect_timeout", PREFIX + "CONNECT_TIMEOUT", 10, "1.5", 1.5),
    Knob("first_byte_timeout", PREFIX + "FIRST_BYTE_TIMEOUT", 600, "60", 60),
    Knob("idle_timeout", PREFIX + "IDLE_TIMEOUT", 120, "0.5", 0.5),
    Knob("backend_keep_alive", PREFIX + "BACKEND_KEEP_ALIVE", True, "false", False),
    Knob("backend_reuse_after", PREFIX + "BACKEND_REUSE_AFTER", 0, "0.1", 0.1),
    Knob("backend_reuse_within", PREFIX + "BACKEND_REUSE_WITHIN", 60, "4", 4),
    Knob("models_ttl", PREFIX + "MODELS_TTL", 10, "1", 1),
    Knob("unlisted_models", PREFIX + "UNLISTED_MODELS", "auto", "pass", "pass"),
    Knob("keep_alive", "OLLAMA_KEEP_ALIVE", "5m", "1h30m", "1h30m"),
    Knob("context_length", "OLLAMA_CONTEXT_LENGTH", 32768, "4096", 4096),
    Knob("version", PREFIX + "VERSION", "0.33.0", "0.24.1", "0.24.1"),
    Knob("ui", PREFIX + "UI", True, "false", False),
    Knob("conformance", PREFIX + "VALIDATE", "off", "enforce", "enforce"),
    Knob("log_level", PREFIX + "LOG_LEVEL", "info", "debug", "debug"),
    Knob("workers", PREFIX + "WORKERS", 1, "4", 4),
    Knob("log_format", PREFIX + "LOG_FORMAT", "text", "json", "json"),
    Knob("drain", PREFIX + "DRAIN", 0, "5", 5),
    Knob("grace", PREFIX + "GRACE", 8, "20.5", 20.5),
]
IDS = [knob.field for knob in KNOBS]
FILES = {"backend_key_file": "OPENAI_API_KEY_FILE", "api_keys_file": PREFIX + "API_KEYS_FILE"}


def test_the_table_above_has_every_knob() -> None:
    others = {"backend_key", *FILES}
    assert {*IDS, *others} == set(Settings.model_fields)


@pytest.mark.parametrize("knob", KNOBS, ids=IDS)
def test_a_knob_has_a_default_and_is_read_from_its_variable(
    knob: Knob, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert variable(knob.field) == knob.name
    assert getattr(read_settings(), knob.field) == knob.default
    monkeypatch.setenv(knob.name, knob.text)
    assert getattr(read_settings(), knob.field) == knob.value


@pytest.mark.parametrize("knob", KNOBS, ids=IDS)
def test_a_variable_set_to_nothing_is_as_if_not_set(
    knob: Knob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(knob.name, "")
    assert getattr(read_settings(), knob.field) == knob.default


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("backend_url", ("http://file", "http://environment", "http://argument")),
        ("log_level", ("debug", "warning", "error")),
    ],
    ids=["a-name-of-openais", "a-name-of-ours"],
)
def test_an_argument_wins_over_the_environment_over_the_file_over_the_default(
    field: str, values: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file, in_environment, argument = values
    Path(".env").write_text(f"{variable(field)}={in_file}\n")
    assert getattr(read_settings(), field) == in_file
    monkeypatch.setenv(variable(field), in_environment)
    assert getattr(read_settings(), field) == in_environment
    assert getattr(read_settings(**{field: argument}), field) == argument
    assert getattr(read_settings(**{field: None}), field) == in_environment


def test_other_variables_in_the_file_are_no_concern_of_ours() -> None:
    without = read_settings()
    Path(".env").write_text("OTHER=1\nOPENAI_ORGANIZATION=acme\n")
    assert read_settings() == without


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
def test_a_bad_value_is_one_line_that_names_the_variable(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert KEY not in f"{message} {refused.value!r} {refused.value.__context__!r}"


def test_several_bad_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "WORKERS", "0")
    monkeypatch.setenv("OPENAI_BASE_URL", "nowhere")
    with pytest.raises(SettingsError, match=r"OPENAI_BASE_URL.*; .*WORKERS"):
        read_settings()


def test_a_bad_argument_names_the_variable_too() -> None:
    with pytest.raises(SettingsError, match=r"^OPENAI_BASE_URL: "):
        read_settings(backend_url="")


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_name_of_ours_that_is_no_setting_is_refused(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv(PREFIX + "DIALEKT", "vllm")
    else:
        Path(".env").write_text(f"{PREFIX}DIALEKT=vllm\n")
    with pytest.raises(SettingsError, match=f"^{PREFIX}DIALEKT: no such setting$"):
        read_settings()


def test_a_file_that_is_no_text_is_one_line_too() -> None:
    Path(".env").write_bytes(b"OPENAI_API_KEY=\xff\n")
    with pytest.raises(SettingsError, match=r"^\.env: is not UTF-8$"):
        read_settings()


def test_the_key_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    settings = read_settings()
    assert settings.backend_key is not None
    assert settings.backend_key.get_secret_value() == KEY
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert KEY not in shown


def test_the_key_is_not_shown_when_something_else_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv(PREFIX + "WORKERS", "none")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert KEY not in f"{refused.value!r} {refused.value.__cause__} {refused.value.__context__!r}"


@pytest.mark.parametrize("text", ["", "  ", "\n"], ids=["empty", "spaces", "a-newline"])
def test_a_blank_key_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", text)
    assert read_settings().backend_key is None


@pytest.mark.parametrize("text", ["300", "-1", "-5m", "0", "300ms"])
def test_keep_alive_takes_a_duration_or_whole_seconds_as_ollama_does(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_KEEP_ALIVE", text)
    assert read_settings().keep_alive == text


@pytest.mark.parametrize(
    ("passes", "backends", "clients", "keyless", "authenticates"),
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
def test_who_needs_a_key_follows_from_three_settings(
    passes: bool, backends: str | None, clients: str | None, keyless: bool, authenticates: bool
) -> None:
    settings = read_settings(pass_through_key=passes, backend_key=backends, api_keys=clients)
    assert (settings.keyless, settings.authenticates) == (keyless, authenticates)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().workers = 2

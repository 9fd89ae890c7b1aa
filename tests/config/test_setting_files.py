"""Keys in files, as Docker and Kubernetes mount secrets."""

from pathlib import Path

import pytest

from ollama_openai_proxy.config.settings import SettingsError, read_settings, variable

KEY = "sk-very-secret-0123456789"
CLIENT_KEYS = "OLLAMA_OPENAI_PROXY_API_KEYS_FILE"
BACKEND_KEY = "OPENAI_API_KEY_FILE"


def file_with(text: str | bytes) -> str:
    path = Path("secret")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_the_variables_have_the_file_suffix_that_docker_images_use() -> None:
    assert variable("backend_key_file") == BACKEND_KEY
    assert variable("api_keys_file") == CLIENT_KEYS


def test_the_backend_key_is_read_from_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKEND_KEY, file_with(f"{KEY}\n"))
    settings = read_settings()
    assert settings.backend_key is not None
    assert settings.backend_key.get_secret_value() == KEY
    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("name", [CLIENT_KEYS, BACKEND_KEY])
def test_a_byte_order_mark_is_removed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, file_with(f"\ufeff{KEY}\r\n"))
    settings = read_settings()
    if settings.backend_key is not None:
        assert settings.backend_key.get_secret_value() == KEY
    else:
        assert settings.api_keys is not None
        assert settings.api_keys.name_of(KEY) == "line-1"


def test_client_keys_are_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLIENT_KEYS, file_with(f"# ours\n\n  laptop:{KEY}\r\nk,2\n"))
    settings = read_settings()
    assert settings.api_keys is not None
    assert settings.api_keys.name_of(KEY) == "laptop"
    assert settings.api_keys.name_of("k,2") == "line-4"
    assert settings.authenticates
    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "contains no keys"),
        ("# only this\n", "contains no keys"),
        (f"# ours\n{KEY} x\n", "line 2 is not printable ASCII without spaces"),
        (b"k\xff\n", "the file is not valid UTF-8"),
    ],
    ids=["empty", "only-comments", "a-space", "not-utf-8"],
)
def test_a_file_without_valid_keys_is_an_error(
    text: str | bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLIENT_KEYS, file_with(text))
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value) == f"{CLIENT_KEYS}: {reason}"
    assert KEY not in f"{error.value!r} {error.value.__cause__!r} {error.value.__context__!r}"


@pytest.mark.parametrize("name", [CLIENT_KEYS, BACKEND_KEY])
def test_a_missing_file_is_an_error_that_names_the_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "nowhere")
    with pytest.raises(
        SettingsError, match=f"^{name}: cannot read the file: No such file or directory$"
    ):
        read_settings()


@pytest.mark.parametrize("text", ["", " \n"], ids=["empty", "blank"])
def test_an_empty_backend_key_file_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKEND_KEY, file_with(text))
    with pytest.raises(SettingsError, match=f"^{BACKEND_KEY}: the file contains no key$"):
        read_settings()


@pytest.mark.parametrize("name", [CLIENT_KEYS, BACKEND_KEY])
def test_a_key_and_a_key_file_cannot_both_be_set(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, file_with(KEY))
    monkeypatch.setenv(name.removesuffix("_FILE"), KEY)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value) == (
        f"{name}: {name.removesuffix('_FILE')} is also set; set only one of them"
    )

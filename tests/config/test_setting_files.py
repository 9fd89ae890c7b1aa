"""Keys in files, as Docker and Kubernetes mount secrets."""

from pathlib import Path

import pytest

from ollama_openai_proxy.config.settings import SettingsError, read_settings, variable

KEY = "sk-very-secret-0123456789"
CLIENTS = "OLLAMA_OPENAI_PROXY_API_KEYS_FILE"
BACKENDS = "OPENAI_API_KEY_FILE"


def file_with(text: str | bytes) -> str:
    path = Path("secret")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_the_files_have_the_names_that_images_of_docker_use() -> None:
    assert variable("backend_key_file") == BACKENDS
    assert variable("api_keys_file") == CLIENTS


def test_the_backends_key_stands_alone_in_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKENDS, file_with(f"{KEY}\n"))
    settings = read_settings()
    assert settings.backend_key is not None
    assert settings.backend_key.get_secret_value() == KEY
    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("name", [CLIENTS, BACKENDS])
def test_a_mark_of_its_encoding_is_no_part_of_a_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, file_with(f"\ufeff{KEY}\r\n"))
    settings = read_settings()
    if settings.backend_key is not None:
        assert settings.backend_key.get_secret_value() == KEY
    else:
        assert settings.api_keys is not None
        assert settings.api_keys.name_of(KEY) == "line-1"


def test_the_clients_keys_stand_in_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLIENTS, file_with(f"# ours\n\n  laptop:{KEY}\r\nk,2\n"))
    settings = read_settings()
    assert settings.api_keys is not None
    assert settings.api_keys.name_of(KEY) == "laptop"
    assert settings.api_keys.name_of("k,2") == "line-4"
    assert settings.authenticates
    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no key"),
        ("# only this\n", "holds no key"),
        (f"# ours\n{KEY} x\n", "line 2 is not printable ASCII without spaces"),
        (b"k\xff\n", "is not UTF-8"),
    ],
    ids=["empty", "comments", "a-space", "bytes"],
)
def test_a_file_without_usable_keys_stops_the_start(
    text: str | bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLIENTS, file_with(text))
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == f"{CLIENTS}: {reason}"
    assert KEY not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"


@pytest.mark.parametrize("name", [CLIENTS, BACKENDS])
def test_a_file_that_is_not_there_is_one_line_that_names_the_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "nowhere")
    with pytest.raises(SettingsError, match=f"^{name}: cannot be read: No such file or directory$"):
        read_settings()


@pytest.mark.parametrize("text", ["", " \n"], ids=["empty", "blank"])
def test_an_empty_file_is_no_key_of_the_backend(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKENDS, file_with(text))
    with pytest.raises(SettingsError, match=f"^{BACKENDS}: holds no key$"):
        read_settings()


@pytest.mark.parametrize("name", [CLIENTS, BACKENDS])
def test_a_key_and_a_file_with_a_key_are_one_too_many(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, file_with(KEY))
    monkeypatch.setenv(name.removesuffix("_FILE"), KEY)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == (
        f"{name}: {name.removesuffix('_FILE')} is set as well; give one of them"
    )

"""The settings files: one for each environment, with known settings only."""

import re
from pathlib import Path

import pytest
from rollout.settings_file import DOCKER, NoSuchEnvironment, read_environment

from ollama_openai_proxy.config.settings import PREFIX, Settings, variable

FILES = sorted((DOCKER / "environments").glob("*.env"))


def test_every_environment_has_a_settings_file() -> None:
    assert [file.stem for file in FILES] == ["ci", "development", "production", "staging"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_setting_is_known_to_the_service(file: Path) -> None:
    named = re.findall(r"^(\w+)=", file.read_text("utf-8"), re.MULTILINE)
    known = {variable(field) for field in Settings.model_fields}
    assert {name for name in named if name.startswith(PREFIX)} <= known
    # Secrets come from files.
    assert not {"OPENAI_API_KEY", "OLLAMA_OPENAI_PROXY_API_KEYS"} & set(named)


@pytest.mark.parametrize("name", ["staging", "production"])
def test_the_container_is_stopped_after_drain_and_grace_period(name: str) -> None:
    settings = read_environment(name)
    longest = float(settings[f"{PREFIX}DRAIN"]) + float(settings[f"{PREFIX}GRACE"])
    composed = (DOCKER / "compose.prod.yaml").read_text("utf-8")
    found = re.search(r"stop_grace_period: \$\{STOP_GRACE_PERIOD:-(\d+)s\}", composed)
    assert found is not None
    assert longest < float(settings.get("STOP_GRACE_PERIOD", found[1] + "s").removesuffix("s"))


def test_environment_variables_override_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICAS", "7")
    assert read_environment("production")["REPLICAS"] == "7"


def test_a_changed_secret_changes_the_secrets_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    monkeypatch.setenv("API_KEYS_FILE", str(keys))
    keys.write_text("one")
    before = read_environment("production")
    keys.write_text("another")
    after = read_environment("production")
    assert before["SECRETS_VERSION"] != after["SECRETS_VERSION"]
    assert before["CONFIGS_VERSION"] == after["CONFIGS_VERSION"]


def test_an_unknown_environment_is_rejected() -> None:
    with pytest.raises(NoSuchEnvironment, match="ci, development, production, staging"):
        read_environment("prod")

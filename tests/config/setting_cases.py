"""The settings with their variables, defaults and another value."""

from typing import NamedTuple

from ollama_openai_proxy.access.keys import parse_keys
from ollama_openai_proxy.config.addresses import HostPort
from ollama_openai_proxy.config.settings import PREFIX


class SettingCase(NamedTuple):
    """A field, its variable and default, and another value as text and as parsed."""

    field: str
    name: str
    default: object
    text: str
    value: object


CASES = [
    SettingCase(
        "host", "OLLAMA_HOST", HostPort("127.0.0.1", 11434), "0.0.0.0:1", HostPort("0.0.0.0", 1)
    ),
    SettingCase(
        "backend_url", "OPENAI_BASE_URL", "https://api.openai.com/v1", "http://h/v1/", "http://h/v1"
    ),
    SettingCase("origins", "OLLAMA_ORIGINS", None, "http://a.test, b*", ("http://a.test", "b*")),
    SettingCase("api_keys", PREFIX + "API_KEYS", None, "a:k-1,k-2", parse_keys("a:k-1,k-2")),
    SettingCase("insecure", PREFIX + "INSECURE", False, "true", True),
    SettingCase("pass_through_key", PREFIX + "PASS_THROUGH_KEY", False, "true", True),
    SettingCase("embeddings_url", PREFIX + "EMBEDDINGS_URL", None, "http://e/v1", "http://e/v1"),
    SettingCase("dialect", PREFIX + "DIALECT", "auto", "vllm", "vllm"),
    SettingCase("connect_timeout", PREFIX + "CONNECT_TIMEOUT", 10, "1.5", 1.5),
    SettingCase("first_byte_timeout", PREFIX + "FIRST_BYTE_TIMEOUT", 600, "60", 60),
    SettingCase("idle_timeout", PREFIX + "IDLE_TIMEOUT", 120, "0.5", 0.5),
    SettingCase("backend_keep_alive", PREFIX + "BACKEND_KEEP_ALIVE", True, "false", False),
    SettingCase("backend_reuse_after", PREFIX + "BACKEND_REUSE_AFTER", 0, "0.1", 0.1),
    SettingCase("backend_reuse_within", PREFIX + "BACKEND_REUSE_WITHIN", 60, "4", 4),
    SettingCase("models_ttl", PREFIX + "MODELS_TTL", 10, "1", 1),
    SettingCase("unlisted_models", PREFIX + "UNLISTED_MODELS", "auto", "pass", "pass"),
    SettingCase("keep_alive", "OLLAMA_KEEP_ALIVE", "5m", "1h30m", "1h30m"),
    SettingCase("context_length", "OLLAMA_CONTEXT_LENGTH", 32768, "4096", 4096),
    SettingCase("version", PREFIX + "VERSION", "0.33.0", "0.24.1", "0.24.1"),
    SettingCase("ui", PREFIX + "UI", True, "false", False),
    SettingCase("conformance", PREFIX + "VALIDATE", "off", "enforce", "enforce"),
    SettingCase("log_level", PREFIX + "LOG_LEVEL", "info", "debug", "debug"),
    SettingCase("workers", PREFIX + "WORKERS", 1, "4", 4),
    SettingCase("log_format", PREFIX + "LOG_FORMAT", "text", "json", "json"),
    SettingCase("drain", PREFIX + "DRAIN", 0, "5", 5),
    SettingCase("grace", PREFIX + "GRACE", 8, "20.5", 20.5),
]

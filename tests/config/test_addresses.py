"""Parsing of OLLAMA_HOST, as in Ollama (envconfig/config.go), and of the backend's URL."""

import pytest

from ollama_openai_proxy.config.addresses import HostPort, parse_base_url, parse_host


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        pytest.param("", "127.0.0.1", 11434, id="empty"),
        pytest.param("1.2.3.4", "1.2.3.4", 11434, id="an-address"),
        pytest.param("1.2.3.4:5678", "1.2.3.4", 5678, id="an-address-with-a-port"),
        pytest.param("example.com", "example.com", 11434, id="a-name"),
        pytest.param("example.com:", "example.com", 11434, id="a-colon-without-a-port"),
        pytest.param(":1234", "", 1234, id="only-a-port-means-every-interface"),
        pytest.param(":0", "", 0, id="port-zero"),
        pytest.param(":66000", "", 11434, id="a-port-too-large"),
        pytest.param(":-1", "", 11434, id="a-negative-port"),
        pytest.param("h:port", "h", 11434, id="a-port-that-is-a-word"),
        pytest.param("http://h", "h", 80, id="http"),
        pytest.param("https://h", "h", 443, id="https"),
        pytest.param("http://h:1234", "h", 1234, id="http-with-a-port"),
        pytest.param("https://h/p", "h", 443, id="https-with-a-path"),
        pytest.param("h:1234/p/q", "h", 1234, id="a-path-after-the-port"),
        pytest.param("::1", "::1", 11434, id="bare-ipv6"),
        pytest.param("[::1]", "::1", 11434, id="bracketed-ipv6"),
        pytest.param("[::1]:1337", "::1", 1337, id="bracketed-ipv6-with-a-port"),
        pytest.param("http://[::1]", "::1", 80, id="http-with-ipv6"),
        pytest.param("  1.2.3.4  ", "1.2.3.4", 11434, id="spaces"),
        pytest.param('"1.2.3.4:1"', "1.2.3.4", 1, id="double-quotes"),
        pytest.param("'1.2.3.4:1'", "1.2.3.4", 1, id="single-quotes"),
    ],
)
def test_ollama_host_is_parsed_as_in_ollama(text: str, host: str, port: int) -> None:
    assert parse_host(text) == HostPort(host, port)


def test_ipv6_addresses_are_formatted_in_brackets() -> None:
    assert str(HostPort("::1", 80)) == "[::1]:80"
    assert str(HostPort("h", 80)) == "h:80"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param("http://h/v1", "http://h/v1", id="unchanged"),
        pytest.param("http://h/v1/", "http://h/v1", id="a-trailing-slash"),
        pytest.param("http://h:8080", "http://h:8080", id="no-path"),
        pytest.param("https://h/api/openai/v1", "https://h/api/openai/v1", id="a-longer-path"),
        pytest.param("http://h/v1/chat/completions", "http://h/v1", id="with-chat-completions"),
        pytest.param("http://h/v1/completions", "http://h/v1", id="with-completions"),
        pytest.param("http://h/v1/embeddings/", "http://h/v1", id="with-embeddings"),
        pytest.param("http://h/v1/models", "http://h/v1", id="with-models"),
        pytest.param("http://h/v1?api-version=1", "http://h/v1?api-version=1", id="a-query"),
        pytest.param(" 'http://h/v1' ", "http://h/v1", id="spaces-and-quotes"),
        pytest.param("http://[::1]:8080/v1", "http://[::1]:8080/v1", id="ipv6"),
    ],
)
def test_a_base_url_keeps_its_path_without_endpoint_or_trailing_slash(text: str, url: str) -> None:
    assert parse_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("localhost:8080", id="no-scheme"),
        pytest.param("//h/v1", id="no-scheme-but-slashes"),
        pytest.param("ftp://h/v1", id="another-scheme"),
        pytest.param("http://", id="no-host"),
        pytest.param("http:///v1", id="a-path-without-a-host"),
        pytest.param("http://h:99999/v1", id="a-port-too-large"),
        pytest.param("http://h:port/v1", id="a-port-that-is-a-word"),
        pytest.param("http://[::1/v1", id="an-open-bracket"),
        pytest.param("http://a b/v1", id="a-space-in-the-host"),
        pytest.param("http://a_%zz/v1", id="an-escape-in-the-host"),
        pytest.param("http://a..b/v1", id="an-empty-label"),
        pytest.param(f"http://{'a' * 64}.test/v1", id="a-label-too-long"),
        pytest.param("http://h/v1#top", id="a-fragment"),
        pytest.param("http://h/v1\x7f", id="a-control-character"),
    ],
)
def test_an_invalid_base_url_is_rejected_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        parse_base_url(text)


@pytest.mark.parametrize("text", ["http://me:secret@h/v1", "http://secret@h/v1"])
def test_a_url_with_credentials_is_rejected_without_showing_them(text: str) -> None:
    with pytest.raises(ValueError, match="OPENAI_API_KEY") as error:
        parse_base_url(text)
    assert "secret" not in str(error.value)

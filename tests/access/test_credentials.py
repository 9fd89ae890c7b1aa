"""API keys in request headers."""

from base64 import b64encode

import pytest

from ollama_openai_proxy.access.credentials import CREDENTIALS, key_in, keys_in


def basic(text: str) -> bytes:
    return b"Basic " + b64encode(text.encode())


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"Bearer k-1", "k-1"),
        (b"bearer   k-1 ", "k-1"),
        (b"BEARER a:b", "a:b"),
        (b"k-1", "k-1"),
        (basic("me:k-1"), "k-1"),
        (basic("me:a:b"), "a:b"),
        (basic(":k-1"), "k-1"),
        (basic("k-1:"), "k-1"),
        (basic("k-1"), "k-1"),
        (b"basic  bWU6ay0x ", "k-1"),
    ],
)
def test_the_key_is_parsed_from_authorization(value: bytes, key: str) -> None:
    assert key_in(b"authorization", value) == key


@pytest.mark.parametrize(
    "value",
    [
        b"", b"Bearer", b"Bearer ", b"Bearer a b", b"Digest username=x, response=y", b"Basic",
        b"Basic ", b"Basic !", b"Basic a", b"Bearer caf\xe9", b"Bearer a\x00b", basic(":"),
        basic("me:two words"), basic("me:café"),
    ],
)  # fmt: skip
def test_an_invalid_authorization_header_has_no_key(value: bytes) -> None:
    assert key_in(b"authorization", value) is None
    assert keys_in([(b"authorization", value)]) == ()


@pytest.mark.parametrize("name", sorted(CREDENTIALS - {b"authorization"}))
def test_the_other_headers_contain_only_the_key(name: bytes) -> None:
    assert key_in(name, b" k-1 ") == "k-1"
    assert key_in(name, b"Bearer k-1") is None


def test_all_keys_of_a_request_are_returned_once_in_order() -> None:
    headers = [
        (b"accept", b"*/*"),
        (b"x-api-key", b"two"),
        (b"authorization", b"Bearer one"),
        (b"api-key", b"two"),
        (b"x-goog-api-key", b""),
        (b"cookie", b"three"),
    ]
    assert keys_in(headers) == ("two", "one")
    assert keys_in([]) == ()

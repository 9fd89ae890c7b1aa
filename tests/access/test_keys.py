"""Syntax and lookup of client API keys."""

import ast
import hmac
import inspect
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ollama_openai_proxy.access import keys
from ollama_openai_proxy.access.keys import Keys, hashed, parse_keys, parse_lines

DIGEST = sha256(b"k-1").hexdigest()
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("k-1", "key-1"),
        (" k-1\n", "key-1"),
        (":k-1", "key-1"),
        ("laptop:k-1", "laptop"),
        (f"sha256:{DIGEST}", "key-1"),
        (f"sha256:{DIGEST.upper()}", "key-1"),
        (f":sha256:{DIGEST}", "key-1"),
        (f"laptop:sha256:{DIGEST}", "laptop"),
        ("a.b-c_9:k-1", "a.b-c_9"),
    ],
)
def test_a_key_may_have_a_name_and_may_be_hashed(entry: str, name: str) -> None:
    parsed = parse_keys(entry)
    assert parsed.name_of("k-1") == name
    for wrong in ("k-2", "k-", "k-11", "K-1", "", entry if ":" in entry else "x", DIGEST):
        assert parsed.name_of(wrong) is None


def test_a_key_with_a_colon_needs_a_name_or_a_leading_colon() -> None:
    assert parse_keys("laptop:a:b").name_of("a:b") == "laptop"
    assert parse_keys(":a:b").name_of("a:b") == "key-1"
    assert parse_keys("a:b").name_of("a:b") is None


def test_keys_are_separated_by_commas_or_newlines() -> None:
    parsed = parse_keys("one, b:two ,,three\nfour")
    names = [parsed.name_of(key) for key in ("one", "two", "three", "four")]
    assert names == ["key-1", "b", "key-4", "key-5"]
    assert len(parsed) == 4


def test_a_file_has_one_key_per_line_and_comments() -> None:
    parsed = parse_lines("\ufeffone\r\n\n # two\nb:with,comma#\n")
    assert [parsed.name_of(key) for key in ("one", "with,comma#")] == ["line-1", "b"]
    assert (parsed.name_of("two"), len(parsed)) == (None, 2)


def test_two_keys_may_share_a_name_during_rotation() -> None:
    parsed = parse_keys("a:old,a:new")
    assert (parsed.name_of("old"), parsed.name_of("new")) == ("a", "a")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "contains no keys"),
        (" , \n", "contains no keys"),
        ("a b", "key 1 is not printable ASCII without spaces"),
        ("one,zwei-é", "key 2 is not printable ASCII without spaces"),
        ("one,b:", "key 2 is not printable ASCII without spaces"),
        (
            "my laptop:k",
            "key 1 has an invalid name; use letters, digits, dots, dashes and underscores",
        ),
        ("sha256:abc", "key 1 has a SHA-256 digest that is not 64 hexadecimal digits"),
        ("a:sha256:abc", "key 1 has a SHA-256 digest that is not 64 hexadecimal digits"),
        (f"a:sha256:{DIGEST}0", "key 1 has a SHA-256 digest that is not 64 hexadecimal digits"),
        ("SHA256:abc", "key 1 has a SHA-256 digest that is not 64 hexadecimal digits"),
        ("a:Sha256:abc", "key 1 has a SHA-256 digest that is not 64 hexadecimal digits"),
    ],
)
def test_an_invalid_key_is_rejected_without_being_shown(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^[^:]*$") as error:
        parse_keys(text)
    assert str(error.value) == reason
    assert error.value.__cause__ is None


@pytest.mark.parametrize("entry", [f"SHA256:{DIGEST.upper()}", f"a:Sha256:{DIGEST}"])
def test_a_hash_may_be_upper_case_and_is_not_a_key(entry: str) -> None:
    parsed = parse_keys(entry)
    assert parsed.name_of("k-1") is not None
    for candidate in (DIGEST, DIGEST.upper(), entry, entry.removeprefix("a:")):
        assert parsed.name_of(candidate) is None


def test_hashed_returns_an_entry_without_the_key() -> None:
    assert hashed("k-1", "laptop") == f"laptop:sha256:{DIGEST}"
    assert hashed("k-1") == f"sha256:{DIGEST}"


@pytest.mark.parametrize(("key", "name"), [("", ""), ("a b", ""), ("a\nb", ""), ("k", "my laptop")])
def test_an_invalid_key_or_name_is_not_hashed(key: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"^a (key|name) "):
        hashed(key, name)


@given(PRINTABLE, PRINTABLE)
def test_every_key_is_recognized_plain_and_hashed(key: str, other: str) -> None:
    for parsed in (parse_lines(f"a:sha256:{sha256(key.encode()).hexdigest()}"), named(key)):
        assert parsed.name_of(key) == "a"
        assert (parsed.name_of(other) is None) is (other != key)


def named(key: str) -> Keys:
    if key.lower().startswith("sha256:"):
        key = f"sha256:{sha256(key.encode()).hexdigest()}"
    return parse_lines(f"a:{key}")


def test_keys_are_not_revealed_by_repr_or_attributes() -> None:
    parsed = parse_keys("laptop:sk-secret-1,sk-secret-2")
    assert (repr(parsed), str(parsed)) == ("Keys(laptop, key-2)", "Keys(laptop, key-2)")
    assert not hasattr(parsed, "__dict__")
    assert b"sk-secret" not in repr(list(parsed._keys)).encode()


def test_keys_are_equal_if_their_names_and_digests_are() -> None:
    assert parse_keys("a:k-1") == parse_keys(f"a:sha256:{DIGEST}")
    assert hash(parse_keys("a:k-1")) == hash(parse_keys("a:k-1"))
    assert parse_keys("a:k-1") != parse_keys("b:k-1")
    assert parse_keys("a:k-1") != "a:k-1"


def test_every_digest_is_compared_even_after_a_match() -> None:
    """Checked in the source: one loop over all keys without an exit, and no other comparison."""
    function = ast.parse(inspect.getsource(Keys.name_of).strip().replace("\n    ", "\n"))
    nodes = list(ast.walk(function))
    (loop,) = [node for node in nodes if isinstance(node, ast.For)]
    inside = list(ast.walk(loop))
    assert not any(isinstance(node, ast.Break | ast.Return | ast.Continue) for node in inside)
    assert not any(isinstance(node, ast.Compare) for node in nodes)
    called = [
        node.func.id for node in nodes if isinstance(node, ast.Call) and hasattr(node.func, "id")
    ]
    assert called.count("compare_digest") == 1
    assert vars(keys)["compare_digest"] is hmac.compare_digest

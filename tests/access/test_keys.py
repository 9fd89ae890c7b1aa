"""The clients' keys: how they are written, and that each is known again."""

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
def test_a_key_is_written_with_or_without_a_name_as_itself_or_hashed(entry: str, name: str) -> None:
    known = parse_keys(entry)
    assert known.name_of("k-1") == name
    for wrong in ("k-2", "k-", "k-11", "K-1", "", entry if ":" in entry else "x", DIGEST):
        assert known.name_of(wrong) is None


def test_a_colon_in_a_key_stands_behind_that_of_the_name() -> None:
    assert parse_keys("laptop:a:b").name_of("a:b") == "laptop"
    assert parse_keys(":a:b").name_of("a:b") == "key-1"
    assert parse_keys("a:b").name_of("a:b") is None


def test_several_stand_between_commas_or_in_lines() -> None:
    known = parse_keys("one, b:two ,,three\nfour")
    names = [known.name_of(key) for key in ("one", "two", "three", "four")]
    assert names == ["key-1", "b", "key-4", "key-5"]
    assert len(known) == 4


def test_a_file_has_one_a_line_and_comments() -> None:
    known = parse_lines("\ufeffone\r\n\n # two\nb:with,comma#\n")
    assert [known.name_of(key) for key in ("one", "with,comma#")] == ["line-1", "b"]
    assert (known.name_of("two"), len(known)) == (None, 2)


def test_two_keys_may_have_one_name_while_one_takes_the_place_of_the_other() -> None:
    known = parse_keys("a:old,a:new")
    assert (known.name_of("old"), known.name_of("new")) == ("a", "a")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no key"),
        (" , \n", "holds no key"),
        ("a b", "key 1 is not printable ASCII without spaces"),
        ("one,zwei-é", "key 2 is not printable ASCII without spaces"),
        ("one,b:", "key 2 is not printable ASCII without spaces"),
        (
            "my laptop:k",
            "key 1 has a name of other characters than letters, digits, dots, dashes and _",
        ),
        ("sha256:abc", "key 1 has a SHA-256 that is not 64 hexadecimal digits"),
        ("a:sha256:abc", "key 1 has a SHA-256 that is not 64 hexadecimal digits"),
        (f"a:sha256:{DIGEST}0", "key 1 has a SHA-256 that is not 64 hexadecimal digits"),
        ("SHA256:abc", "key 1 has a SHA-256 that is not 64 hexadecimal digits"),
        ("a:Sha256:abc", "key 1 has a SHA-256 that is not 64 hexadecimal digits"),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^[^:]*$") as refused:
        parse_keys(text)
    assert str(refused.value) == reason
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("entry", [f"SHA256:{DIGEST.upper()}", f"a:Sha256:{DIGEST}"])
def test_a_hash_is_one_in_capitals_too_and_no_key_itself(entry: str) -> None:
    known = parse_keys(entry)
    assert known.name_of("k-1") is not None
    for told in (DIGEST, DIGEST.upper(), entry, entry.removeprefix("a:")):
        assert known.name_of(told) is None


def test_a_hashed_key_is_an_entry_that_does_not_tell_it() -> None:
    assert hashed("k-1", "laptop") == f"laptop:sha256:{DIGEST}"
    assert hashed("k-1") == f"sha256:{DIGEST}"


@pytest.mark.parametrize(("key", "name"), [("", ""), ("a b", ""), ("a\nb", ""), ("k", "my laptop")])
def test_what_cannot_be_a_key_or_a_name_is_not_hashed(key: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"^a (key|name) "):
        hashed(key, name)


@given(PRINTABLE, PRINTABLE)
def test_every_key_is_known_again_as_itself_and_hashed(key: str, other: str) -> None:
    for known in (parse_lines(f"a:sha256:{sha256(key.encode()).hexdigest()}"), named(key)):
        assert known.name_of(key) == "a"
        assert (known.name_of(other) is None) is (other != key)


def named(key: str) -> Keys:
    if key.lower().startswith("sha256:"):
        key = f"sha256:{sha256(key.encode()).hexdigest()}"
    return parse_lines(f"a:{key}")


def test_nothing_of_a_key_can_be_read_out_again() -> None:
    known = parse_keys("laptop:sk-secret-1,sk-secret-2")
    assert (repr(known), str(known)) == ("Keys(laptop, key-2)", "Keys(laptop, key-2)")
    assert not hasattr(known, "__dict__")
    assert b"sk-secret" not in repr(list(known._keys)).encode()


def test_keys_are_the_same_if_they_are_written_the_same_or_hashed() -> None:
    assert parse_keys("a:k-1") == parse_keys(f"a:sha256:{DIGEST}")
    assert hash(parse_keys("a:k-1")) == hash(parse_keys("a:k-1"))
    assert parse_keys("a:k-1") != parse_keys("b:k-1")
    assert parse_keys("a:k-1") != "a:k-1"


def test_all_are_compared_by_digests_whichever_is_right() -> None:
    """By construction: one loop over all without a way out of it, and no other comparison."""
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

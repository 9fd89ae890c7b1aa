"""The command line of `scripts/bench`."""

import pytest

from .options import effort, parse
from .rounds import COMPARISON, QUICK, Effort


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Effort()),
        (["--quick"], QUICK),
        (["--compare", "HEAD~1"], COMPARISON),
        (["--compare", "HEAD~1", "--quick"], QUICK),
        (["--rounds", "7", "--seconds", "1.5"], Effort(rounds=7, seconds=1.5)),
    ],
    ids=["default", "quick", "compare", "compare-quick", "own"],
)
def test_effort(arguments: list[str], expected: Effort) -> None:
    assert effort(parse(arguments)) == expected


def test_a_head_without_a_base_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--with", "HEAD"])
    assert "--with needs --compare" in capsys.readouterr().err

"""Links in Markdown files."""

from pathlib import Path

import pytest

from scripts.reference_docs.links import anchors, broken_links, markdown_files

PAGE = """\
# The page

## Keys and `/v1`
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(PAGE, "utf-8")
    return tmp_path


def broken(root: Path, text: str) -> list[str]:
    path = root / "README.md"
    path.write_text(text, "utf-8")
    return broken_links(path, root)


@pytest.mark.parametrize(
    "link",
    [
        "[a](docs/page.md)",
        "[a](docs)",
        '[a](docs/page.md "a title")',
        "[a](docs/page.md#keys-and-v1)",
        "# Here\n\n[a](#here)",
        "[`code`](docs/page.md)",
        "[a]: docs/page.md",
        "[a](https://example.org/missing)",
        "`[a](missing.md)`",
        "```md\n[a](missing.md)\n```",
    ],
)
def test_valid_and_ignored_links_are_accepted(root: Path, link: str) -> None:
    assert broken(root, link) == []


@pytest.mark.parametrize(
    "target",
    ["missing.md", "docs/page.md#missing", "#missing", "/docs/page.md", "../outside.md"],
)
def test_a_broken_link_is_reported(root: Path, target: str) -> None:
    assert broken(root, f"[a]({target})") == [target]


def test_a_broken_reference_is_reported(root: Path) -> None:
    assert broken(root, "[a]: missing.md") == ["missing.md"]


def test_a_link_out_of_the_project_is_broken(root: Path) -> None:
    outside = root.parent / "outside.md"
    outside.write_text("", "utf-8")
    assert broken(root, "[a](../outside.md)") == ["../outside.md"]


def test_repeated_headings_get_numbered_anchors() -> None:
    assert anchors("# Use\n## Use\n## [Use](x.md)\n") == {"use", "use-1", "use-2"}


def test_headings_in_code_have_no_anchor() -> None:
    assert anchors("# Use\n```sh\n# a comment\n```\n") == {"use"}


def test_installed_packages_are_not_checked(root: Path) -> None:
    installed = root / "tests" / "node_modules"
    installed.mkdir(parents=True)
    (installed / "README.md").write_text("", "utf-8")
    assert list(markdown_files(root)) == [root / "docs" / "page.md"]

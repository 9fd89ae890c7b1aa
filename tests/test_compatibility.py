"""docs/compatibility.md lists the tested clients with their tested versions."""

from pathlib import Path

import pytest

from tests.clients import table
from tests.clients.matrix import CHECKS, CLIENTS, HERE, Client

LINES = table.DOCUMENT.read_text("utf-8").splitlines() if table.DOCUMENT.exists() else []


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose second heading is `first`."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES]
    [start] = [number for number, row in enumerate(cells) if row[1:2] == [first]]
    body = LINES[start + 2 :]
    length = next((n for n, line in enumerate(body) if not line.startswith("|")), len(body))
    return cells[start + 2 : start + 2 + length]


def pins(path: Path) -> set[str]:
    """The `name==version` pins in a requirements file, without hashes."""
    return {line.split()[0] for line in path.read_text("utf-8").splitlines() if "==" in line}


def test_each_client_has_a_row_with_its_pinned_version() -> None:
    assert [tuple(row[:2]) for row in rows("Package")] == [
        table.first_cells(client) for client in CLIENTS
    ]


def test_a_check_is_skipped_only_if_the_client_lacks_the_feature() -> None:
    for client, row in zip(CLIENTS, rows("Package"), strict=True):
        left_out = [cell == "–" for cell in row[2:]]
        assert left_out == [check in client.lacks for check in CHECKS], client.title


def test_a_check_fails_only_for_a_known_bug_of_the_client() -> None:
    for client, row in zip(CLIENTS, rows("Package"), strict=True):
        failed = {check for check, cell in zip(CHECKS, row[2:], strict=True) if cell not in "✓–"}
        assert failed == set(client.bugs), client.title


def test_the_list_of_replayed_clients_matches_tests_replays() -> None:
    assert table.replays() in table.DOCUMENT.read_text("utf-8"), "run scripts/test-clients"


def test_every_client_folder_is_in_the_matrix() -> None:
    folders = {path.parent.name for path in HERE.glob("*/driver.*")}
    folders |= {path.parent.name for path in HERE.glob("*/requirements.in")}
    assert folders == {client.folder for client in CLIENTS}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: str(client.folder))
def test_pinned_versions_match_the_lock_file(client: Client) -> None:
    home = HERE / client.folder
    if client.is_javascript:
        lock = (home / "package-lock.json").read_text("utf-8")
        assert all(f'"{name}": "{pin}"' in lock for name, pin in client.versions().items())
    else:
        locked = pins(home / "requirements.txt")
        assert {f"{name}=={pin}" for name, pin in client.versions().items()} <= locked


def test_lock_files_contain_no_registry_urls() -> None:
    files = [path for name in ("*.txt", "*.in", "*.json") for path in HERE.glob(f"*/{name}")]
    assert [path for path in files if "://" in path.read_text("utf-8")] == []

"""docs/compatibility.md: what came of the checks, and which clients are replayed."""

import ast
from pathlib import Path

from tests.clients.matrix import CHECKS, CLIENTS, Client

type Outcomes = dict[tuple[str, str], list[str]]
"""By folder and check; each is passed, failed, or bug."""

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "compatibility.md"
REPLAYS = ROOT / "tests" / "replays"
_HEAD = """\
# Compatibility

Written by `scripts/test-clients`, which installs these packages as they are published and runs them against the service.
"""
_LEGEND = """\
✓ works; – the client has nothing of the kind; ✗ fails.
A number is a fault of the client's own, which no server can help that answers as Ollama does.
"""
_REPLAYED = """\
## Replayed

These do not run without a screen or another machine.
Their requests are sent as they send them, and the answers read as strictly as they read them, in `tests/replays/`.
"""


def write(outcomes: Outcomes) -> None:
    """Anew, where every check of every client was run; else nothing."""
    if all((client.folder, check) in outcomes for client in CLIENTS for check in client.offers):
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(document(outcomes), "utf-8")


def document(outcomes: Outcomes) -> str:
    notes: list[str] = []
    head = ["Client", "Package", *CHECKS.values()]
    rows = [_line(head), _line(["---", "---", *(":-:" for _ in CHECKS)])]
    for client in CLIENTS:
        cells = [_cell(client, check, outcomes, notes) for check in CHECKS]
        rows.append(_line([*first_cells(client), *cells]))
    listed = "".join(f"{number}. {note}\n" for number, note in enumerate(notes, 1))
    parts = [_HEAD, "\n".join(rows) + "\n", _LEGEND, listed, _REPLAYED, replays()]
    return "\n".join(part for part in parts if part)


def first_cells(client: Client) -> tuple[str, str]:
    """Who it is, and in which version."""
    pins = ", ".join(f"`{name}` {version}" for name, version in client.versions().items())
    return client.title, f"{'npm' if client.is_javascript else 'PyPI'} {pins}"


def replays() -> str:
    """One row for each file of replays: its docstring's first line, and its facts."""
    rows = [_line(["Client", "Facts that are held"]), _line(["---", "---"])]
    for path in sorted(REPLAYS.glob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"))
        title = (ast.get_docstring(module) or "").partition("\n")[0].rstrip(".")
        facts = [
            node.name.removeprefix("test_").replace("_", " ")
            for node in module.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
        ]
        rows.append(_line([title, "; ".join(facts)]))
    return "\n".join(rows) + "\n"


def _cell(client: Client, check: str, outcomes: Outcomes, notes: list[str]) -> str:
    if check in client.lacks:
        return "–"
    told = set(outcomes[client.folder, check])
    if told == {"passed"}:
        return "✓"
    if told == {"bug"}:
        notes.append(f"{client.title} {client.bugs[check]}.")
        return f"✗ {len(notes)}"
    return "✗"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

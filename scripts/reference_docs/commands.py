"""Markdown tables of the scripts and of exit codes, read from the scripts' leading comments."""

import ast
import re
from pathlib import Path

from ollama_openai_proxy import DISTRIBUTION
from ollama_openai_proxy.cli.main import _EXIT_CODES

from .tables import table

_SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_USAGE = re.compile(r": scripts/.*")  # to the end of the line
_HELP = re.compile(r"[;.] (?:see )?--help\b.*")
_EXIT = re.compile(r"\bexits?\b", re.IGNORECASE)


def purposes(folder: Path) -> str:
    """Every script of the folder with its purpose."""
    rows = [(f"`scripts/{path.name}`", purpose(leading_comment(path))) for path in _scripts(folder)]
    return table(("Script", "Purpose"), rows)


def exit_codes(folder: Path) -> str:
    """Exit codes of the program, and of every script whose comment mentions them."""
    rows = [(f"`{DISTRIBUTION}`", _program_codes())]
    for path in _scripts(folder):
        sentences = exit_sentences(leading_comment(path))
        if sentences:
            rows.append((f"`scripts/{path.name}`", sentences))
    return table(("Command", "Exit codes other than 0"), rows)


def leading_comment(path: Path) -> str:
    """The comment below the first line of a shell script, or a Python script's docstring."""
    text = path.read_text("utf-8")
    first, *lines = text.splitlines()
    if "python" in first:
        return ast.get_docstring(ast.parse(text)) or ""
    comment = []
    for line in lines:
        if not line.startswith("#"):
            break
        comment.append(line.removeprefix("#").strip())
    return "\n".join(comment)


def purpose(comment: str) -> str:
    """The first sentence, without usage. It may continue on the next line."""
    return _HELP.sub("", _sentences(comment)[0]).rstrip(".") + "."


def exit_sentences(comment: str) -> str:
    """The sentences about exit codes, without usage."""
    found = [sentence for sentence in _sentences(comment) if _EXIT.search(sentence)]
    return " ".join(_HELP.sub(".", sentence) for sentence in found)


def _sentences(comment: str) -> list[str]:
    return _SENTENCE_END.split(" ".join(_USAGE.sub(".", comment).split()))


def _scripts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _program_codes() -> str:
    """Errors of the program by exit code, with the first paragraph of their docstrings."""
    own = {kind: code for kind, code in _EXIT_CODES.items() if kind.__module__ != "builtins"}
    return " ".join(
        f"{code}: {_summary(kind)}" for kind, code in sorted(own.items(), key=lambda item: item[1])
    )


def _summary(kind: type[Exception]) -> str:
    return " ".join((kind.__doc__ or kind.__name__).partition("\n\n")[0].split())

"""Installs other commits in separate worktrees under build/."""

import subprocess
from pathlib import Path

from .process import ROOT, clean_environment

_FOLDER = ROOT / "build" / "worktrees"


class BuildFailed(Exception):
    pass


def _run(*words: str, folder: Path = ROOT) -> str:
    finished = subprocess.run(
        words, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise BuildFailed(f"`{' '.join(words)}` in {folder} failed:\n{finished.stderr.strip()}")
    return finished.stdout.strip()


def commit_of(revision: str) -> str:
    return _run("git", "rev-parse", "--verify", f"{revision}^{{commit}}")


def working_tree() -> str:
    """The commit of the working tree, with `+changes` if it has been modified."""
    try:
        changed = _run("git", "status", "--porcelain", "--untracked-files=no")
        return commit_of("HEAD") + ("+changes" if changed else "")
    except (BuildFailed, FileNotFoundError):
        return "unknown"  # a source distribution has no repository


def checkout(revision: str) -> Path:
    """A folder with that commit and its own .venv, kept for the next comparison.

    `git worktree remove --force build/worktrees/COMMIT` deletes it.
    """
    commit = commit_of(revision)
    folder = _FOLDER / commit[:12]
    if not (folder / "scripts" / "install").exists():
        _run("git", "worktree", "prune")
        _run("git", "worktree", "add", "--force", "--detach", str(folder), commit)
    _run("scripts/install", folder=folder)
    return folder

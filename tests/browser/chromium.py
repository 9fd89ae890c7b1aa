"""Finds an installed Chromium; its command-line options."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
OPTIONS = (
    "--no-sandbox",  # the sandbox does not work as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find(installed_by_playwright: str) -> str | None:
    """Return the path of a Chromium, preferring the system's, or None."""
    system = (shutil.which(name) for name in NAMES)
    others = (str(path) for path in (_ON_MACOS, Path(installed_by_playwright)) if path.exists())
    return next((path for path in system if path), None) or next(others, None)

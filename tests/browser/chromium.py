"""The Chromium that the machine has, and how it is started."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_OF_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
OPTIONS = (
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def found(installed_by_playwright: str) -> str | None:
    """The path of a Chromium, the system's own first."""
    system = (shutil.which(name) for name in NAMES)
    elsewhere = (str(path) for path in (_OF_A_MAC, Path(installed_by_playwright)) if path.exists())
    return next((path for path in system if path), None) or next(elsewhere, None)

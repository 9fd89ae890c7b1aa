"""Where the API descriptions lie: in the installed package, or in the checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def spec_path(name: str) -> Path:
    """Path of specs/`name`."""
    installed = _PACKAGE / "specs" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / "specs" / name

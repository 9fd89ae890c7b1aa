"""The API descriptions: where they lie, and what they say."""

from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the former saves 150 ms a start


def spec_path(name: str) -> Path:
    """Path of specs/`name`: in the installed package, or in the checkout."""
    installed = _PACKAGE / "specs" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / "specs" / name


def load_spec(name: str) -> dict[str, Any]:
    """The description in specs/`name`, its references not resolved."""
    document: dict[str, Any] = yaml.load(spec_path(name).read_text("utf-8"), _LOADER)  # noqa: S506
    return document

"""scripts/spec-diff: what a newer description says otherwise than specs/."""

import argparse
import sys
from pathlib import Path

from .document import APIS, Unreadable
from .report import FORMATS, report

SPECS = Path(__file__).parents[2] / "specs"


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/spec-diff",
        description="Compares a description of Ollama's or OpenAI's API with the one in specs/.",
        epilog="Exits 0 if nothing is to be looked at, 1 if something is, 2 if the description cannot be read.",
    )
    parser.add_argument("source", help="path or URL; OpenAPI 3.0 or 3.1, YAML or JSON")
    parser.add_argument(
        "--against", choices=APIS, default="", help="which of ours, if its paths do not tell"
    )
    parser.add_argument(
        "--all", action="store_true", help="also tell of OpenAI's operations that are not called"
    )
    parser.add_argument(
        "--on-purpose", action="store_true", help="also tell of what specs/upstream.yaml explains"
    )
    parser.add_argument("--format", choices=FORMATS, default="text")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    options = arguments(given)
    try:
        result = report(
            options.source,
            SPECS,
            api=options.against,
            new=options.all,
            also_meant=options.on_purpose,
        )
    except Unreadable as wrong:
        print(wrong, file=sys.stderr)
        return 2
    print(FORMATS[options.format](result))
    return 0 if result.is_empty else 1


if __name__ == "__main__":
    sys.exit(main())

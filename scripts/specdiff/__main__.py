"""scripts/spec-diff: shows the changes upstream since the commit in specs/upstream.yaml."""

import argparse
import sys

from .drift import drift
from .upstream import Unreadable, read_upstream


def main(given: list[str] | None = None) -> int:
    upstream = read_upstream()
    parser = argparse.ArgumentParser(
        prog="scripts/spec-diff",
        description="Compares two revisions of Ollama's or OpenAI's OpenAPI file, using oasdiff.",
        epilog="Exits 0 if the operations that we use are unchanged, 1 if they changed, "
        "2 if the comparison failed.",
    )
    parser.add_argument("api", choices=upstream)
    parser.add_argument(
        "--old", help="commit, path or URL; default: the one in specs/upstream.yaml"
    )
    parser.add_argument("--new", default="HEAD", help="commit, path or URL; default: %(default)s")
    options = parser.parse_args(given)
    row = upstream[options.api]
    try:
        changes = drift(row.source(options.old or row.commit), row.source(options.new), row.paths)
    except Unreadable as failed:
        print(failed, file=sys.stderr)
        return 2
    print(changes or "no changes")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())

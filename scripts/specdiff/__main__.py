"""scripts/spec-diff: what changed upstream since the commit in specs/upstream.yaml."""

import argparse
import sys

from .drift import drift
from .upstream import Unreadable, read_upstream


def main(given: list[str] | None = None) -> int:
    upstream = read_upstream()
    parser = argparse.ArgumentParser(
        prog="scripts/spec-diff",
        description="Compares two revisions of Ollama's or OpenAI's OpenAPI file by oasdiff.",
        epilog="Exits 0 if the operations that we use are the same, 1 if not, 2 if it cannot tell.",
    )
    parser.add_argument("api", choices=upstream)
    parser.add_argument(
        "--old", help="commit, path or URL; default: the one in specs/upstream.yaml"
    )
    parser.add_argument("--new", default="HEAD", help="commit, path or URL; default: %(default)s")
    options = parser.parse_args(given)
    one = upstream[options.api]
    try:
        found = drift(one.source(options.old or one.commit), one.source(options.new), one.paths)
    except Unreadable as failed:
        print(failed, file=sys.stderr)
        return 2
    print(found or "no changes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

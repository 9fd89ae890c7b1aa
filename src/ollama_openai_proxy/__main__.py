"""The command line."""

import sys


def main() -> None:
    """Runs the command; the one that is asked for most often imports next to nothing."""
    if sys.argv[1:2] == ["health"]:
        from ollama_openai_proxy.cli.health import main as health

        health(sys.argv[1:])
    else:
        from ollama_openai_proxy.cli.main import main as command

        command()


if __name__ == "__main__":
    main()

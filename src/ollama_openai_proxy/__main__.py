"""The command line."""

import sys


def main() -> None:
    """Run the command. `health`, which containers run every few seconds, skips most imports."""
    if sys.argv[1:2] == ["health"]:
        from ollama_openai_proxy.cli.health import main as health

        health(sys.argv[1:])
    else:
        from ollama_openai_proxy.cli.main import main as command

        command()


if __name__ == "__main__":
    main()

"""The command line."""

from ollama_openai_proxy.cli import main

if __name__ == "__main__":
    main()

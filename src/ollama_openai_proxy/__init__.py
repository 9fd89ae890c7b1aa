"""Serves the Ollama HTTP API on top of any OpenAI-compatible backend."""

DISTRIBUTION = "ollama-openai-proxy"
"""The name under which the package is installed, and of its command."""

"""Serves the Ollama HTTP API on top of any OpenAI-compatible backend."""

DISTRIBUTION = "ollama-openai-proxy"
"""The name of the installed distribution and of its command."""

"""Serves the Ollama HTTP API on top of any OpenAI-compatible backend."""

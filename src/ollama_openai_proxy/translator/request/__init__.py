"""Translation of requests: Ollama's fields to those of OpenAI's completions. Pure functions."""

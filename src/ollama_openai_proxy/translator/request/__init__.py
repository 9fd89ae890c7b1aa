"""Parts of a request: Ollama's fields to the fields of OpenAI's chat completions. Pure."""

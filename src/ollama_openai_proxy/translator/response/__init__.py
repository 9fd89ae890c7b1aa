"""Translation of responses: OpenAI's completions and chunks to Ollama's messages."""

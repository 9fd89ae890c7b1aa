"""Translation between Ollama's and OpenAI's APIs, without I/O, clock or web framework."""

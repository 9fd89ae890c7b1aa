"""Ollama ⇄ OpenAI, without I/O, clock or framework."""

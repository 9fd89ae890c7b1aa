"""Parts of a response: OpenAI's chunks to the parts and messages of Ollama. Pure."""

"""The backend's model list as Ollama shows it: names, metadata, tags, show and ps. Pure."""

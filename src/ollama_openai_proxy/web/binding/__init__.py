"""Request bodies → the generated request classes, decoded as leniently as Ollama does."""

"""Request bodies → the generated request classes, read as leniently as Ollama reads them."""

"""The service held against specs/ollama.yaml by Schemathesis, on a backend made from specs/openai.yaml."""

"""Schemathesis tests of the service against specs/ollama.yaml.

The backend is generated from specs/openai.yaml.
"""

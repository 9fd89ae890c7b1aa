"""Validation of documents against the specifications."""

from ollama_openai_proxy.conformance.schemas import complaints, validator

__all__ = ["complaints", "validator"]

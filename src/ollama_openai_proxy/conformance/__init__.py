"""Validates requests and responses against the OpenAPI specifications."""

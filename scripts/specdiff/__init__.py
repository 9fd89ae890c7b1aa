"""Compares a newer description of an API with the one in specs/: a maintainer's tool."""

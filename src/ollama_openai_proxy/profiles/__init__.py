"""Differences between kinds of backends. Data only; imported by the translator and the backend."""

"""Fake backends, clients and clocks for the tests."""

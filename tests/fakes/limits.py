"""The only limit on waiting in the tests."""

HANG = 300.0
"""Seconds after which something that a test waits for counts as hung.

No result depends on how long anything takes: this limit only ends a test that would never end.
Every timeout of a client, a subprocess or a wait in the tests is this one.
"""

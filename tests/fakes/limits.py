"""The timeout of the tests."""

HANG = 300.0
"""Seconds that a test waits for anything before it fails.

Every client, subprocess and wait in the tests uses this timeout. Results do not depend on it: it
only ends tests that would otherwise hang.
"""

"""Mutation tests: planted faults that the test suite must detect. Run by scripts/mutate."""

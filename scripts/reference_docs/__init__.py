"""Generates the reference tables in docs/reference/ and checks links in Markdown files."""

"""Bytes ⇄ messages, without I/O."""

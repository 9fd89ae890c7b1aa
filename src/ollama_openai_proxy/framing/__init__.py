"""Decoding of server-sent events and encoding of NDJSON, without I/O."""

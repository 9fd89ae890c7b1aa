"""JSON documents and streams of them, held against the specifications."""

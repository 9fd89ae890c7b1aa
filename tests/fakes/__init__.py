"""Stand-ins for the other side of the wire."""

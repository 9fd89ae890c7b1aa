"""Reports what changed upstream since our specifications were last compared with it."""

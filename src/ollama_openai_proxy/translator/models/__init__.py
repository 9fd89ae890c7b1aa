"""Translation of the backend's model list: names, metadata, tags, show and ps. Pure functions."""

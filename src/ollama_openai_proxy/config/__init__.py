"""Settings from flags, the environment and files, read once at startup and only in this package."""

"""How a request reaches the backend: connections, instrumentation, validation."""

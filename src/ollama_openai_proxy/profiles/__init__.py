"""How kinds of backend differ: pure data that both the translator and the backend may read."""

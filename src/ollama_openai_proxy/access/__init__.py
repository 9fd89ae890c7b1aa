"""Access control before routing: CORS, the Host header and API keys.

The decisions are pure functions of the request; only `gate` depends on ASGI.
"""

"""Who may call the service, before a path is looked up: CORS, Host header, API keys.

The decisions are pure; only `gate` knows ASGI.
"""

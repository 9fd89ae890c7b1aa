"""HTTP on the client side: operations, request bodies, responses, error bodies, unknown paths.

Nothing here depends on the backend or on models.
"""

"""HTTP on the client's side: operations, request bodies, responses, error bodies, unknown paths.

Nothing here knows the backend or a model.
"""

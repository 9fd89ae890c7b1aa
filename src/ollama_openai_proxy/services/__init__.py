"""State that outlives a request and the steps that several handlers share.

Handlers call these; they know the backend and the translator, but not HTTP on the client's side.
"""

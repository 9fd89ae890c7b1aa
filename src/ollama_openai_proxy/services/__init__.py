"""State that outlives a request, and steps that several handlers share.

Handlers call services. Services use the backend and the translator; of client-side HTTP they use
only the response classes.
"""

"""Puts a new image into service, watches it, and takes it back when it is worse.

Needs Python 3.12 and nothing else: it runs where there is no environment.
"""

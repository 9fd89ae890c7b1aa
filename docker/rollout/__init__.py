"""Deploys a new image, watches its error rate, and rolls back if the rate is too high.

Needs only Python 3.12, because it runs on machines without a virtual environment.
"""

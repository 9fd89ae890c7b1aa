"""Benchmarks of CPU and memory: the proxy compared with a minimal relay (`scripts/bench`).

A full run needs about eight minutes and two quiet cores. Tests cover the parts that do not depend
on time.
"""

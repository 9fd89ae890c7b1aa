"""Budgets for the work per request, counted instead of timed: `scripts/hot-path`.

A count does not depend on the machine or its load, so a regression of one call per chunk fails
`scripts/check`. The service runs inside this process on a stand-in backend. Requests are passed
directly to its ASGI application, as uvicorn does. The first request, which fills caches, is not
counted. The clock advances by a fixed step per reading, because histograms do more work for longer
durations.

| count | meaning |
|---|---|
| calls | Python functions started or resumed, and calls to functions and types written in C |
| instructions | bytecode instructions executed |
| allocations | memory blocks allocated from pymalloc, as seen between two instructions |
| blocks | memory blocks in use |

The work inside C functions, such as searching a list or decoding JSON, is not counted;
`scripts/bench` measures it.
"""

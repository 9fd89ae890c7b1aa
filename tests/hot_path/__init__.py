"""A budget for the work of a request, counted instead of timed: `scripts/hot-path`.

A count does not depend on the machine or its load, so a regression of one call per chunk fails
`scripts/check`. The service runs inside this process on a stand-in backend; requests go straight
to its ASGI application, as from uvicorn. Loading caches is not counted, and the clock advances by
a fixed step per reading, since histograms do more work for longer durations.

| count | meaning |
|---|---|
| calls | Python functions started or resumed, and calls of functions and types written in C |
| instructions | bytecode instructions executed |
| allocations | memory blocks taken from pymalloc, as seen between two instructions |
| blocks | memory blocks in use |

What a function in C does inside is not seen, such as a search through a list or JSON decoding;
`scripts/bench` measures that.
"""

"""CPU and memory of the proxy beside a do-nothing relay on the same stack: `scripts/bench`.

A full run needs about eight minutes and two quiet cores. Tests cover the parts that do not depend
on time.
"""

"""What the proxy costs beside a do-nothing relay on the same stack: `scripts/bench`.

Left out of the test run: it needs about 80 seconds (`--quick`: 13) and two quiet cores.
"""

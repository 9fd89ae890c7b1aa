"""A pytest plugin that lets tests/contract look at one operation alone."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operation", default="", metavar="ID")

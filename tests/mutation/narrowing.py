"""A pytest plugin that limits tests/contract to one operation."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operation", default="", metavar="ID", help="operationId to test")

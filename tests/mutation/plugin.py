"""A pytest plugin that replaces one handler with a faulty one before the app is imported."""

import copy
from types import MappingProxyType

import pytest

from ollama_openai_proxy import handlers

from .answers import faulty
from .mutants import required_fields


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutant", required=True, metavar="OPERATION:FAULT")


@pytest.hookimpl(tryfirst=True)  # before tests/conftest.py imports the app and its handlers
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    name, _, fault = early_config.known_args_namespace.mutant.partition(":")
    handler = handlers.HANDLERS[name]
    mutant = copy.copy(handler)
    mutant.function = faulty(handler.function, fault, required_fields(name))
    mutated = {**handlers.HANDLERS, name: mutant}
    handlers.HANDLERS = MappingProxyType(mutated)

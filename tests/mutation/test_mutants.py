"""The list of mutants covers all operations, and every fault changes the response."""

from ollama_openai_proxy.handlers import HANDLERS

from .faults import CHANGES
from .mutants import contract_mutants, handler_mutants, required_fields


def test_every_operation_has_a_faulty_response_and_a_faulty_contract() -> None:
    mutants = list(handler_mutants())
    assert {mutant.target for mutant in mutants} == set(HANDLERS)
    contracts = {str(mutant).split(":")[1].split()[0] for mutant, _ in contract_mutants()}
    assert set(HANDLERS) <= contracts
    assert len({str(mutant) for mutant in mutants}) == len(mutants) >= 40


def test_changes_drop_or_retype_the_last_required_field() -> None:
    document = {"model": "m", "done": True, "models": []}
    assert CHANGES["drop"](document, ("model", "done")) == {"model": "m", "models": []}
    assert CHANGES["retype"](document, ("model", "done")) == {**document, "done": [True]}
    assert CHANGES["retype"](document, ("models",)) == {**document, "models": {}}


def test_the_required_fields_of_a_stream_are_those_of_its_lines() -> None:
    assert required_fields("version") == ("version",)
    assert "created_at" in required_fields("chat")
    assert required_fields("heartbeat") == ()

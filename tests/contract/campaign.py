"""One run of Schemathesis over all operations, and its findings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from ollama_openai_proxy.spec import load_spec
from tests.fakes.generated import MODELS
from tests.fakes.limits import HANG

from . import checks
from .exclusions import Ledger
from .targets import Target

PHASES = ("examples", "coverage", "fuzzing", "stateful")
_DICTIONARIES = {
    "models": MODELS,
    "roles": ("system", "user", "assistant", "tool"),
    "durations": ("5m", "0", "-1s", "1h30m"),
    "images": ("aGk=", "iVBORw0KGgo=", "no picture!"),
}
_FIELDS = {
    "body.model": "models",
    "body.source": "models",
    "path.model": "models",
    "body.messages[*].role": "roles",
    "body.keep_alive": "durations",
    "body.images[*]": "images",
    "body.messages[*].images[*]": "images",
}
_PROBABILITY = 0.8
"""Probability that a field gets a meaningful value. Random values rarely pass validation."""
_SHOWN = 600
"""Bytes of a response body that a finding shows."""
_NO_KEY: dict[str, list[str]] = {}
"""The empty security requirement: OpenAPI's way to make authentication optional."""
_CHECKS_OF_A_WILLING_BACKEND = ("not_a_server_error", "positive_data_acceptance")
"""Checks that are meaningless if the backend returns errors at random."""


class Finding(NamedTuple):
    """A failed check and the curl command that reproduces it."""

    operation: str
    check: str
    message: str
    curl: str


class Plan(NamedTuple):
    """The size of a run and its seed.

    `steady` makes the run reproducible. `seconds` limits the phases that would otherwise continue
    indefinitely. `only` selects operations by a regular expression on their operationId.
    """

    seed: int
    examples: int
    phases: tuple[str, ...] = PHASES
    steady: bool = True
    seconds: int | None = None
    only: str = ""


@dataclass
class Outcome:
    """Statuses, findings and used exclusions of one or more runs."""

    ledger: Ledger = field(default_factory=Ledger)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    phases: dict[str, str] = field(default_factory=dict)
    backend_log: dict[str, list[str]] = field(default_factory=dict)
    """The backend's requests and responses, by the id of the failed case."""

    def add(self, other: "Outcome") -> None:
        """Add the results of another run."""
        self.ledger.uses += other.ledger.uses
        self.statuses += other.statuses
        self.passed += other.passed
        self.findings += other.findings
        self.phases |= other.phases


def run(target: Target, plan: Plan) -> Outcome:
    """Test the operations of the plan, by default all."""
    outcome = Outcome()
    document = load_spec("ollama.yaml")
    if target.key is not None:
        document["security"].remove(_NO_KEY)
    schema: Any = schemathesis.openapi.from_dict(document, config=_config(plan, target))
    if plan.only:
        schema = schema.include(operation_id_regex=plan.only)
    schema.app = target.app

    def filter_failure(
        context: HookContext, failure: Failure, case: Case[Any], response: Response
    ) -> bool:
        excluded = outcome.ledger.excludes(failure, case, response)
        if not excluded:
            outcome.backend_log[case.id] = list(target.backend.asked)
        return not excluded

    schema.hook(filter_failure)
    checks.watch(target.backend)
    for event in from_schema(schema).execute():
        _note(outcome, event)
    return outcome


def _config(plan: Plan, target: Target) -> SchemathesisConfig:
    is_moody = target.backend.mood == "moody"
    document: dict[str, Any] = {
        "seed": plan.seed,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "request-timeout": HANG,
        "output": {"sanitization": {"enabled": False}},  # so that the curl command works
        "generation": {
            "max-examples": plan.examples,
            "deterministic": plan.steady,
            "database": "none",
            "no-shrink": True,  # the backend's next response to the same request differs
        },
        "dictionaries": {name: {"values": list(values)} for name, values in _DICTIONARIES.items()},
        "parameters": {
            path: {"dictionary": name, "probability": _PROBABILITY}
            for path, name in _FIELDS.items()
        },
        "phases": {name: {"enabled": name in plan.phases} for name in PHASES},
        "checks": {
            **{name: {"enabled": not is_moody} for name in _CHECKS_OF_A_WILLING_BACKEND},
            # Ollama accepts some requests that violate its schema; the backend may still fail.
            "negative_data_rejection": {"expected-statuses": ["4xx", "5xx"]},
        },
    }
    if plan.steady:  # responses contain timestamps and random names: no data for later requests
        document["phases"]["fuzzing"] |= {"extra-data-sources": {"responses": False}}
    if plan.seconds is not None:
        document["max-time"] = plan.seconds
    if target.url is not None:
        document["base-url"] = target.url
    if target.key is not None:
        document["auth"] = {"openapi": {"bearer": {"bearer": target.key}}}
    return SchemathesisConfig.from_dict(document)


def _note(outcome: Outcome, event: events.EngineEvent) -> None:
    if isinstance(event, events.ScenarioFinished):
        _note_responses(outcome, event.recorder)
        outcome.findings += _findings(event.recorder, outcome.backend_log)
    elif isinstance(event, events.PhaseFinished):
        outcome.phases[event.phase.name.value] = event.status.value
    elif isinstance(event, events.NonFatalError):
        outcome.findings.append(Finding(event.label, "error", str(event.info.message), ""))
    elif isinstance(event, events.FatalError):
        raise event.exception


def _note_responses(outcome: Outcome, recorder: ScenarioRecorder) -> None:
    for case_id, interaction in recorder.interactions.items():
        status = interaction.response.status_code if interaction.response is not None else 0
        outcome.statuses[recorder.cases[case_id].value.operation.label, status] += 1
        for check in recorder.checks.get(case_id, ()):
            outcome.passed[check.name] += check.failure_info is None


def _findings(recorder: ScenarioRecorder, backend_log: dict[str, list[str]]) -> Iterator[Finding]:
    for case_id, results in recorder.checks.items():
        for check in results:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                label = recorder.cases[case_id].value.operation.label
                lines = [f"{failure.title}: {failure.message}", _shown(recorder, case_id)]
                text = "\n".join(lines + [line[:_SHOWN] for line in backend_log.get(case_id, ())])
                yield Finding(label, check.name, text, check.failure_info.code_sample)


def _shown(recorder: ScenarioRecorder, case_id: str) -> str:
    interaction = recorder.interactions.get(case_id)
    if interaction is None or interaction.response is None:
        return "no response"
    body = interaction.response.content[:_SHOWN].decode(errors="replace")
    return f"{interaction.response.status_code} {body}"

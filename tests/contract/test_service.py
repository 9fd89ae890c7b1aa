"""The service holds to specs/ollama.yaml, and to specs/openai.yaml behind it."""

import re
from typing import Any

import pytest

from ollama_openai_proxy.config.settings import Settings
from ollama_openai_proxy.spec import load_spec
from tests.fakes.client import client_of
from tests.fakes.generated import GeneratedBackend

from .campaign import PHASES, Outcome, Plan, run
from .exclusions import EXCLUSIONS, RARE
from .report import described
from .targets import KEY, in_process, on_a_socket

SEED = 20_261_123


@pytest.fixture(scope="module")
def only(request: pytest.FixtureRequest) -> str:
    """The one operation that scripts/mutate wants to know of; else empty."""
    return str(request.config.getoption("--operation", default=""))


@pytest.fixture(scope="module")
def willing(only: str) -> Outcome:
    """All operations and phases, on a backend that does what it is asked."""
    with in_process(GeneratedBackend(SEED)) as target:
        if only:
            return run(
                target, Plan(SEED, 10, ("examples", "coverage", "fuzzing"), only=f"^{only}$")
            )
        return run(target, Plan(SEED, 10))


@pytest.fixture(scope="module")
def moody() -> Outcome:
    """The same over sockets, on a backend that refuses at times, or breaks off."""
    with on_a_socket(GeneratedBackend(SEED, "moody")) as target:
        return run(target, Plan(SEED, 20, ("examples", "fuzzing", "stateful")))


@pytest.fixture(scope="module")
def odd() -> Outcome:
    """All fields of all operations, on a backend that refuses at times."""
    with in_process(GeneratedBackend(SEED, "moody")) as target:
        return run(target, Plan(SEED, 1, ("coverage",)))


@pytest.fixture(scope="module")
def guarded() -> Outcome:
    """A service that asks for a key; requests without one, or with another, are tried as well."""
    with in_process(GeneratedBackend(SEED), KEY) as target:
        plan = Plan(
            SEED, 1, ("examples", "coverage"), only="list|ps|heartbeat|version|healthz|readyz|me"
        )
        return run(target, plan)


@pytest.fixture(scope="module")
def everything(willing: Outcome, moody: Outcome, odd: Outcome, guarded: Outcome) -> Outcome:
    """All that happened."""
    outcome = Outcome()
    for part in (willing, moody, odd, guarded):
        outcome.add(part)
    return outcome


def shown(outcome: Outcome) -> str:
    """Everything that was found."""
    return "\n\n".join(map(described, outcome.findings))


def test_the_service_keeps_its_contract(willing: Outcome, only: str) -> None:
    assert shown(willing) == ""
    assert only or {willing.phases[name] for name in PHASES} == {"success"}


def test_it_does_so_over_sockets_on_a_backend_that_fails_at_times(moody: Outcome) -> None:
    assert shown(moody) == ""


def test_no_field_changes_that(odd: Outcome) -> None:
    assert shown(odd) == ""


def test_it_does_so_when_it_asks_for_a_key(guarded: Outcome) -> None:
    assert shown(guarded) == ""
    assert guarded.passed["ignored_auth"] > 0


def test_every_operation_is_tried(everything: Outcome) -> None:
    tried = {operation for operation, _ in everything.statuses}
    described_ = {
        f"{method.upper()} {path}"
        for path, item in load_spec("ollama.yaml")["paths"].items()
        for method in item
        if method in ("head", "get", "post", "put", "patch", "delete")
    }
    assert tried == described_


@pytest.mark.parametrize("operation", ["chat", "generate", "embed"])
def test_operations_succeed_and_fail(everything: Outcome, operation: str) -> None:
    """Else they would be held against nothing but their refusals."""
    seen = {status for name, status in everything.statuses if name == f"POST /api/{operation}"}
    assert {200, 400} < seen
    assert seen & {429, 502, 503, 504}


@pytest.mark.parametrize("name", [row.name for row in EXCLUSIONS if row.name not in RARE])
def test_every_exclusion_is_needed(everything: Outcome, name: str) -> None:
    assert everything.ledger.uses[name] > 0


@pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        ("picture that is none", "POST", "/api/generate", {"prompt": "a", "images": ["?"]}),
        ("fields that cannot be used", "POST", "/api/generate", {"prompt": "a", "template": "b"}),
        (
            "raw text that a backend does not take",
            "POST",
            "/api/generate",
            {"prompt": "a", "raw": True},
        ),
        ("name for model", "POST", "/api/show", {"model": "", "name": "acme-7b"}),
        ("line feed in a path", "DELETE", "/api/user/keys/a%0Ab", None),
    ],
)
async def test_a_rare_exclusion_is_an_answer_of_the_service(
    name: str, method: str, path: str, body: dict[str, Any] | None, settings: Settings
) -> None:
    row = next(row for row in EXCLUSIONS if row.name == name)
    document = {"model": "acme-7b", **body} if body is not None else None
    without_raw = settings.model_copy(update={"dialect": "groq"})
    async with client_of(without_raw, GeneratedBackend(SEED).transport()) as client:
        response = await client.request(method, path, json=document)
    assert response.status_code == row.status
    assert re.search(row.body, response.text)


def test_rare_exclusions_are_rows() -> None:
    assert {row.name for row in EXCLUSIONS} >= RARE

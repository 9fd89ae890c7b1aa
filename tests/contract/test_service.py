"""The service conforms to specs/ollama.yaml, and its backend requests to specs/openai.yaml."""

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
    """The only operation to test (scripts/mutate passes it), or an empty string for all."""
    return str(request.config.getoption("--operation", default=""))


@pytest.fixture(scope="module")
def willing(only: str) -> Outcome:
    """All operations and phases, with a backend that returns no errors."""
    with in_process(GeneratedBackend(SEED)) as target:
        if only:
            return run(
                target, Plan(SEED, 10, ("examples", "coverage", "fuzzing"), only=f"^{only}$")
            )
        return run(target, Plan(SEED, 10))


@pytest.fixture(scope="module")
def moody() -> Outcome:
    """All operations over sockets, with a backend that returns errors or breaks off at random."""
    with on_a_socket(GeneratedBackend(SEED, "moody")) as target:
        return run(target, Plan(SEED, 20, ("examples", "fuzzing", "stateful")))


@pytest.fixture(scope="module")
def all_fields() -> Outcome:
    """All fields of all operations, with a backend that returns errors at random."""
    with in_process(GeneratedBackend(SEED, "moody")) as target:
        return run(target, Plan(SEED, 1, ("coverage",)))


@pytest.fixture(scope="module")
def authenticated() -> Outcome:
    """A service that requires an API key; some requests have a wrong key or no key."""
    with in_process(GeneratedBackend(SEED), KEY) as target:
        plan = Plan(
            SEED, 1, ("examples", "coverage"), only="list|ps|heartbeat|version|healthz|readyz|me"
        )
        return run(target, plan)


@pytest.fixture(scope="module")
def everything(
    willing: Outcome, moody: Outcome, all_fields: Outcome, authenticated: Outcome
) -> Outcome:
    """The results of all runs."""
    outcome = Outcome()
    for part in (willing, moody, all_fields, authenticated):
        outcome.add(part)
    return outcome


def shown(outcome: Outcome) -> str:
    """All findings."""
    return "\n\n".join(map(described, outcome.findings))


def test_the_service_keeps_its_contract(willing: Outcome, only: str) -> None:
    assert shown(willing) == ""
    assert only or {willing.phases[name] for name in PHASES} == {"success"}


def test_the_service_keeps_its_contract_over_sockets_with_a_failing_backend(moody: Outcome) -> None:
    assert shown(moody) == ""


def test_the_service_keeps_its_contract_for_every_field(all_fields: Outcome) -> None:
    assert shown(all_fields) == ""


def test_the_service_keeps_its_contract_with_authentication(authenticated: Outcome) -> None:
    assert shown(authenticated) == ""
    assert authenticated.passed["ignored_auth"] > 0


def test_every_operation_is_tested(everything: Outcome) -> None:
    tested = {operation for operation, _ in everything.statuses}
    specified = {
        f"{method.upper()} {path}"
        for path, item in load_spec("ollama.yaml")["paths"].items()
        for method in item
        if method in ("head", "get", "post", "put", "patch", "delete")
    }
    assert tested == specified


@pytest.mark.parametrize("operation", ["chat", "generate", "embed"])
def test_operations_succeed_and_fail(everything: Outcome, operation: str) -> None:
    """Otherwise only error responses would be checked, or only successful ones."""
    seen = {status for name, status in everything.statuses if name == f"POST /api/{operation}"}
    assert {200, 400} < seen
    assert seen & {429, 502, 503, 504}


@pytest.mark.parametrize("name", [row.name for row in EXCLUSIONS if row.name not in RARE])
def test_every_exclusion_is_needed(everything: Outcome, name: str) -> None:
    assert everything.ledger.uses[name] > 0


@pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        ("invalid image", "POST", "/api/generate", {"prompt": "a", "images": ["?"]}),
        ("incompatible fields", "POST", "/api/generate", {"prompt": "a", "template": "b"}),
        (
            "raw prompt without backend support",
            "POST",
            "/api/generate",
            {"prompt": "a", "raw": True},
        ),
        ("name instead of model", "POST", "/api/show", {"model": "", "name": "acme-7b"}),
        ("line feed in a path", "DELETE", "/api/user/keys/a%0Ab", None),
    ],
)
async def test_the_service_returns_the_response_of_each_rare_exclusion(
    name: str, method: str, path: str, body: dict[str, Any] | None, settings: Settings
) -> None:
    row = next(row for row in EXCLUSIONS if row.name == name)
    document = {"model": "acme-7b", **body} if body is not None else None
    without_raw = settings.model_copy(update={"dialect": "groq"})
    async with client_of(without_raw, GeneratedBackend(SEED).transport()) as client:
        response = await client.request(method, path, json=document)
    assert response.status_code == row.status
    assert re.search(row.body, response.text)


def test_every_rare_exclusion_is_in_the_list() -> None:
    assert {row.name for row in EXCLUSIONS} >= RARE

"""The access gate, called as an ASGI server calls it."""

from ipaddress import ip_address
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from ollama_openai_proxy.access.authentication import Authentication
from ollama_openai_proxy.access.cors import Origins
from ollama_openai_proxy.access.gate import Gate, _is_ours
from ollama_openai_proxy.access.keys import parse_keys
from ollama_openai_proxy.telemetry.request_metrics import measure, unobserved

LOOPBACK = ("127.0.0.1", 11434)
PASSED: list[Message] = [
    {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]},
    {"type": "http.response.body", "body": b"served"},
]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    for message in PASSED:
        await send({**message})


async def send_through_gate(listening: str = "127.0.0.1", **request: Any) -> list[Message]:
    """Return the ASGI messages that the gate sends for a request."""
    method, server = request.pop("method", "GET"), request.pop("server", LOOPBACK)
    metrics = request.pop("metrics", None) or unobserved()
    options = {name: request.pop(name) for name in ("authentication", "open") if name in request}
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/api/ps", "server": server}
    scope |= {"headers": headers}
    measure(scope, metrics)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("the gate must not read the body")

    await Gate(application, Origins(), listening, **options)(scope, receive, send)
    return sent


async def test_a_request_without_origin_to_an_allowed_host_passes_unchanged() -> None:
    assert await send_through_gate(host="localhost:11434") == PASSED


async def test_lifespan_events_are_passed_through() -> None:
    seen = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    gate: Any = Gate(application, Origins(), "127.0.0.1")
    await gate({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("listening", "server", "status"),
    [
        ("127.0.0.1", LOOPBACK, 403),
        ("localhost", ("::1", 1), 403),
        ("0.0.0.0", LOOPBACK, 200),
        ("", LOOPBACK, 200),
        ("192.168.1.2", ("192.168.1.2", 1), 200),
        ("127.0.0.1", ("192.168.1.2", 1), 200),
        ("127.0.0.1", ("/run/socket", None), 200),
        ("127.0.0.1", None, 200),
    ],
)
async def test_the_host_is_checked_only_when_listening_on_loopback(
    listening: str, server: object, status: int
) -> None:
    start, _ = await send_through_gate(listening, server=server, host="evil.example")
    assert start["status"] == status


async def test_the_origin_is_checked_before_the_host() -> None:
    start, _ = await send_through_gate(
        host="evil.example", origin="http://localhost", method="OPTIONS"
    )
    assert start["status"] == 204
    start, _ = await send_through_gate(host="evil.example", origin="http://localhost")
    assert start["status"] == 403
    assert (b"access-control-allow-origin", b"http://localhost") in start["headers"]


async def test_cors_headers_are_appended_for_an_allowed_origin() -> None:
    start, body = await send_through_gate(host="localhost", origin="http://localhost:3000")
    assert start["headers"] == [
        (b"x", b"y"),
        (b"access-control-allow-origin", b"http://localhost:3000"),
        (b"vary", b"Origin"),
    ]
    assert body["body"] == b"served"


@pytest.mark.parametrize(
    ("address", "ours"), [("127.0.0.1", True), ("203.0.113.7", False), ("2001:db8::1", False)]
)
def test_an_address_is_ours_if_it_can_be_bound(address: str, ours: bool) -> None:
    assert _is_ours(ip_address(address)) is ours


@pytest.mark.parametrize(
    ("server", "status"),
    [
        (("192.168.1.2", 1), 403),
        (("2001:db8::1", 1), 403),
        (("0.0.0.0", 1), 403),
        (LOOPBACK, 200),
        (("::1", 1), 200),
        (("::ffff:127.0.0.1", 1), 200),
        (("/run/socket", None), 200),
        (None, 200),
    ],
)
@pytest.mark.parametrize("listening", ["127.0.0.1", "0.0.0.0"])
async def test_non_loopback_servers_reject_requests_without_keys_unless_open(
    listening: str, server: object, status: int
) -> None:
    """Another ASGI server may listen on an address other than the configured one."""
    headers = {"host": "localhost"}
    start, body = await send_through_gate(listening, server=server, open=False, **headers)
    assert (start["status"], b"OLLAMA_OPENAI_PROXY_API_KEYS" in body["body"]) == (
        status,
        status == 403,
    )
    start, _ = await send_through_gate(listening, server=server, open=True, **headers)
    assert start["status"] == 200


async def test_a_known_key_is_accepted_and_its_name_is_recorded() -> None:
    authentication = Authentication(parse_keys("laptop:k-1"))
    other_address = ("192.168.1.2", 1)
    for server in (other_address, LOOPBACK):
        metrics = unobserved()
        request: dict[str, Any] = {
            "authentication": authentication,
            "open": False,
            "server": server,
            "host": "localhost",
        }
        start, _ = await send_through_gate(authorization="Bearer k-1", metrics=metrics, **request)
        assert (start["status"], metrics.key) == (200, "laptop")
        start, _ = await send_through_gate(authorization="Bearer k-2", **request)
        assert start["status"] == 401


async def test_a_disallowed_host_is_rejected_before_authentication() -> None:
    authentication = Authentication(parse_keys("k-1"))
    start, body = await send_through_gate(host="evil.example", authentication=authentication)
    assert (start["status"], body["body"]) == (403, b"")

"""The gate in front of the application, as a server would call it."""

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


async def asked(listening: str = "127.0.0.1", **request: Any) -> list[Message]:
    """What the server is told to send."""
    method, server = request.pop("method", "GET"), request.pop("server", LOOPBACK)
    metrics = request.pop("metrics", None) or unobserved()
    doors = {name: request.pop(name) for name in ("authentication", "open") if name in request}
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/api/ps", "server": server}
    scope |= {"headers": headers}
    measure(scope, metrics)
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody needs the body")

    await Gate(application, Origins(), listening, **doors)(scope, receive, send)
    return said


async def test_a_request_of_no_page_to_one_of_our_names_passes_untouched() -> None:
    assert await asked(host="localhost:11434") == PASSED


async def test_what_is_no_request_passes() -> None:
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
async def test_hosts_are_looked_at_only_where_we_are_heard_here_alone(
    listening: str, server: object, status: int
) -> None:
    start, _ = await asked(listening, server=server, host="evil.example")
    assert start["status"] == status


async def test_a_page_is_looked_at_before_the_host() -> None:
    start, _ = await asked(host="evil.example", origin="http://localhost", method="OPTIONS")
    assert start["status"] == 204
    start, _ = await asked(host="evil.example", origin="http://localhost")
    assert start["status"] == 403
    assert (b"access-control-allow-origin", b"http://localhost") in start["headers"]


async def test_a_page_that_may_ask_is_told_so_behind_the_other_headers() -> None:
    start, body = await asked(host="localhost", origin="http://localhost:3000")
    assert start["headers"] == [
        (b"x", b"y"),
        (b"access-control-allow-origin", b"http://localhost:3000"),
        (b"vary", b"Origin"),
    ]
    assert body["body"] == b"served"


@pytest.mark.parametrize(
    ("address", "ours"), [("127.0.0.1", True), ("203.0.113.7", False), ("2001:db8::1", False)]
)
def test_an_address_is_ours_if_one_can_bind_to_it(address: str, ours: bool) -> None:
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
async def test_unless_it_is_to_be_open_nobody_elsewhere_is_served_without_a_key(
    listening: str, server: object, status: int
) -> None:
    """Another server may carry the application elsewhere than the settings say."""
    headers = {"host": "localhost"}
    start, body = await asked(listening, server=server, open=False, **headers)
    assert (start["status"], b"OLLAMA_OPENAI_PROXY_API_KEYS" in body["body"]) == (
        status,
        status == 403,
    )
    start, _ = await asked(listening, server=server, open=True, **headers)
    assert start["status"] == 200


async def test_with_keys_everybody_is_served_who_has_one_and_its_name_is_kept() -> None:
    door = Authentication(parse_keys("laptop:k-1"))
    elsewhere = ("192.168.1.2", 1)
    for server in (elsewhere, LOOPBACK):
        metrics = unobserved()
        ask: dict[str, Any] = {
            "authentication": door,
            "open": False,
            "server": server,
            "host": "localhost",
        }
        start, _ = await asked(authorization="Bearer k-1", metrics=metrics, **ask)
        assert (start["status"], metrics.key) == (200, "laptop")
        start, _ = await asked(authorization="Bearer k-2", **ask)
        assert start["status"] == 401


async def test_a_host_that_is_none_of_ours_is_refused_before_its_key_is_looked_at() -> None:
    door = Authentication(parse_keys("k-1"))
    start, body = await asked(host="evil.example", authentication=door)
    assert (start["status"], body["body"]) == (403, b"")

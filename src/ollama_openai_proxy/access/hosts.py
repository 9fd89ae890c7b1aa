"""Host header validation, a protection against DNS rebinding.

A page of evil.example can resolve that name to 127.0.0.1, and then has the same origin as this
service. Only the Host header reveals it (server/routes.go, allowedHostsMiddleware).
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

_SUFFIXES = (".localhost", ".local", ".internal")
# The networks of Go's IsPrivate; Python's `is_private` covers more.
_PRIVATE = [
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]


class Hosts:
    """Names and addresses by which clients may call the service.

    `hostname` is the name of this machine; `is_ours` returns whether one of its interfaces has an
    address.
    """

    def __init__(self, hostname: str, is_ours: Callable[[Address], bool]) -> None:
        self._names = frozenset(["", "localhost", hostname.lower()])
        self._is_ours = is_ours

    def allows(self, header: str) -> bool:
        """Whether a Host header has an allowed name or address."""
        host = _without_port(header)
        address = _address(host)
        return self.allows_name(header) if address is None else self._allows_address(address)

    def allows_name(self, header: str) -> bool:
        """Whether a Host header has an allowed name. False for addresses."""
        name = _without_port(header).lower()
        return name in self._names or name.endswith(_SUFFIXES)

    def _allows_address(self, address: Address) -> bool:
        return (
            address.is_loopback
            or address.is_unspecified
            or any(address in network for network in _PRIVATE if network.version == address.version)
            or self._is_ours(address)
        )


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` is reachable from this machine alone."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_elsewhere(host: str) -> bool:
    """Whether `host` is an address that other machines can reach. False for names."""
    address = _address(host)
    return address is not None and not address.is_loopback


def _address(host: str) -> Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _without_port(header: str) -> str:
    """The host of Go's net.SplitHostPort, or the whole header if that fails, as for `[::1]`."""
    host, colon, _ = header.rpartition(":")
    if not colon:
        return header
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    return header if ":" in host or "[" in host or "]" in host else host

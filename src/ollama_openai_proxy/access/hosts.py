"""Which names the service may be called by: a guard against pages that rebind their own name.

A page of evil.example can make that name mean 127.0.0.1, and is then of the same origin as we are;
only the Host header gives it away (server/routes.go, allowedHostsMiddleware).
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

_ENDS = (".localhost", ".local", ".internal")
_PRIVATE = [
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]  # what Go calls so; Python calls more by that name


class Hosts:
    """`hostname` is the machine's; `is_ours` says whether one of its interfaces has an address."""

    def __init__(self, hostname: str, is_ours: Callable[[Address], bool]) -> None:
        self._names = frozenset(["", "localhost", hostname.lower()])
        self._is_ours = is_ours

    def allows(self, header: str) -> bool:
        """Whether a Host header is one of ours."""
        host = _without_port(header)
        address = _address(host)
        return self.allows_name(header) if address is None else self._allows_address(address)

    def allows_name(self, header: str) -> bool:
        """Whether it is one of our names, not an address."""
        name = _without_port(header).lower()
        return name in self._names or name.endswith(_ENDS)

    def _allows_address(self, address: Address) -> bool:
        return (
            address.is_loopback
            or address.is_unspecified
            or any(address in network for network in _PRIVATE if network.version == address.version)
            or self._is_ours(address)
        )


def is_loopback(host: str) -> bool:
    """Whether who listens on `host` is heard on this machine alone."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_elsewhere(host: str) -> bool:
    """Whether `host` is an address at which other machines reach us; a name is none."""
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
    """As Go's net.SplitHostPort, and all of it where that fails: `[::1]` stays as it is."""
    host, colon, _ = header.rpartition(":")
    if not colon:
        return header
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    return header if ":" in host or "[" in host or "]" in host else host

"""Where the counters are read: of each replica, at URLs, or as Prometheus has them."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from .error_rate import ERRORS, REQUESTS, UNCOUNTED, Count
from .exposition import samples

type Reading = Mapping[str, Count]
type Read = Callable[[], Reading]

_TIMEOUT = 10.0
# Inside the replica, which nothing outside need reach; the key comes by the standard input, since
# a list of processes shows arguments.
_INSIDE = """
import sys, urllib.request
key = sys.stdin.read().strip()
url = "http://127.0.0.1:11434/metrics"
headers = {"authorization": "Bearer " + key} if key else {}
sys.stdout.write(urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5).read().decode())
"""


class Unreadable(Exception):
    """No counters; the message says where and why."""


def metrics_key() -> str:
    return (os.environ.get("METRICS_KEY") or os.environ.get("SMOKE_KEY") or "").strip()


def at_urls(urls: Sequence[str]) -> Read:
    return lambda: {url: _count(url, _get(url.rstrip("/") + "/metrics")) for url in urls}


def in_replicas(replicas: Callable[[], Sequence[str]], inside: Callable[[str], list[str]]) -> Read:
    """`inside` is the command that runs another one in a replica."""

    def read() -> Reading:
        readings = {}
        for replica in replicas():
            command = [*inside(replica), "python", "-c", _INSIDE]
            done = subprocess.run(
                command,
                input=metrics_key(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if done.returncode == 0:  # else it is on its way in or out
                readings[replica] = _count(replica, done.stdout)
        if not readings:
            raise Unreadable("no replica tells its counters")
        return readings

    return read


def in_prometheus(url: str) -> Read:
    """All replicas as one, so that one which is gone does not take its counts along."""
    left_out = f'operation!~"{"|".join(UNCOUNTED)}"'
    queries = (f"sum({REQUESTS}{{{left_out}}})", f'sum({ERRORS}{{fault="server",{left_out}}})')

    def read() -> Reading:
        return {url: Count(*(_value(url, query) for query in queries))}

    return read


def _value(url: str, query: str) -> float:
    answer = json.loads(_get(f"{url.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"))
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def _count(where: str, text: str) -> Count:
    try:
        return Count.of(samples(text))
    except ValueError as error:
        raise Unreadable(f"{where}: {error}") from None


def _get(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise Unreadable(f"{url}: neither http:// nor https://")
    key = metrics_key()
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        with urlopen(Request(url, headers=headers), timeout=_TIMEOUT) as response:  # noqa: S310
            return str(response.read().decode())
    except OSError as error:
        raise Unreadable(f"{url}: {error}") from None

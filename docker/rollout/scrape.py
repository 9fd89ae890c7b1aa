"""Scrapes the request counters: from each replica, from URLs, or from Prometheus."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from .error_rate import ERRORS, REQUESTS, UNCOUNTED, Count
from .exposition import samples

type Counts = Mapping[str, Count]  # by replica
type Scrape = Callable[[], Counts]

_TIMEOUT = 10.0
# This runs inside the replica, whose port need not be reachable from here. The key is passed on
# standard input because arguments are visible in the process list.
_INSIDE = """
import sys, urllib.request
key = sys.stdin.read().strip()
url = "http://127.0.0.1:11434/metrics"
headers = {"authorization": "Bearer " + key} if key else {}
sys.stdout.write(urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5).read().decode())
"""


class ScrapeFailed(Exception):
    """The counters cannot be read. The message names the replica or URL and the reason."""


def metrics_key() -> str:
    return (os.environ.get("METRICS_KEY") or os.environ.get("SMOKE_KEY") or "").strip()


def scrape_urls(urls: Sequence[str]) -> Scrape:
    return lambda: {url: _count(url, _get(url.rstrip("/") + "/metrics")) for url in urls}


def scrape_replicas(
    replicas: Callable[[], Sequence[str]], inside: Callable[[str], list[str]]
) -> Scrape:
    """Scrape through the orchestrator: `inside` returns the command prefix that runs a program in a
    replica."""

    def scrape() -> Counts:
        counts = {}
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
            if done.returncode == 0:  # otherwise the replica is starting or stopping
                counts[replica] = _count(replica, done.stdout)
        if not counts:
            raise ScrapeFailed("no replica returned its counters")
        return counts

    return scrape


def query_prometheus(url: str) -> Scrape:
    """Query the sum over all replicas from Prometheus, which also counts removed replicas."""
    counted = f'operation!~"{"|".join(UNCOUNTED)}"'
    queries = (f"sum({REQUESTS}{{{counted}}})", f'sum({ERRORS}{{fault="server",{counted}}})')

    def scrape() -> Counts:
        return {url: Count(*(_value(url, query) for query in queries))}

    return scrape


def _value(url: str, query: str) -> float:
    response = json.loads(_get(f"{url.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"))
    result = response["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def _count(source: str, text: str) -> Count:
    try:
        return Count.of(samples(text))
    except ValueError as error:
        raise ScrapeFailed(f"{source}: {error}") from None


def _get(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ScrapeFailed(f"{url}: expected a URL that starts with http:// or https://")
    key = metrics_key()
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        with urlopen(Request(url, headers=headers), timeout=_TIMEOUT) as response:  # noqa: S310
            return str(response.read().decode())
    except OSError as error:
        raise ScrapeFailed(f"{url}: {error}") from None

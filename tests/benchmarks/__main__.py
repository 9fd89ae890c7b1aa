"""Measures the proxy beside a do-nothing relay on the same stack."""

import argparse
import asyncio
import json
import shlex
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

import uvloop

from . import report
from .dialect import Dialect, Ollama, OpenAI
from .load import WrongAnswer
from .process import ServerFailed, free_port, serving
from .scenarios import QUICK, SCENARIOS, Effort, Measures, System, measure, warm_up

_PROXY_COMMAND = (
    "{python} -m ollama_openai_proxy serve --host 127.0.0.1 --port {port}"
    " --backend-url http://127.0.0.1:{backend}/v1 --log-level warning"
)
_RELAY_COMMAND = (
    "{python} -m tests.benchmarks.relay --port {port} --backend http://127.0.0.1:{backend}"
)
_BACKEND_COMMAND = "{python} -m tests.benchmarks.fake_backend"
_DIALECTS: dict[str, Dialect] = {"ollama": Ollama(), "openai": OpenAI()}
_TIMEOUT = 600


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: about 13 seconds")
    parser.add_argument("--rounds", type=int, help="medians are over these (3; quick: 1)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), metavar="PATH")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when over the budget")
    parser.add_argument(
        "--proxy-command",
        default=_PROXY_COMMAND,
        help="what to measure; {python}, {port} and {backend} (a port) are filled in",
    )
    parser.add_argument(
        "--proxy-api",
        choices=_DIALECTS,
        default="ollama",
        help="the API that it speaks",
    )
    return parser.parse_args()


def _command(template: str, port: int = 0, backend: int = 0) -> list[str]:
    places = {"python": sys.executable, "port": port, "backend": backend}
    return [part.format(**places) for part in shlex.split(template)]


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _start(stack: AsyncExitStack, options: argparse.Namespace) -> list[System]:
    """The bare backend first."""
    backend = await stack.enter_async_context(serving(_command(_BACKEND_COMMAND)))
    systems = [System("direct", OpenAI(), backend, backend.port)]
    for name, template, dialect in (
        (report.RELAY, _RELAY_COMMAND, _DIALECTS["openai"]),
        (report.PROXY, options.proxy_command, _DIALECTS[options.proxy_api]),
    ):
        port = free_port()
        command = _command(template, port, backend.port)
        server = await stack.enter_async_context(serving(command, port))
        systems.append(System(name, dialect, server, backend.port))
    return systems


async def _rounds(systems: list[System], effort: Effort) -> list[dict[str, Measures]]:
    backend, *measured = systems
    start = {system.name: system.server.resident_megabytes() for system in measured}
    for system in systems:
        await warm_up(system)
    rounds = []
    for number in range(effort.rounds):
        _progress(f"round {number + 1} of {effort.rounds}")
        results: dict[str, Measures] = {
            name: {"memory_start": megabytes} for name, megabytes in start.items()
        }
        for scenario in SCENARIOS:
            for name, measures in (await measure(scenario, backend, measured, effort)).items():
                results[name] |= measures
        measured.reverse()
        rounds.append(results)
    return rounds


async def bench(options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    effort = QUICK if options.quick else Effort()
    if options.rounds:
        effort = replace(effort, rounds=options.rounds)
    begin = perf_counter()
    async with asyncio.timeout(_TIMEOUT), AsyncExitStack() as stack:
        rounds = await _rounds(await _start(stack, options), effort)
    _progress(f"{perf_counter() - begin:.0f} seconds")
    print(report.comparison(rounds), report.budget(rounds), sep="\n\n")
    settings = asdict(effort) | {"proxy_command": options.proxy_command}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report.document(rounds, settings), indent=2) + "\n")
    return 1 if options.strict and report.over_budget(rounds) else 0


def _explain(failure: BaseException) -> None:
    for note in getattr(failure, "__notes__", ()):
        _progress(note)
    if isinstance(failure, BaseExceptionGroup):
        _explain(failure.exceptions[0])
    else:
        _progress(f"bench: {str(failure) or 'took too long'}")


def main() -> int:
    try:
        return uvloop.run(bench(arguments()))
    except* (WrongAnswer, ServerFailed, TimeoutError) as errors:
        _explain(errors)
    except* (asyncio.CancelledError, KeyboardInterrupt):
        _progress("bench: stopped")
    return 2


if __name__ == "__main__":
    sys.exit(main())

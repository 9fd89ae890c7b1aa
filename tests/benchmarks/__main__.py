"""Runs the benchmark. Exits with 1 if --strict fails, with 2 if nothing could be measured."""

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

from . import report, worktrees
from .dialect import Dialect, Ollama, OpenAI
from .document import document
from .load import WrongResponse
from .machine import BUSY, Cores, Usage, raise_file_limit, usage
from .options import effort, parse
from .process import ServerFailed
from .rounds import Bench, History
from .rows import UnknownRows, select
from .scenarios import Scenario, scenarios
from .systems import Build, Launcher

_DIALECTS: Mapping[str, type[Dialect]] = {"ollama": Ollama, "openai": OpenAI}
_PYTHON = Path(".venv/bin/python")


class Disturbed(Exception):
    """Other processes use too much CPU."""


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def refusal(before: Usage, after: Usage) -> str | None:
    """The reason not to start if other processes were busy in between, or None."""
    others = after.others_since(before)
    if others <= BUSY:
        return None
    return (
        f"other processes use {others:.0%} of a core, more than {BUSY:.0%}; "
        "stop them, or pass --force to measure anyway"
    )


def _builds(options: argparse.Namespace) -> tuple[list[Build], dict[str, str]]:
    """The builds to measure besides the relay, and their commits by name."""
    dialect = _DIALECTS[options.proxy_api]()
    if not options.compare:
        build = Build(report.PROXY, dialect, template=options.proxy_command)
        return [build], {report.PROXY: worktrees.working_tree()}
    commits = {report.BASE: worktrees.commit_of(options.compare)}
    commits[report.HEAD] = (
        worktrees.commit_of(options.head) if options.head else worktrees.working_tree()
    )
    builds = []
    for name, revision in ((report.BASE, options.compare), (report.HEAD, options.head)):
        build = Build(name, dialect, template=options.proxy_command)
        if revision:
            _progress(f"installing {name}, {commits[name][:12]}")
            folder = worktrees.checkout(revision)
            build = Build(name, dialect, folder / _PYTHON, folder, options.proxy_command)
        builds.append(build)
    return builds, commits


async def _measure(
    builds: Sequence[Build], wanted: Sequence[Scenario], options: argparse.Namespace
) -> History:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    if not options.force:
        before = usage()
        await asyncio.sleep(1)
        if why := refusal(before, usage()):
            raise Disturbed(why)
    cores = Cores.available()
    os.sched_setaffinity(0, cores.load)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        names = dict.fromkeys(scenario.site for scenario in wanted)
        sites = await Launcher(builds, cores, folder).start(stack, list(names))
        gc.freeze()
        return await Bench(sites, effort(options), options.force, _progress).run(wanted)


def _conclude(
    found: Sequence[report.Result], options: argparse.Namespace, written: dict[str, Any]
) -> int:
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(written, indent=2) + "\n")
    if options.compare:
        print(report.comparison_table(found, options.limit))
        failed = report.exceeding(found, options.limit)
    else:
        print(report.ratios_table(found))
        failed = report.missed(found)
    if options.strict and failed:
        _progress(f"bench: over the {'limit' if options.compare else 'goal'}: {', '.join(failed)}")
        return 1
    return 0


def bench(options: argparse.Namespace) -> int:
    rows = select(options.rows)
    builds, commits = _builds(options)
    raise_file_limit()
    begin = perf_counter()
    history = uvloop.run(_measure(builds, scenarios(rows), options))
    _progress(f"{perf_counter() - begin:.0f} s")
    found = report.results(rows, history, force=options.force)
    settings = asdict(effort(options)) | {
        name: getattr(options, name) for name in ("force", "proxy_command", "proxy_api", "limit")
    }
    code = _conclude(found, options, document(found, commits, settings))
    if lost := [row.name for row in rows if row not in [result.row for result in found]]:
        raise Disturbed(
            f"other processes were busy in every round of {', '.join(lost)}; "
            "stop them, or pass --force to measure anyway"
        )
    return code


def _explain(failure: BaseException) -> None:
    for note in getattr(failure, "__notes__", ()):
        _progress(note)
    if isinstance(failure, BaseExceptionGroup):
        _explain(failure.exceptions[0])
    else:
        _progress(f"bench: {failure}")


def main() -> int:
    try:
        return bench(parse())
    except* (WrongResponse, ServerFailed, Disturbed, UnknownRows, worktrees.BuildFailed) as errors:
        _explain(errors)
    except* (asyncio.CancelledError, KeyboardInterrupt):
        _progress("bench: stopped")
    return 2


if __name__ == "__main__":
    sys.exit(main())

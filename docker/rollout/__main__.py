"""The commands behind scripts/deploy, scripts/rollback and scripts/watch-errors."""

import argparse
import sys
import time

from .deployment import Outcome, deploy, go_back
from .orchestrators import ORCHESTRATORS, Orchestrator
from .scrape import Scrape, query_prometheus, scrape_replicas, scrape_urls
from .settings_file import NoSuchEnvironment, read_environment
from .watch import Limits, watch

_STARTED = time.monotonic()


def main() -> int:
    options = _parser().parse_args()
    try:
        return int(options.command(options))
    except NoSuchEnvironment as error:
        print(error, file=sys.stderr)
        return 2


def _deploy(options: argparse.Namespace) -> int:
    orchestrator = _orchestrator(options)
    return deploy(
        orchestrator,
        options.image,
        url=options.url,
        scrape=_scrape(options, orchestrator),
        limits=_limits(options),
        log=_log,
    )


def _rollback(options: argparse.Namespace) -> int:
    outcome = go_back(_orchestrator(options), _log)
    return 0 if outcome is Outcome.TAKEN_BACK else int(outcome)


def _watch(options: argparse.Namespace) -> int:
    scrape = (
        query_prometheus(options.prometheus) if options.prometheus else scrape_urls(options.url)
    )
    verdict = watch(scrape, _limits(options), _log)
    _log(verdict.reason)
    return 0 if verdict.good else 1


def _orchestrator(options: argparse.Namespace) -> Orchestrator:
    variables = read_environment(options.environment)
    name = options.orchestrator or variables.get("ORCHESTRATOR") or "swarm"
    return ORCHESTRATORS[name](options.environment, variables)


def _scrape(options: argparse.Namespace, orchestrator: Orchestrator) -> Scrape:
    if options.prometheus:
        return query_prometheus(options.prometheus)
    return scrape_replicas(orchestrator.replicas, orchestrator.inside)


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(options.seconds, options.percent / 100, options.requests)


def _log(text: str) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rollout")
    commands = parser.add_subparsers(required=True)
    environment = argparse.ArgumentParser(add_help=False)
    environment.add_argument("environment", help="development, ci, staging or production")
    environment.add_argument(
        "--orchestrator",
        choices=ORCHESTRATORS,
        help="default: ORCHESTRATOR in the settings file, or swarm",
    )
    limits = argparse.ArgumentParser(add_help=False)
    limits.add_argument(
        "--prometheus",
        metavar="URL",
        help="read the counters from this Prometheus instead of the replicas",
    )
    limits.add_argument(
        "--seconds",
        type=float,
        default=60,
        help="how long to watch the error rate; default: %(default)s",
    )
    limits.add_argument(
        "--percent",
        type=float,
        default=10,
        help="maximum error rate in percent; default: %(default)s",
    )
    limits.add_argument(
        "--requests",
        type=int,
        default=20,
        help="minimum number of requests for a meaningful error rate; default: %(default)s",
    )

    deploying = commands.add_parser("deploy", parents=[environment, limits])
    deploying.add_argument("image", help="image with its digest: NAME@sha256:...")
    deploying.add_argument(
        "--url", help="URL of the service, for the smoke test; SMOKE_KEY is the API key"
    )
    deploying.set_defaults(command=_deploy)
    commands.add_parser("rollback", parents=[environment]).set_defaults(command=_rollback)
    watching = commands.add_parser("watch", parents=[limits])
    watching.add_argument("url", nargs="*", help="URLs of the replicas, which serve /metrics")
    watching.set_defaults(command=_watch)
    return parser


if __name__ == "__main__":
    sys.exit(main())

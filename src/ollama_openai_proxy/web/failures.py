"""Errors that are reported for the exceptions that end a request."""

import asyncio
import logging

from ..errors import ProxyError, ShuttingDown
from ..telemetry import RequestMetrics

_log = logging.getLogger(__name__)


def failure_of(error: BaseException, metrics: RequestMetrics) -> ProxyError:
    """The ProxyError to report for `error`; it is also recorded in `metrics`.

    A cancellation means that the service is shutting down and uvicorn no longer waits. Any other
    exception that is not a ProxyError is logged with its traceback and reported without details.
    """
    if isinstance(error, ProxyError):
        failure = error
    elif isinstance(error, asyncio.CancelledError):
        failure = ShuttingDown()
    else:
        _log.error(
            "internal_error operation=%s request_id=%s",
            metrics.operation,
            metrics.id,
            exc_info=error,
        )
        failure = ProxyError("internal error")
    metrics.fail(failure)
    return failure

"""The error that is reported for an exception that ends a request, before or after its head."""

import asyncio
import logging

from ..errors import ProxyError, ShuttingDown
from ..telemetry import RequestMetrics

_log = logging.getLogger(__name__)


def failure_of(error: BaseException, metrics: RequestMetrics) -> ProxyError:
    """The error of ours for `error`, which is recorded in `metrics`.

    A cancellation means that the service ends (uvicorn does not wait any longer). Anything else
    that is not a ProxyError is logged with its traceback and reported without details.
    """
    if isinstance(error, ProxyError):
        failure = error
    elif isinstance(error, asyncio.CancelledError):
        failure = ShuttingDown()
    else:
        _log.error("operation %s failed", metrics.operation, exc_info=error)
        failure = ProxyError("internal error")
    metrics.fail(failure)
    return failure

"""Forwarding of events to several observers. Failures of an observer are logged and ignored."""

import logging

from .events import BackendAnswered, Observer, RequestFinished, Side

_log = logging.getLogger(__name__)


class Observers(Observer):
    """Forwards each event to all of `others`."""

    def __init__(self, *others: Observer) -> None:
        self._others = others

    def request_finished(self, details: RequestFinished) -> None:
        """Forward the event."""
        for other in self._others:
            try:
                other.request_finished(details)
            except Exception:  # noqa: BLE001  (a broken observer must not fail a request)
                _failed(other)

    def stream_opened(self, operation: str) -> None:
        """Forward the event."""
        for other in self._others:
            try:
                other.stream_opened(operation)
            except Exception:  # noqa: BLE001
                _failed(other)

    def backend_answered(self, details: BackendAnswered) -> None:
        """Forward the event."""
        for other in self._others:
            try:
                other.backend_answered(details)
            except Exception:  # noqa: BLE001
                _failed(other)

    def contract_violated(self, side: Side) -> None:
        """Forward the event."""
        for other in self._others:
            try:
                other.contract_violated(side)
            except Exception:  # noqa: BLE001
                _failed(other)

    def unsolicited_data(self) -> None:
        """Forward the event."""
        for other in self._others:
            try:
                other.unsolicited_data()
            except Exception:  # noqa: BLE001
                _failed(other)


def _failed(observer: Observer) -> None:
    _log.exception("observer_failed observer=%s", type(observer).__name__)

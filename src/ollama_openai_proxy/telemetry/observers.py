"""All observers at once; one that fails is logged and harms nothing."""

import logging

from .events import BackendAnswered, Observer, RequestFinished, Side

_log = logging.getLogger(__name__)


class Observers(Observer):
    """Tells each of the others."""

    def __init__(self, *others: Observer) -> None:
        self._others = others

    def request_finished(self, details: RequestFinished) -> None:
        """Tells them."""
        for other in self._others:
            try:
                other.request_finished(details)
            except Exception:  # noqa: BLE001  (no request may fail for who looks on)
                _failed(other)

    def stream_opened(self, operation: str) -> None:
        """Tells them."""
        for other in self._others:
            try:
                other.stream_opened(operation)
            except Exception:  # noqa: BLE001
                _failed(other)

    def backend_answered(self, details: BackendAnswered) -> None:
        """Tells them."""
        for other in self._others:
            try:
                other.backend_answered(details)
            except Exception:  # noqa: BLE001
                _failed(other)

    def contract_violated(self, side: Side) -> None:
        """Tells them."""
        for other in self._others:
            try:
                other.contract_violated(side)
            except Exception:  # noqa: BLE001
                _failed(other)

    def unsolicited_data(self) -> None:
        """Tells them."""
        for other in self._others:
            try:
                other.unsolicited_data()
            except Exception:  # noqa: BLE001
                _failed(other)


def _failed(observer: Observer) -> None:
    _log.exception("%s failed", type(observer).__name__)

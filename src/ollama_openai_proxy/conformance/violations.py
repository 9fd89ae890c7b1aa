"""Logs and counts violations of the specifications at run time."""

import logging
from collections.abc import Callable
from typing import Literal

type Side = Literal["client", "backend"]

_log = logging.getLogger(__name__)
_SHOWN = 3
"""The number of violations that a message lists."""
_MAX_LENGTH = 300
"""Maximum length of a message, in characters."""


class ViolationReporter:
    """Logs each contract violation without content, and calls `count` for it.

    If it `enforces` the contract, callers must reject the invalid message.
    """

    def __init__(self, count: Callable[[Side], None], *, enforces: bool) -> None:
        self._count = count
        self.enforces = enforces

    def report(self, side: Side, what: str, violations: list[str]) -> str:
        """Report that `what` violates the specification, and return the message for an error."""
        self._count(side)
        more = ["…"] if len(violations) > _SHOWN else []
        listed = ", ".join([*violations[:_SHOWN], *more])
        text = f"{what} violates the specification: {listed}"[:_MAX_LENGTH]
        _log.warning("contract_violation side=%s: %s", side, text)
        return text

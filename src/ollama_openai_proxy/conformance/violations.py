"""What happens where something is not as specified, while the service runs."""

import logging
from collections.abc import Callable
from typing import Literal

type Side = Literal["client", "backend"]

_log = logging.getLogger(__name__)
_SHOWN = 3
_LONGEST = 300


class ViolationReporter:
    """Tells of each breach: once in the log, without content, and once to `count`.

    Where it `enforces`, what is not as specified goes no further.
    """

    def __init__(self, count: Callable[[Side], None], *, enforces: bool) -> None:
        self._count = count
        self.enforces = enforces

    def report(self, side: Side, what: str, violations: list[str]) -> str:
        """Tells that `what` is not as specified; the text for who is answered."""
        self._count(side)
        more = ["…"] if len(violations) > _SHOWN else []
        text = f"{what} is not as specified: {', '.join([*violations[:_SHOWN], *more])}"[:_LONGEST]
        _log.warning("%s", text)
        return text

"""The lifecycle state of the service, which the readiness check reports."""


class Lifecycle:
    """The state of one process: `draining` is true once it has received a signal to stop."""

    __slots__ = ("draining",)

    def __init__(self) -> None:
        self.draining = False

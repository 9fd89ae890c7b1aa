"""Where the service stands in its life; told to who asks whether it is ready."""


class Lifecycle:
    """One process's: `draining` from the moment it is told to end."""

    __slots__ = ("draining",)

    def __init__(self) -> None:
        self.draining = False

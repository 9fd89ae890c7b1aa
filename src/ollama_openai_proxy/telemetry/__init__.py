"""What is told of requests: facts are gathered while one runs, and read by observers at its end."""

from .events import BackendAnswered, Observer, RequestFinished
from .observers import Observers
from .request_metrics import current

__all__ = ["BackendAnswered", "Observer", "Observers", "RequestFinished", "current"]

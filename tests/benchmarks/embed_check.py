"""The check of embeddings: their values, within float32's precision."""

import math

from . import canned
from .dialect import Dialect, require
from .load import Response

_TOLERANCE = 1e-6  # float32 has 24 bits: 6e-8, and scaling adds a few roundings


class EmbedCheck:
    """Compares the first response of a run with the canned vectors, the others with the first.

    Decoding each response would need more CPU in the load generator than most proxies need for it.
    The rest of the body may differ, because Ollama's responses contain durations.
    """

    def __init__(self, dialect: Dialect, model: str) -> None:
        self._dialect = dialect
        vectors = canned.vectors(model)
        self._expected = [canned.scaled(v) for v in vectors] if dialect.scales else vectors
        self._first = b""

    def __call__(self, response: Response) -> None:
        require(response.status == 200, f"status {response.status}", response)
        start = max(response.body.find(b"[["), 0)
        end = response.body.rfind(b"]") + 1
        if not self._first:
            self._compare(response)
            self._first = response.body[start:end]
        same = response.body[start:end] == self._first
        require(same, "embeddings differ from those of the first response", response)

    def _compare(self, response: Response) -> None:
        found = self._dialect.vectors(response)
        sizes = [len(vector) for vector in found]
        require(sizes == [canned.DIMENSIONS] * canned.INPUTS, f"sizes {sizes}", response)
        for index, (vector, expected) in enumerate(zip(found, self._expected, strict=True)):
            close = all(
                math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=1e-9)
                for a, b in zip(vector, expected, strict=True)
            )
            require(close, f"wrong values in embedding {index}", response)

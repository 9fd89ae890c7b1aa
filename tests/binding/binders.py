"""A binder for each operation that takes a body."""

from typing import Any

from ollama_openai_proxy_models import ollama

from ollama_openai_proxy.handlers import HANDLERS
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.web.binding.request_decoder import RequestDecoder

SCHEMAS = load_spec("ollama.yaml")["components"]["schemas"]
NAMES = {
    operation: handler.body.__name__
    for operation, handler in HANDLERS.items()
    if handler.body is not None
}
BINDERS: dict[str, RequestDecoder[Any]] = {
    operation: RequestDecoder(getattr(ollama, name), SCHEMAS[name], SCHEMAS)
    for operation, name in NAMES.items()
}

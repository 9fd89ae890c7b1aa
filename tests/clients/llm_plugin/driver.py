"""llm with the plugin llm-ollama: the library behind the `llm` command."""

import base64
import os
from collections.abc import Iterator
from typing import Any

import llm

from tests.clients.driving import (
    OPTIONS,
    PIXEL,
    QUESTION,
    SCHEMA,
    TEXTS,
    Asked,
    Told,
    drive,
    get_weather,
)


def _model(asked: Asked) -> Any:
    os.environ["OLLAMA_HOST"] = asked.host
    return llm.get_model(f"ollama/{asked.model}")


def models(asked: Asked, told: Told) -> None:
    os.environ["OLLAMA_HOST"] = asked.host
    found: list[Any] = [*llm.get_models(), *llm.get_embedding_models()]
    ids = [model.model_id for model in found]
    told["models"] = [id_.removeprefix("ollama/") for id_ in ids if id_.startswith("ollama/")]


def whole(asked: Asked, told: Told) -> None:
    answer = _model(asked).prompt(QUESTION, stream=False, **OPTIONS)
    told["text"] = answer.text()
    told["usage"] = [answer.usage().input, answer.usage().output]


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []
    answer = _model(asked).prompt(QUESTION, **OPTIONS)
    for piece in answer:
        told["pieces"].append(piece)
    told["usage"] = [answer.usage().input, answer.usage().output]


def call(asked: Asked, told: Told) -> None:
    _calling(asked, told, stream=False)


def calls(asked: Asked, told: Told) -> None:
    _calling(asked, told, stream=True)


def _calling(asked: Asked, told: Told, *, stream: bool) -> None:
    chain = _model(asked).conversation(tools=[get_weather]).chain(QUESTION, stream=stream)
    answers = list(chain.responses())
    told["calls"] = [
        [made.name, made.arguments] for answer in answers for made in answer.tool_calls()
    ]
    told["text"] = answers[-1].text()


def structured(asked: Asked, told: Told) -> None:
    import json

    answer = _model(asked).prompt(QUESTION, schema=SCHEMA, **OPTIONS)
    told["value"] = json.loads(answer.text())


def think(asked: Asked, told: Told) -> None:
    _thinking(asked, told, think=True)


def plain(asked: Asked, told: Told) -> None:
    _thinking(asked, told, think=False)


def _thinking(asked: Asked, told: Told, *, think: bool) -> None:
    events = list(_model(asked).prompt(QUESTION, think=think).stream_events())
    told["thinking"] = "".join(event.chunk for event in events if event.type == "reasoning")
    told["text"] = "".join(event.chunk for event in events if event.type == "text")


def picture(asked: Asked, told: Told) -> None:
    seen = llm.Attachment(type="image/png", content=base64.b64decode(PIXEL))
    told["text"] = _model(asked).prompt(QUESTION, attachments=[seen]).text()


def embed(asked: Asked, told: Told) -> None:
    os.environ["OLLAMA_HOST"] = asked.host
    model = llm.get_embedding_model(f"ollama/{asked.model}")
    told["vectors"] = list(model.embed_multi(TEXTS))
    told["vector"] = model.embed(TEXTS[0])


def leave(asked: Asked, told: Told) -> None:
    pieces: Iterator[str] = iter(_model(asked).prompt(QUESTION))
    told["pieces"] = [next(pieces)]
    del pieces


drive(models, whole, stream, call, calls, structured, think, plain, picture, embed, leave)

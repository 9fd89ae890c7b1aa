"""ollama-python, in the current and in an old version."""

import json
from typing import Any

from ollama import Client

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

USER: dict[str, Any] = {"role": "user", "content": QUESTION}


def models(asked: Asked, told: Told) -> None:
    told["models"] = [model.model for model in Client(asked.host).list().models]


def whole(asked: Asked, told: Told) -> None:
    answer = Client(asked.host).chat(asked.model, [USER], options=OPTIONS)
    told["text"] = answer.message.content
    told["usage"] = [answer.prompt_eval_count, answer.eval_count]


def stream(asked: Asked, told: Told) -> None:
    told["pieces"] = []
    for part in Client(asked.host).chat(asked.model, [USER], options=OPTIONS, stream=True):
        told["pieces"].append(part.message.content)
    told["usage"] = [part.prompt_eval_count, part.eval_count]


def call(asked: Asked, told: Told) -> None:
    client = Client(asked.host)
    first = client.chat(asked.model, [USER], tools=[get_weather])
    _finish(client, asked, told, list(first.message.tool_calls or ()))


def calls(asked: Asked, told: Told) -> None:
    client = Client(asked.host)
    parts = client.chat(asked.model, [USER], tools=[get_weather], stream=True)
    _finish(client, asked, told, [x for part in parts for x in part.message.tool_calls or ()])


def _finish(client: Client, asked: Asked, told: Told, made: list[Any]) -> None:
    told["calls"] = [[x.function.name, dict(x.function.arguments)] for x in made]
    results = [
        {"role": "tool", "content": get_weather(**arguments)} for _, arguments in told["calls"]
    ]
    messages = [USER, {"role": "assistant", "content": "", "tool_calls": made}, *results]
    answer = client.chat(asked.model, messages, tools=[get_weather])
    told["text"] = answer.message.content


def structured(asked: Asked, told: Told) -> None:
    answer = Client(asked.host).chat(asked.model, [USER], format=SCHEMA, options=OPTIONS)
    told["value"] = json.loads(answer.message.content or "")


def think(asked: Asked, told: Told) -> None:
    parts = list(Client(asked.host).chat(asked.model, [USER], think=True, stream=True))
    told["thinking"] = "".join(part.message.thinking or "" for part in parts)
    told["text"] = "".join(part.message.content or "" for part in parts)


def plain(asked: Asked, told: Told) -> None:
    answer = Client(asked.host).chat(asked.model, [USER], think=False)
    told["thinking"] = answer.message.thinking or ""
    told["text"] = answer.message.content


def picture(asked: Asked, told: Told) -> None:
    answer = Client(asked.host).chat(asked.model, [{**USER, "images": [PIXEL]}])
    told["text"] = answer.message.content


def embed(asked: Asked, told: Told) -> None:
    client = Client(asked.host)
    told["vectors"] = client.embed(asked.model, TEXTS).embeddings
    told["vector"] = client.embeddings(asked.model, TEXTS[0]).embedding


def leave(asked: Asked, told: Told) -> None:
    parts: Any = Client(asked.host).chat(asked.model, [USER], stream=True)
    told["pieces"] = [next(parts).message.content]
    parts.close()


drive(models, whole, stream, call, calls, structured, think, plain, picture, embed, leave)

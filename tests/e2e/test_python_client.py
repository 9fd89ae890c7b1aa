"""The official Python client, unmodified, against a real model."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from ollama import ChatResponse, Client, EmbedResponse, GenerateResponse, ResponseError
from pydantic import BaseModel

from tests.fakes.limits import HANG

SHORT = {"num_predict": 16, "temperature": 0, "seed": 7}
GREETING = [{"role": "user", "content": "Say hello."}]


class Verdict(BaseModel):
    is_fruit: bool
    colour: Literal["red", "green", "blue"]


@pytest.fixture
def client(real_url: str) -> Iterator[Client]:
    with Client(host=real_url, timeout=HANG) as client:
        yield client


def _check_counters(answer: ChatResponse | GenerateResponse) -> None:
    counters = (
        answer.total_duration,
        answer.load_duration,
        answer.prompt_eval_count,
        answer.prompt_eval_duration,
        answer.eval_count,
        answer.eval_duration,
    )
    assert all(isinstance(counter, int) and counter > 0 for counter in counters), counters
    total, load, _, prompt, _, answering = (counter or 0 for counter in counters)
    assert total >= load + prompt + answering


def _length(vector: list[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in vector))


def test_list_tells_of_the_model(client: Client, model: str) -> None:
    [listed] = client.list().models
    assert listed.model == model
    assert listed.size is not None
    assert listed.size > 50_000_000
    assert listed.digest is not None
    assert len(listed.digest) == 64
    assert listed.modified_at is not None
    assert listed.modified_at.tzinfo is not None
    assert listed.details is not None
    assert listed.details.family == "smollm2"


def test_show_tells_the_capabilities_and_the_length_of_the_context(
    client: Client, model: str
) -> None:
    shown = client.show(model)
    assert shown.capabilities is not None
    assert "completion" in shown.capabilities
    assert shown.modelinfo is not None
    architecture = shown.modelinfo["general.architecture"]
    assert shown.modelinfo[f"{architecture}.context_length"] == 2048
    assert shown.modelinfo[f"{architecture}.embedding_length"] == 576


def test_a_loaded_model_is_listed_until_it_is_unloaded(client: Client, model: str) -> None:
    assert client.chat(model, messages=[]).done_reason == "load"
    assert client.generate(model).done_reason == "load"
    [running] = client.ps().models
    assert running.model == model
    assert running.expires_at is not None
    assert running.expires_at > datetime.now(UTC)
    assert client.generate(model, keep_alive=0).done_reason == "unload"
    assert client.ps().models == []
    assert client.chat(model, messages=[], keep_alive="1m").done_reason == "load"
    assert client.chat(model, messages=[], keep_alive="0s").done_reason == "unload"
    assert client.ps().models == []


def test_chat_answers_whole(client: Client, model: str) -> None:
    answer = client.chat(model, messages=GREETING, options=SHORT)
    assert answer.model == model
    assert answer.done
    assert answer.message.role == "assistant"
    assert answer.message.content
    _check_counters(answer)


def test_chat_streams_the_same_answer_in_pieces(client: Client, model: str) -> None:
    whole = client.chat(model, messages=GREETING, options=SHORT)
    *parts, last = client.chat(model, messages=GREETING, options=SHORT, stream=True)
    assert len(parts) > 1
    assert "".join(part.message.content or "" for part in parts) == whole.message.content
    assert not any(part.done for part in parts)
    assert {part.message.role for part in [*parts, last]} == {"assistant"}
    assert last.done
    assert last.message.content == ""
    assert last.done_reason == whole.done_reason
    assert last.eval_count == whole.eval_count
    _check_counters(last)


def test_generate_answers_whole(client: Client, model: str) -> None:
    answer = client.generate(model, "Say hello.", system="You are kind.", options=SHORT)
    assert answer.done
    assert answer.response
    _check_counters(answer)


def test_generate_streams_the_same_answer_in_pieces(client: Client, model: str) -> None:
    whole = client.generate(model, "Say hello.", options=SHORT)
    *parts, last = client.generate(model, "Say hello.", options=SHORT, stream=True)
    assert len(parts) > 1
    assert "".join(part.response or "" for part in parts) == whole.response
    assert last.done
    assert last.response == ""
    _check_counters(last)


def test_embed_gives_one_vector_of_length_one_for_one_text(client: Client, model: str) -> None:
    answer: EmbedResponse = client.embed(model, "The sky is blue.")
    [vector] = answer.embeddings
    assert len(vector) == 576
    assert _length(list(vector)) == pytest.approx(1, abs=1e-4)
    assert answer.prompt_eval_count
    assert answer.total_duration
    assert answer.total_duration >= (answer.load_duration or 0) > 0


def test_embed_gives_the_vectors_in_the_order_of_the_texts(client: Client, model: str) -> None:
    texts = ["The sky is blue.", "Bread is baked in an oven.", "def add(a, b):", "Wie geht es dir?"]
    together = client.embed(model, texts).embeddings
    assert len(together) == len(texts)
    for text, vector in zip(texts, together, strict=True):
        [alone] = client.embed(model, text).embeddings
        assert list(vector) == pytest.approx(list(alone), abs=2e-3)
    assert list(together[0]) != pytest.approx(list(together[1]), abs=2e-3)


def test_embeddings_gives_a_vector_in_the_same_direction(client: Client, model: str) -> None:
    vector = list(client.embeddings(model, "The sky is blue.").embedding)
    [unit] = client.embed(model, "The sky is blue.").embeddings
    length = _length(vector)
    assert [value / length for value in vector] == pytest.approx(list(unit), abs=2e-3)


def test_an_answer_keeps_to_a_json_schema(client: Client, model: str) -> None:
    answer = client.chat(
        model,
        messages=[{"role": "user", "content": "Is an apple a fruit, and of which colour?"}],
        format=Verdict.model_json_schema(),
        options={**SHORT, "num_predict": 64},
    )
    assert Verdict.model_validate_json(answer.message.content or "")
    assert answer.done_reason == "stop"


def test_num_predict_ends_the_answer(client: Client, model: str) -> None:
    answer = client.generate(model, "Tell a story.", options={**SHORT, "num_predict": 5})
    assert answer.eval_count == 5
    assert answer.done_reason == "length"


def test_a_seed_without_temperature_gives_the_same_answer_twice(client: Client, model: str) -> None:
    first, second = (client.generate(model, "Tell a story.", options=SHORT) for _ in range(2))
    assert first.response == second.response


def test_stop_ends_the_answer_before_its_text(client: Client, model: str) -> None:
    whole = client.generate(model, "Tell a story.", options=SHORT).response or ""
    stop = whole.split()[3]
    stopped = client.generate(model, "Tell a story.", options={**SHORT, "stop": [stop]})
    assert (stopped.response or "").rstrip() == whole[: whole.index(stop)].rstrip()
    assert stopped.done_reason == "stop"


def test_the_case_of_a_name_does_not_matter_and_is_echoed(client: Client, model: str) -> None:
    answer = client.chat(model.upper(), messages=GREETING, options=SHORT)
    assert answer.model == model.upper()
    assert answer.message.content
    assert client.show(model.upper()).modelinfo == client.show(model).modelinfo


def test_an_unknown_model_is_a_404_in_the_words_of_ollama(client: Client) -> None:
    not_found = "model 'nosuch' not found"
    try_pulling = 'model "nosuch" not found, try pulling it first'
    for ask, text in (
        (lambda: client.chat("nosuch", messages=GREETING), not_found),
        (lambda: next(client.chat("nosuch", messages=GREETING, stream=True)), not_found),
        (lambda: client.generate("nosuch", "hi"), not_found),
        (lambda: client.show("nosuch"), "model 'nosuch:latest' not found"),
        (lambda: client.embed("nosuch", "hi"), try_pulling),
        (lambda: client.embeddings("nosuch", "hi"), try_pulling),
    ):
        with pytest.raises(ResponseError) as raised:
            ask()
        assert raised.value.status_code == 404
        assert raised.value.error == text

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


def _check_counters(response: ChatResponse | GenerateResponse) -> None:
    counters = (
        response.total_duration,
        response.load_duration,
        response.prompt_eval_count,
        response.prompt_eval_duration,
        response.eval_count,
        response.eval_duration,
    )
    assert all(isinstance(counter, int) and counter > 0 for counter in counters), counters
    total, load, _, prompt, _, evaluation = (counter or 0 for counter in counters)
    assert total >= load + prompt + evaluation


def _length(vector: list[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in vector))


def test_list_returns_the_model(client: Client, model: str) -> None:
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


def test_show_returns_the_capabilities_and_the_context_length(client: Client, model: str) -> None:
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


def test_chat_returns_a_complete_response(client: Client, model: str) -> None:
    response = client.chat(model, messages=GREETING, options=SHORT)
    assert response.model == model
    assert response.done
    assert response.message.role == "assistant"
    assert response.message.content
    _check_counters(response)


def test_streamed_chat_equals_the_complete_response(client: Client, model: str) -> None:
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


def test_generate_returns_a_complete_response(client: Client, model: str) -> None:
    response = client.generate(model, "Say hello.", system="You are kind.", options=SHORT)
    assert response.done
    assert response.response
    _check_counters(response)


def test_streamed_generate_equals_the_complete_response(client: Client, model: str) -> None:
    whole = client.generate(model, "Say hello.", options=SHORT)
    *parts, last = client.generate(model, "Say hello.", options=SHORT, stream=True)
    assert len(parts) > 1
    assert "".join(part.response or "" for part in parts) == whole.response
    assert last.done
    assert last.response == ""
    _check_counters(last)


def test_embed_returns_one_vector_of_length_one_for_one_input(client: Client, model: str) -> None:
    response: EmbedResponse = client.embed(model, "The sky is blue.")
    [vector] = response.embeddings
    assert len(vector) == 576
    assert _length(list(vector)) == pytest.approx(1, abs=1e-4)
    assert response.prompt_eval_count
    assert response.total_duration
    assert response.total_duration >= (response.load_duration or 0) > 0


def test_embed_returns_vectors_in_the_order_of_the_inputs(client: Client, model: str) -> None:
    texts = ["The sky is blue.", "Bread is baked in an oven.", "def add(a, b):", "Wie geht es dir?"]
    together = client.embed(model, texts).embeddings
    assert len(together) == len(texts)
    for text, vector in zip(texts, together, strict=True):
        [alone] = client.embed(model, text).embeddings
        assert list(vector) == pytest.approx(list(alone), abs=2e-3)
    assert list(together[0]) != pytest.approx(list(together[1]), abs=2e-3)


def test_embeddings_returns_a_vector_with_the_same_direction(client: Client, model: str) -> None:
    vector = list(client.embeddings(model, "The sky is blue.").embedding)
    [unit] = client.embed(model, "The sky is blue.").embeddings
    length = _length(vector)
    assert [value / length for value in vector] == pytest.approx(list(unit), abs=2e-3)


def test_the_content_matches_a_json_schema(client: Client, model: str) -> None:
    response = client.chat(
        model,
        messages=[{"role": "user", "content": "Is an apple a fruit, and of which colour?"}],
        format=Verdict.model_json_schema(),
        options={**SHORT, "num_predict": 64},
    )
    assert Verdict.model_validate_json(response.message.content or "")
    assert response.done_reason == "stop"


def test_num_predict_limits_the_number_of_tokens(client: Client, model: str) -> None:
    response = client.generate(model, "Tell a story.", options={**SHORT, "num_predict": 5})
    assert response.eval_count == 5
    assert response.done_reason == "length"


def test_a_seed_and_temperature_zero_make_responses_reproducible(
    client: Client, model: str
) -> None:
    first, second = (client.generate(model, "Tell a story.", options=SHORT) for _ in range(2))
    assert first.response == second.response


def test_a_stop_sequence_ends_the_response_before_it(client: Client, model: str) -> None:
    whole = client.generate(model, "Tell a story.", options=SHORT).response or ""
    stop = whole.split()[3]
    stopped = client.generate(model, "Tell a story.", options={**SHORT, "stop": [stop]})
    assert (stopped.response or "").rstrip() == whole[: whole.index(stop)].rstrip()
    assert stopped.done_reason == "stop"


def test_model_names_are_case_insensitive_and_returned_as_sent(client: Client, model: str) -> None:
    response = client.chat(model.upper(), messages=GREETING, options=SHORT)
    assert response.model == model.upper()
    assert response.message.content
    assert client.show(model.upper()).modelinfo == client.show(model).modelinfo


def test_an_unknown_model_is_a_404_with_the_messages_of_ollama(client: Client) -> None:
    not_found = "model 'nosuch' not found"
    try_pulling = 'model "nosuch" not found, try pulling it first'
    for call, message in (
        (lambda: client.chat("nosuch", messages=GREETING), not_found),
        (lambda: next(client.chat("nosuch", messages=GREETING, stream=True)), not_found),
        (lambda: client.generate("nosuch", "hi"), not_found),
        (lambda: client.show("nosuch"), "model 'nosuch:latest' not found"),
        (lambda: client.embed("nosuch", "hi"), try_pulling),
        (lambda: client.embeddings("nosuch", "hi"), try_pulling),
    ):
        with pytest.raises(ResponseError) as raised:
            call()
        assert raised.value.status_code == 404
        assert raised.value.error == message

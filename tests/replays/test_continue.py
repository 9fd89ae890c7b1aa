"""Continue.

It shows a model by `name`, splits streams at newlines, and takes a key `error` or `type` for more
than it says.
"""

import json
from typing import Any

from tests.fakes.transport import FakeTransport, chunk, completion, events, json_reply, stream_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, document, last_line, raw_lines, says, streams


async def test_a_model_is_shown_by_its_name(post: Post) -> None:
    told = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert isinstance(told["parameters"], str)
    assert ".Suffix" not in told["template"], "it would fill in the middle"


async def test_no_line_has_a_key_that_means_more(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],'
        '"options":{"num_ctx":8192,"num_predict":2048},"keep_alive":1800,"stream":true}'
    )
    response = await post("/api/chat", body)
    told = [json.loads(line) for line in raw_lines(response)]
    assert not any({"error", "type"} & line.keys() for line in told)
    assert {line["message"]["role"] for line in told} == {"assistant"}
    assert last_line(response).done


async def test_a_failure_in_the_text_is_a_line_of_its_own(
    backend: FakeTransport, post: Post
) -> None:
    failure = b'data: {"error":{"message":"out of memory"}}\n\n'
    said = events(chunk("Hel"), done=False)
    backend.reply("/chat/completions", stream_reply(said, failure))
    body = f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}]}}'
    *_, last = raw_lines(await post("/api/chat", body))
    assert json.loads(last) == {"error": "out of memory"}


async def test_a_raw_prompt_is_continued(backend: FakeTransport, post: Post) -> None:
    text = {"object": "text_completion", "choices": [{"text": "x = 1", "finish_reason": "stop"}]}
    backend.reply("/chat/completions", json_reply(completion("x = 1")))
    backend.reply("/completions", json_reply(text))
    body = (
        f'{{"model":"{MODEL}","prompt":"<PRE>a<SUF>b<MID>","suffix":"","raw":true,'
        '"options":{"num_ctx":8192,"stop":["<EOT>"]},"keep_alive":1800,"stream":false}'
    )
    assert document(await post("/api/generate", body), dict[str, Any])["response"] == "x = 1"

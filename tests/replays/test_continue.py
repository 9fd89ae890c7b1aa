"""Continue.

It sends `name` to /api/show, splits streams at newlines, and treats a line with a key `error` or
`type` specially.
"""

import json
from typing import Any

from tests.fakes.transport import FakeTransport, chunk, completion, events, json_reply, stream_reply
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, content, document, last_line, raw_lines, reply_with


async def test_show_accepts_a_name_instead_of_a_model(post: Post) -> None:
    shown = document(await post("/api/show", f'{{"name":"{MODEL}"}}'), dict[str, Any])
    assert isinstance(shown["parameters"], str)
    assert ".Suffix" not in shown["template"], "it would send fill-in-the-middle prompts"


async def test_no_line_has_an_error_or_type_key(backend: FakeTransport, post: Post) -> None:
    reply_with(backend, *content("Hel", "lo"))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],'
        '"options":{"num_ctx":8192,"num_predict":2048},"keep_alive":1800,"stream":true}'
    )
    response = await post("/api/chat", body)
    decoded = [json.loads(line) for line in raw_lines(response)]
    assert not any({"error", "type"} & line.keys() for line in decoded)
    assert {line["message"]["role"] for line in decoded} == {"assistant"}
    assert last_line(response).done


async def test_an_error_in_the_stream_is_a_separate_line(
    backend: FakeTransport, post: Post
) -> None:
    failure = b'data: {"error":{"message":"out of memory"}}\n\n'
    stream = events(chunk("Hel"), done=False)
    backend.reply("/chat/completions", stream_reply(stream, failure))
    body = f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}]}}'
    *_, last = raw_lines(await post("/api/chat", body))
    assert json.loads(last) == {"error": "out of memory"}


async def test_a_raw_prompt_is_completed(backend: FakeTransport, post: Post) -> None:
    text = {"object": "text_completion", "choices": [{"text": "x = 1", "finish_reason": "stop"}]}
    backend.reply("/chat/completions", json_reply(completion("x = 1")))
    backend.reply("/completions", json_reply(text))
    body = (
        f'{{"model":"{MODEL}","prompt":"<PRE>a<SUF>b<MID>","suffix":"","raw":true,'
        '"options":{"num_ctx":8192,"stop":["<EOT>"]},"keep_alive":1800,"stream":false}'
    )
    assert document(await post("/api/generate", body), dict[str, Any])["response"] == "x = 1"

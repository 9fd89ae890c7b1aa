"""Roo Code.

It fetches the model list before each turn. A single invalid entry makes it discard the whole list.
"""

from typing import Annotated, Any

import httpx
from msgspec import Meta, Struct

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Line, content, document, last_line, lines, reply_with


class Details(Struct):
    family: str
    parameter_size: str
    families: list[str] | None = None
    format: str | None = None
    quantization_level: str | None = None
    parent_model: str | None = None


class Listed(Struct):
    name: str
    model: str
    modified_at: str
    size: int
    digest: Annotated[str, Meta(min_length=12)]
    details: Details


class Tags(Struct):
    models: list[Listed]


class Shown(Struct):
    model_info: dict[str, Any]
    capabilities: list[str]
    details: Details
    template: str | None = None
    parameters: str | None = None
    license: str | None = None
    modelfile: str | None = None


async def test_every_listed_model_is_valid(kept_client: httpx.AsyncClient, post: Post) -> None:
    [listed] = document(await kept_client.get("/api/tags"), Tags).models
    shown = document(await post("/api/show", f'{{"model":"{listed.model}"}}'), Shown)
    lengths = [shown.model_info[key] for key in shown.model_info if "context_length" in key]
    assert len(lengths) == 1, "it uses the first one"
    assert isinstance(lengths[0], int)
    assert "tools" in shown.capabilities, "it hides models without tools"


async def test_a_tool_result_in_a_user_message_is_forwarded(
    backend: FakeTransport, post: Post
) -> None:
    reply_with(backend, *content("Done", "."))
    body = (
        f'{{"model":"{MODEL}","messages":[{{"role":"system","content":"You are Roo"}},'
        '{"role":"user","content":"Read a.txt"},'
        '{"role":"assistant","content":"<read_file>a.txt</read_file>"},'
        '{"role":"user","content":"[read_file] Result: hello"}],'
        '"stream":true,"options":{"temperature":0}}'
    )
    response = await post("/api/chat", body)
    assert "".join(line.message.content for line in lines(response, Line)) == "Done."
    assert last_line(response).done
    roles = [message["role"] for message in backend.asked("/chat/completions")[0]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


async def test_an_unknown_model_is_a_404(post: Post) -> None:
    response = await post("/api/show", '{"model":"nosuch"}')
    assert response.status_code == 404

"""Roo Code.

One entry that is not as it wants makes it refuse the whole list, which it reads before each turn.
"""

from typing import Annotated, Any

import httpx
from msgspec import Meta, Struct

from tests.fakes.transport import FakeTransport
from tests.replays.conftest import Post
from tests.replays.strict import MODEL, Line, document, last_line, lines, says, streams


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


async def test_no_entry_spoils_the_list(kept_client: httpx.AsyncClient, post: Post) -> None:
    [listed] = document(await kept_client.get("/api/tags"), Tags).models
    shown = document(await post("/api/show", f'{{"model":"{listed.model}"}}'), Shown)
    lengths = [shown.model_info[key] for key in shown.model_info if "context_length" in key]
    assert len(lengths) == 1, "it takes the first that it finds"
    assert isinstance(lengths[0], int)
    assert "tools" in shown.capabilities, "it hides models without"


async def test_a_result_comes_as_what_the_user_says(backend: FakeTransport, post: Post) -> None:
    streams(backend, *says("Done", "."))
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

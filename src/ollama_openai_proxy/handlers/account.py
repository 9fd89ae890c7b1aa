"""What Ollama does by an account at ollama.com; here there is none."""

from ollama_openai_proxy_models import ollama

from ..errors import NotSignedIn, NotSupported
from ..services.context import Operation
from ..web.responses import Response, json

_NO_ACCOUNT = "there is no account at ollama.com here"


async def status(operation: Operation) -> Response:
    """Says that models of ollama.com are not to be had."""
    cloud = ollama.CloudStatus(disabled=True, source="config")
    return json(ollama.StatusResponse(cloud=cloud))


async def model_recommendations(operation: Operation) -> Response:
    """Recommends nothing: those would be models to download, or of ollama.com."""
    return json(ollama.ModelRecommendationsResponse(recommendations=[]))


async def me(operation: Operation) -> Response:
    """Refuses to tell of an account: a 401 would ask the user to sign in."""
    raise NotSupported(_NO_ACCOUNT)


async def signout(operation: Operation) -> Response:
    """Says that nobody is signed in."""
    raise NotSignedIn("you are not currently signed in")


async def delete_key(operation: Operation) -> Response:
    """The older way to sign out."""
    return await signout(operation)


async def web_search(operation: Operation, request: ollama.WebSearchRequest) -> Response:
    """Refuses to search by ollama.com."""
    raise _unavailable("web search")


async def web_fetch(operation: Operation, request: ollama.WebFetchRequest) -> Response:
    """Refuses to fetch a page by ollama.com."""
    raise _unavailable("web fetch")


def _unavailable(what: str) -> NotSupported:
    return NotSupported(f"{_NO_ACCOUNT}: {what} is unavailable")

"""What Ollama does by an account at ollama.com; here there is none."""

from ollama_openai_proxy_models import ollama

from ..errors import NotSignedIn, NotSupported
from ..services.request import Request
from ..web.responses import Response, json

_NO_ACCOUNT = "there is no account at ollama.com here"


async def status(request: Request) -> Response:
    """Says that models of ollama.com are not to be had."""
    cloud = ollama.CloudStatus(disabled=True, source="config")
    return json(ollama.StatusResponse(cloud=cloud))


async def model_recommendations(request: Request) -> Response:
    """Recommends nothing: those would be models to download, or of ollama.com."""
    return json(ollama.ModelRecommendationsResponse(recommendations=[]))


async def me(request: Request) -> Response:
    """Refuses to tell of an account: a 401 would ask the user to sign in."""
    raise NotSupported(_NO_ACCOUNT)


async def signout(request: Request) -> Response:
    """Says that nobody is signed in."""
    raise NotSignedIn("you are not currently signed in")


async def delete_key(request: Request) -> Response:
    """The older way to sign out."""
    return await signout(request)


async def web_search(request: Request, body: ollama.WebSearchRequest) -> Response:
    """Refuses to search by ollama.com."""
    raise _unavailable("web search")


async def web_fetch(request: Request, body: ollama.WebFetchRequest) -> Response:
    """Refuses to fetch a page by ollama.com."""
    raise _unavailable("web fetch")


def _unavailable(what: str) -> NotSupported:
    return NotSupported(f"{_NO_ACCOUNT}: {what} is unavailable")

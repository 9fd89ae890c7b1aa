"""Operations that need an ollama.com account, which this service does not have."""

from ollama_openai_proxy_models import ollama

from ..errors import NotSignedIn, NotSupported
from ..services.request import Request
from ..web.responses import Response, json

_NO_ACCOUNT = "this service has no ollama.com account"


async def status(request: Request) -> Response:
    """Report that the models of ollama.com are disabled."""
    cloud = ollama.CloudStatus(disabled=True, source="config")
    return json(ollama.StatusResponse(cloud=cloud))


async def model_recommendations(request: Request) -> Response:
    """Return an empty list: Ollama recommends models to download, or models of ollama.com."""
    return json(ollama.ModelRecommendationsResponse(recommendations=[]))


async def me(request: Request) -> Response:
    """Reject the request with 501, since a 401 would make clients prompt the user to sign in."""
    raise NotSupported(_NO_ACCOUNT)


async def signout(request: Request) -> Response:
    """Respond that nobody is signed in."""
    raise NotSignedIn("you are not currently signed in")


async def delete_key(request: Request) -> Response:
    """The older operation for signing out."""
    return await signout(request)


async def web_search(request: Request, body: ollama.WebSearchRequest) -> Response:
    """Reject a web search, which would run on ollama.com."""
    raise _unavailable("web search")


async def web_fetch(request: Request, body: ollama.WebFetchRequest) -> Response:
    """Reject a web fetch, which would run on ollama.com."""
    raise _unavailable("web fetch")


def _unavailable(feature: str) -> NotSupported:
    return NotSupported(f"{_NO_ACCOUNT}: {feature} is unavailable")

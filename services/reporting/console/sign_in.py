"""Who is reading: a bearer token carried in a cookie, so that a browser can hold one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.edge.auth import Caller
from services.chassis.errors import Forbidden

COOKIE = "fourgood_token"
FORM_BYTES_MAX = 16_384
"""The form at the door is a token and an address; anything longer is not from it."""


@dataclass(frozen=True)
class SignIn:
    """How a token becomes a caller, and which sample roles one click may take.

    `verify` raises Unauthenticated for a token that is wrong, expired or foreign. `tokens` is filled by
    the embedded runtime alone; elsewhere no role is offered.
    """

    verify: Callable[[str], Caller]
    tokens: Mapping[str, str] = field(default_factory=dict)

    def caller(self, request: Request) -> Caller:
        """Return who is asking. Raises Unauthenticated."""
        return self.verify(request.cookies.get(COOKIE, ""))


def remember(response: Response, token: str, *, secure: bool) -> None:
    """Keep the token until the browser closes, out of the reach of scripts and of other sites' forms."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")


def forget(response: Response) -> None:
    """Take the token back."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", path="/")


async def form_of(request: Request, bytes_max: int = FORM_BYTES_MAX) -> dict[str, str]:
    """Return the fields of a form sent by our own pages.

    Another site's page could post here too, signing a reader in as somebody else. Browsers say where a
    post comes from (Sec-Fetch-Site, else Origin); a client that says neither holds no cookie of a reader.

    Raises Forbidden for a post from elsewhere, or one far too long.
    """
    if not sent_from_here(request):
        raise Forbidden("this form was sent from another site")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise Forbidden(f"a form here is at most {bytes_max} bytes")
    fields = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {name: values[-1].strip() for name, values in fields.items()}


def sent_from_here(request: Request) -> bool:
    """Return whether a post comes from one of our own pages, as far as the browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def safe_next(path: str) -> str:
    """Return where to go after signing in: a path of this console, never another site."""
    parts = urlsplit(path)
    here = path.startswith("/") and not path.startswith(("//", "/\\"))
    local = here and not parts.netloc and not parts.scheme
    return path if local and path.isprintable() else "/"

"""The same command again: whoever names it with `Idempotency-Key` is answered with its first receipt.

The name is kept in the inbox, beside the districts' events and like them in the transaction of the
facts: a client that was never answered asks again, and nothing is done twice. Names are a caller's own,
and for ever (draft-ietf-httpapi-idempotency-key-header: the key with another request is refused).
"""

from dataclasses import asdict
from hashlib import sha256

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from services.chassis.edge.problem import problem
from services.chassis.eventlog.inbox import Accepted, Entry, Inbox
from services.chassis.eventlog.store import Receipt


class Answered(Exception):
    """The command was answered before."""

    def __init__(self, accepted: Accepted) -> None:
        super().__init__(accepted.subject)
        self.accepted = accepted


async def named(request: Request, caller: str, key: str) -> Entry:
    """Return the name `caller` gives this request. Raises Answered if it is known."""
    said = f"{request.method} {request.url.path}"
    content = sha256(f"{said}?{request.url.query}\n".encode() + await request.body()).digest()
    request.state.named = entry = Entry("", f"http:{caller}", key, content, said)
    if accepted := await answered(request):
        raise Answered(accepted)
    return entry


async def answered(request: Request) -> Accepted | None:
    """Return what the name of this request led to, None if it has none or nothing was stored by it."""
    entry: Entry | None = getattr(request.state, "named", None)
    inbox: Inbox = request.app.state.inbox
    return (await inbox.recall([entry])).get(entry.key) if entry else None


def replay(request: Request, accepted: Accepted) -> Response:
    """Return the first answer once more, and say so; 422 if it was to another request or body."""
    if accepted.digest != request.state.named.digest:
        return problem(422, "KeyReused", "this Idempotency-Key named another request, or another body")
    status = request.scope["route"].status_code or 200
    headers = {"Idempotency-Replayed": "true"}
    if status == 204:
        return Response(status_code=status, headers=headers)
    return JSONResponse(asdict(Receipt(accepted.subject, accepted.position)), status, headers)


async def answered_before(request: Request, error: Exception) -> Response:
    """Answer a command that was stored before."""
    assert isinstance(error, Answered)
    return replay(request, error.accepted)

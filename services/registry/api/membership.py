"""What becomes of members, over HTTP: asked of the cell they are at, or of the one that takes them in."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path

from contracts.message import Code
from services.chassis.edge.auth import Auth
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Origin, Receipt
from services.registry.api.person import KEEPERS
from services.registry.application import (
    EndMembership,
    ExemptMember,
    RecognizeMember,
    RecordFailedVote,
    Registry,
    ReinstateMember,
    ReleaseMember,
    TransferMember,
)
from services.registry.application.membership import (
    EndStated,
    ExemptionStated,
    FailedVoteStated,
    OfMember,
    RecognitionStated,
    ReinstatementStated,
    ReleaseStated,
    Stated,
    TransferStated,
)

Named = Annotated[Code, Path()]
C = TypeVar("C", bound=OfMember)
UseCase = Callable[[C, Origin], Awaitable[Receipt]]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked of memberships."""
    request = Annotated[Asked, Depends(Asking(auth))]
    of = registry.memberships

    async def ask(command: type[C], code: str, stated: Stated, asked: Asked, use_case: UseCase[C]) -> Receipt:
        await asked.require(rights, *KEEPERS, over=[stated.organization])
        return await use_case(command(member=code, **dict(stated)), asked.why)

    @router.post("/members/{code}/recognition", status_code=201)
    async def recognize(code: Named, stated: RecognitionStated, asked: request) -> Receipt:
        """Recognise a probationary member, from the day probation ends whatever the day of the vote.

        After three failed votes the superior does (`decided_by`), by somebody with rights over it.
        """
        if stated.decided_by:
            await asked.require(rights, "officer", over=[stated.decided_by])
        return await ask(RecognizeMember, code, stated, asked, of.recognize)

    @router.post("/members/{code}/votes", status_code=201)
    async def fail_vote(code: Named, stated: FailedVoteStated, asked: request) -> Receipt:
        """Record that the cell voted on a probationary member and too few were in favour.

        After three of them the superior decides.
        """
        return await ask(RecordFailedVote, code, stated, asked, of.fail_vote)

    @router.post("/members/{code}/release", status_code=201)
    async def release(code: Named, stated: ReleaseStated, asked: request) -> Receipt:
        """Let a member go to another cell. They stay where they are until that cell accepts."""
        return await ask(ReleaseMember, code, stated, asked, of.release)

    @router.post("/members/{code}/transfer", status_code=201)
    async def transfer(code: Named, stated: TransferStated, asked: request) -> Receipt:
        """Take in a member who was released to the cell `organization`, or who returns to it."""
        return await ask(TransferMember, code, stated, asked, of.transfer)

    @router.post("/members/{code}/exemption", status_code=201)
    async def exempt(code: Named, stated: ExemptionStated, asked: request) -> Receipt:
        """Excuse a member from taking part."""
        return await ask(ExemptMember, code, stated, asked, of.exempt)

    @router.post("/members/{code}/reinstatement", status_code=201)
    async def reinstate(code: Named, stated: ReinstatementStated, asked: request) -> Receipt:
        """Let an exempted member take part again."""
        return await ask(ReinstateMember, code, stated, asked, of.reinstate)

    @router.post("/members/{code}/end", status_code=201)
    async def end(code: Named, stated: EndStated, asked: request) -> Receipt:
        """Say that a person is no member any more: left, removed, expelled or deceased."""
        return await ask(EndMembership, code, stated, asked, of.end)

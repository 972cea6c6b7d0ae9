"""Emulation agreements over HTTP: signed by either side, and as they stand."""

from collections.abc import Collection, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts.message import Code
from services.assessment.api.page import Beyond, Limit, Page
from services.assessment.application import Assessment, SignAgreement
from services.assessment.views import MovementTold
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt


class Signature(BaseModel):
    """Who signed, and when; nobody has on a `signed_on` of null."""

    organization: Code
    signed_on: date | None


class AgreementShown(BaseModel):
    """An agreement, and both sides of it. `complete` once both have signed."""

    agreement: Code
    agreed: str
    signatures: list[Signature]
    complete: bool


class AgreementsShown(Page[AgreementShown]):
    """Agreements of an organization by code; `next` is where the rest begins."""


def add_routes(
    router: APIRouter, assessment: Assessment, told: MovementTold, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of agreements, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/agreements", status_code=201)
    async def sign(command: SignAgreement, asked: request) -> Receipt:
        """Sign an agreement, as one of its two sides."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.agreements.sign(command, asked.why)

    @router.get("/agreements")
    async def agreements(
        organization: Annotated[Code, Query()],
        by: caller,
        after: Reading,
        start: Beyond = None,
        limit: Limit = 100,
    ) -> AgreementsShown:
        """List the agreements of an organization, those that await a signature among them."""
        await after.wait(told)
        await rights.require(by, *READERS, over=[organization], after=after)
        rows = await told.signatures(organization, start or "", limit + 1)
        items = []
        for code, signatures in groupby(rows, key=itemgetter("agreement")):
            signed = list(signatures)
            sides = {signed[0]["organization"], signed[0]["partner"]}
            days = {row["organization"]: row["signed_on"] for row in signed}
            items.append(_shown(code, signed[0]["agreed"], sides, days))
        rest = len(items) > limit
        return AgreementsShown(items=items[:limit], next=items[limit - 1].agreement if rest else None)

    @router.get("/agreements/{agreement}")
    async def agreement(agreement: Annotated[Code, Path()], by: caller) -> AgreementShown:
        """Show an agreement, at once: the log answers."""
        await rights.require(by, *READERS)
        known = await assessment.agreements.find(agreement)
        first, second = sorted(known.parties)
        if not await rights.allow(by, *READERS, over=[first]):
            await rights.require(by, *READERS, over=[second])
        days = {one: date.fromisoformat(day) for one, day in known.signed.items()}
        return _shown(known.agreement, known.agreed, known.parties, days)


def _shown(code: str, agreed: str, sides: Collection[str], signed: Mapping[str, date]) -> AgreementShown:
    """Return the agreement of `sides`; `signed` is when each did that has."""
    signatures = [Signature(organization=one, signed_on=signed.get(one)) for one in sorted(sides)]
    complete = len(signed) == len(signatures)
    return AgreementShown(agreement=code, agreed=agreed, signatures=signatures, complete=complete)

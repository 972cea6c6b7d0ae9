"""Obligations over HTTP: what cells owe and what became of it, by which rules, and who is excused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from contracts.message import Code
from contracts.vocabulary import Month
from services.assessment.api.page import ROWS_MAX, Beyond, Limit, Page
from services.assessment.application import (
    Assessment,
    ExcuseObligation,
    PreviewObligations,
    RecomputeObligations,
)
from services.assessment.application.duty_packs import DutyPack
from services.assessment.application.duty_preview import Preview
from services.assessment.application.obligation import Settled
from services.assessment.domain import Period
from services.assessment.domain.obligation import Obligation, Outcome
from services.assessment.views import Duties
from services.chassis.edge.after import After, Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.sizes import CELLS

Beneath = Annotated[Code, Query(description="a cell, or a committee and the cells beneath it")]
InMonth = Annotated[Month, Query(description="the month it belongs to")]


class ObligationShown(BaseModel):
    """One thing owed, by whom, from when to when, and what became of it; open while `outcome` is null."""

    duty: str
    subject: str
    owed_by: Code
    opens_on: date
    due_on: date
    outcome: str | None
    done_on: date | None
    rests_on: list[str]
    because: str | None


class CellOwing(BaseModel):
    """How many things a cell owes in a month, by duty and outcome (OPEN without one)."""

    organization: Code
    name: str
    owed: Mapping[str, Mapping[str, int]]


class Owed(Page[CellOwing]):
    """What is owed in a month: of a cell each thing in `obligations`, beneath a committee counts by cell."""

    organization: Code
    period: Month
    obligations: list[ObligationShown]


class CellMissing(BaseModel):
    """What a cell has missed of a month, or not done by its day."""

    organization: Code
    name: str
    missing: list[ObligationShown]


class Missing(Page[CellMissing]):
    """The cells of which something is missing."""

    organization: Code
    period: Month


def add_routes(router: APIRouter, assessment: Assessment, told: Duties, rights: Rights, auth: Auth) -> None:
    """Add what is asked of obligations, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]
    duties = assessment.duties

    @router.post("/obligations/excuses", status_code=201)
    async def excuse(command: ExcuseObligation, asked: request) -> Receipt:
        """Excuse a cell from something owed of it in a month, by a decision of a committee above it."""
        await asked.require(rights, "officer", over=[command.excused_by])
        return await duties.excuse(command, asked.why)

    @router.get("/obligations/rules")
    async def rules(by: caller) -> list[DutyPack]:
        """List the rules on what is owed, each with the month from which it holds and its sources."""
        await rights.require(by, *READERS)
        return duties.packs.stated

    @router.post("/obligations/recompute")
    async def recompute(command: RecomputeObligations, asked: request) -> Settled:
        """Judge a month of a subtree anew, and record only what differs: asked twice it changes nothing."""
        await asked.require(rights, "officer", over=[command.organization])
        # a key names one recording, and here there are as many as cells: nothing is done twice without it
        return await duties.recompute(command, asked.why._replace(entry=None, seen=None))

    @router.post("/obligations/preview")
    async def preview(command: PreviewObligations, by: caller) -> Preview:
        """Show what a year of a subtree would be by other rules. Nothing is recorded."""
        await rights.require(by, *READERS, over=[command.organization])
        return await duties.preview(command)

    @router.get("/obligations")
    async def owed(
        organization: Beneath,
        period: InMonth,
        by: caller,
        after: Reading,
        start: Beyond = None,
        limit: Limit = ROWS_MAX,
    ) -> Owed:
        """Show what is owed in a month: of a cell each thing, beneath a committee how many by cell."""
        names = await cells(organization, period, by, after)
        codes = sorted(code for code in names if code != organization and code > (start or ""))
        page = codes[:limit]
        stands = await told.standing([period], [organization, *page])
        return Owed(
            organization=organization,
            period=period,
            obligations=await shown(stands.get((period, organization), ())),
            items=[
                CellOwing(organization=code, name=names[code], owed=_counted(stands.get((period, code), ())))
                for code in page
            ],
            next=page[-1] if len(codes) > limit else None,
        )

    @router.get("/obligations/missing")
    async def missing(
        organization: Beneath,
        period: InMonth,
        by: caller,
        after: Reading,
        start: Beyond = None,
        limit: Limit = ROWS_MAX,
    ) -> Missing:
        """List by cell what was missed of a month, or is not done though its day has passed."""
        names = await cells(organization, period, by, after)
        today = assessment.cells.today()
        stands = await told.standing([period], [code for code in names if code > (start or "")])
        lacking = {
            cell: [one for one in owed if _missing(one, today)] for (_, cell), owed in sorted(stands.items())
        }
        codes = [code for code, owed in lacking.items() if owed]
        page = codes[:limit]
        return Missing(
            organization=organization,
            period=period,
            items=[
                CellMissing(organization=code, name=names[code], missing=await shown(lacking[code]))
                for code in page
            ],
            next=page[-1] if len(codes) > limit else None,
        )

    async def cells(organization: str, period: str, by: Caller, after: After) -> dict[str, str]:
        """Return the names, by code, of the cells of a subtree as it was at the end of a month."""
        await after.wait(rights.tree, told)
        await rights.require(by, *READERS, over=[organization], after=after)
        day = min(Period(period).last_day, assessment.cells.today())
        beneath = await rights.tree.beneath_on(organization, day)
        return {node.code: node.name for node in beneath if node.kind in CELLS}

    async def shown(owed: Iterable[Obligation]) -> list[ObligationShown]:
        """Return them as they are shown: nothing of members who restrict the use of their data."""
        listed = list(owed)
        hidden = await duties.owing.hidden({one.subject for one in listed})
        return [
            ObligationShown.model_validate(one, from_attributes=True)
            for one in listed
            if one.member not in hidden
        ]


def _counted(owed: Iterable[Obligation]) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {}
    for one in owed:
        counted.setdefault(one.duty.value, Counter())[one.outcome.value if one.outcome else "OPEN"] += 1
    return counted


def _missing(one: Obligation, today: date) -> bool:
    return one.outcome == Outcome.MISSED or (one.outcome is None and one.due_on < today)

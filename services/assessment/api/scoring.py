"""How meetings are scored over HTTP: the packs, sheets of points, and each pack's own verdict."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from contracts.message import Code
from services.assessment.api.minutes import excused_running
from services.assessment.application import Assessment, ScoreMeeting
from services.assessment.application.scoring import PackNamed, ScoringPackStated, SheetFilledIn
from services.assessment.domain import Meeting
from services.assessment.domain.scoring import ScoringPack, of_one
from services.assessment.views import Meetings
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt

Named = Annotated[Code, Path()]


class Verdict(BaseModel):
    """What one pack says of a meeting, by whose points: the cell's, a superior's, or none but the RECORD.

    `level` is None where nothing was filled in, or the record does not tell; `criteria` say which were met.
    """

    pack: PackNamed
    by: Literal["CELL", "SUPERIOR", "RECORD"]
    superior: Code | None = None
    total: Decimal | None = None
    level: str | None = None
    criteria: dict[str, bool | None] = {}


def add_routes(
    router: APIRouter, assessment: Assessment, meetings: Meetings, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of scoring, and about it."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/meetings/{meeting}/scores", status_code=201)
    async def score(meeting: Named, sheet: SheetFilledIn, asked: request) -> Receipt:
        """Score a meeting by a pack: as the cell, or as an officer of `superior` above it."""
        if sheet.superior:
            await asked.require(rights, "officer", over=[sheet.superior])
        await asked.require(rights, "officer", "secretary", over=[sheet.organization])
        return await assessment.meetings.score(ScoreMeeting(meeting=meeting, **dict(sheet)), asked.why)

    @router.get("/meetings/{meeting}/quality")
    async def quality(meeting: Named, by: caller, after: Reading) -> list[Verdict]:
        """Show each pack's own verdict of one meeting."""
        await rights.require(by, *READERS)
        await after.wait(meetings)
        known = await assessment.meetings.find(meeting)
        await rights.require(by, *READERS, over=[known.organization], after=after)
        if known.minutes is None:
            raise NotFound(f"no minutes of {meeting}")
        sheets = [
            Verdict(
                pack=PackNamed(**one.pack),
                by="SUPERIOR" if one.superior else "CELL",
                superior=one.superior,
                total=one.total,
                level=one.level,
            )
            for one in known.sheets
        ]
        scored = {str(sheet.pack) for sheet in sheets}
        packs = assessment.meetings.packs.packs.values()
        judged = [await _judged(known, pack, meetings) for pack in packs if pack.criteria]
        silent = [_none(pack) for pack in packs if pack.components and pack.id not in scored]
        return [*judged, *sheets, *silent]

    @router.get("/scoring-packs")
    async def scoring_packs(by: caller) -> list[ScoringPackStated]:
        """List the packs that a meeting may be scored by, each row with its source."""
        await rights.require(by, *READERS)
        return list(assessment.meetings.packs.stated)

    @router.post("/scoring-packs/check")
    async def check(pack: ScoringPackStated, by: caller) -> PackNamed:
        """Check a pack before it is adopted: what is wrong is told row by row. Nothing is stored."""
        await rights.require(by, *READERS)
        made = pack.pack()
        return PackNamed(name=made.name, version=made.version)


async def _judged(known: Meeting, pack: ScoringPack, meetings: Meetings) -> Verdict:
    criteria, met = pack.judge(of_one(known.held, await excused_running(known, meetings)))
    level = None if met is None else "QUALITY_MET" if met else "QUALITY_NOT_MET"
    return Verdict(pack=_name(pack), by="RECORD", level=level, criteria=criteria)


def _none(pack: ScoringPack) -> Verdict:
    return Verdict(pack=_name(pack), by="CELL")


def _name(pack: ScoringPack) -> PackNamed:
    return PackNamed(name=pack.name, version=pack.version)

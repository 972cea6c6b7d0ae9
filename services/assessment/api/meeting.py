"""Meetings over HTTP: their minutes, and who sat in."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts import vocabulary
from contracts.assessment import MeetingHeld
from contracts.message import Code
from services.assessment.application import Assessment, Attendance, HoldMeeting, RecordSupervisorAttendance
from services.assessment.domain import Period
from services.assessment.domain.figures import Measured
from services.assessment.publication import held
from services.assessment.views import Meetings
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.views.restrictions import Restrictions

Named = Annotated[Code, Path()]


class MeetingShown(BaseModel):
    """A meeting as it was recorded, and the codes of the supervisors who sat in.

    `withheld` counts the tasks and supervisors not shown: of members who restrict the use of their data.
    """

    held: MeetingHeld
    supervisors: list[Code]
    withheld: int


def add_routes(
    router: APIRouter,
    assessment: Assessment,
    meetings: Meetings,
    restrictions: Restrictions,
    rights: Rights,
    auth: Auth,
) -> None:
    """Add what is asked of meetings, and about them: one meeting from the log, so at once."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/meetings", status_code=201)
    async def hold(command: HoldMeeting, asked: request) -> Receipt:
        """Record a meeting that a cell held."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.meetings.hold(command, asked.why)

    @router.post("/meetings/{meeting}/attendances", status_code=201)
    async def attend(meeting: Named, attendance: Attendance, asked: request) -> Receipt:
        """Record that a member of a superior committee sat in."""
        await asked.require(rights, "officer", "secretary", over=[attendance.organization])
        command = RecordSupervisorAttendance(meeting=meeting, **dict(attendance))
        return await assessment.meetings.attend(command, asked.why)

    @router.get("/meetings/{meeting}")
    async def meeting(meeting: Named, by: caller) -> MeetingShown:
        """Show a meeting and who sat in."""
        await rights.require(by, *READERS)
        known = await assessment.meetings.find(meeting)
        await rights.require(by, *READERS, over=[known.held.organization])
        told = held(known.held)
        named = {*known.supervisors, *(task.member for task in told.tasks)}
        hidden = await restrictions.among(named)
        tasks = tuple(task for task in told.tasks if task.member not in hidden)
        supervisors = sorted(known.supervisors - hidden)
        withheld = len(told.tasks) - len(tasks) + len(known.supervisors) - len(supervisors)
        shown = told.model_copy(update={"tasks": tasks})
        return MeetingShown(held=shown, supervisors=supervisors, withheld=withheld)

    @router.get("/figures")
    async def measured(
        organization: Annotated[Code, Query()],
        period: Annotated[vocabulary.Period, Query()],
        by: caller,
        after: Reading,
    ) -> Mapping[str, Measured]:
        """Show what a cell's meetings amount to in a month or a year, each figure with its meetings."""
        await after.wait(meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        return await meetings.figures(organization, Period(period))

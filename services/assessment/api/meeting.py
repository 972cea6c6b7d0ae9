"""Meetings over HTTP: called and called off, their minutes, who sat in, and what became of their tasks."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts import vocabulary
from contracts.message import Code
from services.assessment.api.minutes import MeetingShown, shown
from services.assessment.api.page import Beyond, Limit, Page
from services.assessment.application import (
    Assessment,
    Attendance,
    CancelMeeting,
    CorrectMinutes,
    HoldMeeting,
    RecordSupervisorAttendance,
    ReportTask,
    ScheduleMeeting,
)
from services.assessment.application.meeting import Announcement, Cancellation, MinutesReplaced, TaskState
from services.assessment.domain import Period
from services.assessment.domain.figures import Measured
from services.assessment.views import Views
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.views.restrictions import Restrictions

Named = Annotated[Code, Path()]


class MeetingListed(BaseModel):
    """A meeting in a list: how it was called for last, and what its minutes count, once it was held.

    `day` is when it was held or, until then, when it is or was to be.
    """

    meeting: Code
    organization: Code
    kind: str
    state: Literal["CALLED", "CALLED_OFF", "HELD"]
    day: date
    scheduled_for: datetime | None
    held_on: date | None
    summoned: int | None
    present: int | None
    duration_min: int | None
    discusses_solutions: bool | None


Numbered = Annotated[int, Path(ge=1, le=200)]


def add_routes(
    router: APIRouter,
    assessment: Assessment,
    views: Views,
    restrictions: Restrictions,
    rights: Rights,
    auth: Auth,
) -> None:
    """Add what is asked of meetings, and about them: one meeting from the log, so at once."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/meetings/{meeting}/announcements", status_code=201)
    async def announce(meeting: Named, announcement: Announcement, asked: request) -> Receipt:
        """Call a meeting, or call it for another time: what was announced last counts."""
        await asked.require(rights, "officer", "secretary", over=[announcement.organization])
        return await assessment.meetings.schedule(
            ScheduleMeeting(meeting=meeting, **dict(announcement)), asked.why
        )

    @router.post("/meetings/{meeting}/cancellation", status_code=201)
    async def cancel(meeting: Named, cancellation: Cancellation, asked: request) -> Receipt:
        """Call a meeting off, and say why."""
        await asked.require(rights, "officer", "secretary", over=[cancellation.organization])
        return await assessment.meetings.cancel(
            CancelMeeting(meeting=meeting, **dict(cancellation)), asked.why
        )

    @router.post("/meetings", status_code=201)
    async def hold(command: HoldMeeting, asked: request) -> Receipt:
        """Record a meeting that a cell held."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.meetings.hold(command, asked.why)

    @router.post("/meetings/{meeting}/corrections", status_code=201)
    async def correct(meeting: Named, replaced: MinutesReplaced, asked: request) -> Receipt:
        """Replace the minutes of a meeting as a whole, and say why; the first stay on record."""
        await asked.require(rights, "officer", "secretary", over=[replaced.organization])
        return await assessment.meetings.correct(CorrectMinutes(meeting=meeting, **dict(replaced)), asked.why)

    @router.post("/meetings/{meeting}/attendances", status_code=201)
    async def attend(meeting: Named, attendance: Attendance, asked: request) -> Receipt:
        """Record that a member of a superior committee sat in."""
        await asked.require(rights, "officer", "secretary", over=[attendance.organization])
        command = RecordSupervisorAttendance(meeting=meeting, **dict(attendance))
        return await assessment.meetings.attend(command, asked.why)

    @router.post("/meetings/{meeting}/tasks/{task}/reports", status_code=201)
    async def report(meeting: Named, task: Numbered, state: TaskState, asked: request) -> Receipt:
        """Record what a later meeting heard of a task, by its number in the minutes that set it."""
        await asked.require(rights, "officer", "secretary", over=[state.organization])
        command = ReportTask(meeting=meeting, task=task, **dict(state))
        return await assessment.meetings.report_task(command, asked.why)

    @router.get("/meetings")
    async def listed(
        organization: Annotated[Code, Query(description="meetings held there and beneath")],
        period: Annotated[vocabulary.Period, Query()],
        by: caller,
        after: Reading,
        start: Beyond = None,
        limit: Limit = 100,
    ) -> Page[MeetingListed]:
        """List the meetings of a month or a year by code: held, called, called off."""
        await after.wait(views.meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        rows = await views.meetings.listed(organization, Period(period), beyond=start or "", limit=limit + 1)
        items = [MeetingListed(**row) for row in rows[:limit]]
        return Page(items=items, next=items[-1].meeting if len(rows) > limit else None)

    @router.get("/meetings/{meeting}")
    async def meeting(meeting: Named, by: caller) -> MeetingShown:
        """Show a meeting: how it was called, its minutes, who sat in, and what became of its tasks."""
        await rights.require(by, *READERS)
        known = await assessment.meetings.find(meeting)
        await rights.require(by, *READERS, over=[known.organization])
        return await shown(known, views, rights.tree, restrictions)

    @router.get("/figures")
    async def measured(
        organization: Annotated[Code, Query()],
        period: Annotated[vocabulary.Period, Query()],
        by: caller,
        after: Reading,
    ) -> Mapping[str, Measured]:
        """Show what a cell's meetings amount to in a month or a year, each figure with its meetings."""
        await after.wait(views.meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        return await views.meetings.figures(organization, Period(period))

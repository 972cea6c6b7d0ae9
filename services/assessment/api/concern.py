"""Concerns over HTTP: what a cell raises about a matter, and what becomes of it. Nobody is named."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from contracts.assessment_concerns import ConcernRaised
from contracts.message import Code
from services.assessment.application import (
    AcknowledgeConcern,
    AnswerConcern,
    Assessment,
    AssignConcern,
    ConfirmConcern,
    EscalateConcern,
    HearConcern,
    RaiseConcern,
    ReopenConcern,
    ResolveConcern,
)
from services.assessment.domain import Concern
from services.assessment.domain.concern import State, Taken
from services.assessment.publication import became
from services.assessment.views import Concerns
from services.assessment.views.concerns import PAGE_MAX, ConcernsListed
from services.chassis.due import Clock
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Origin, Receipt

Named = Annotated[Code, Path()]
Beneath = Annotated[Code, Query(description="concerns raised there and beneath")]
From = Annotated[int, Query(alias="from", ge=0, le=2**63 - 1, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
C = TypeVar(
    "C", AcknowledgeConcern, AnswerConcern, EscalateConcern, HearConcern, AssignConcern, ResolveConcern
)
UseCase = Callable[[str, C, Origin], Awaitable[Receipt]]


@dataclass(frozen=True)
class ConcernShown:
    """A concern as it was raised, with whom it is today, its clocks, and the steps of its life.

    `holder` is who has it: the committee it was raised to or passed to, or what that ended in.
    """

    raised: ConcernRaised
    state: State
    holder: str
    agency: str | None
    acknowledgement: Clock
    solution: Clock | None
    steps: list[Taken]


def add_routes(
    router: APIRouter, assessment: Assessment, concerns: Concerns, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of concerns, and about them: one from the log, so at once, many from the view."""
    _add_cells_steps(router, assessment, rights, auth)
    _add_committees_steps(router, assessment, rights, auth)
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/concerns")
    async def listed(
        by: caller,
        organization: Beneath,
        after: Reading,
        *,
        state: State | None = None,
        overdue: Annotated[bool | None, Query(description="whether a clock of it has run out")] = None,
        holder: Annotated[
            Code | None, Query(description="the committee that has them, itself or by what ended in it")
        ] = None,
        position: From = 0,
        limit: Limit = PAGE_MAX,
    ) -> ConcernsListed:
        """List the concerns of a subtree with their clocks, in the order in which they were recorded."""
        await after.wait(concerns)
        await rights.require(by, *READERS, over=[organization], after=after)
        today = assessment.cells.today()
        holders = [holder, *await rights.tree.ended_in(holder)] if holder else None
        return await concerns.beneath(
            organization, today, state=state, overdue=overdue, holders=holders, after=position, limit=limit
        )

    @router.get("/concerns/{concern}")
    async def shown(concern: Named, by: caller) -> ConcernShown:
        """Show a concern: where it stands, with whom, and how it came there."""
        await rights.require(by, *READERS)
        known = await assessment.concerns.find(concern)
        await rights.require(by, *READERS, over=[known.organization])
        today = assessment.cells.today()
        holder = await assessment.cells.heir_on(known.holder, today)
        return _shown(known, holder.code, today)


def _add_cells_steps(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what a cell does: each is for its secretary or an officer."""
    request = Annotated[Asked, Depends(Asking(auth))]
    concerns = assessment.concerns

    @router.post("/concerns", status_code=201)
    async def put(command: RaiseConcern, asked: request) -> Receipt:
        """Raise a concern about a matter at a meeting of the cell."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await concerns.put(command, asked.why)

    @router.post("/concerns/{concern}/confirmations", status_code=201)
    async def confirm(concern: Named, command: ConfirmConcern, asked: request) -> Receipt:
        """Confirm that the cell was told of the answer or the solution."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await concerns.confirm(concern, command, asked.why)

    @router.post("/concerns/{concern}/reopenings", status_code=201)
    async def reopen(concern: Named, command: ReopenConcern, asked: request) -> Receipt:
        """Begin again what is not settled."""
        await asked.require(rights, "officer", "secretary", over=[command.by])
        return await concerns.reopen(concern, command, asked.why)


def _add_committees_steps(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what the committees do that it is raised with: each is for an officer over the one named `by`."""
    request = Annotated[Asked, Depends(Asking(auth))]
    concerns = assessment.concerns

    async def decide(concern: str, command: C, asked: Asked, use_case: UseCase[C]) -> Receipt:
        await asked.require(rights, "officer", over=[command.by])
        return await use_case(concern, command, asked.why)

    @router.post("/concerns/{concern}/acknowledgement", status_code=201)
    async def acknowledge(concern: Named, command: AcknowledgeConcern, asked: request) -> Receipt:
        """Tell the cell in writing that its concern is accepted."""
        return await decide(concern, command, asked, concerns.acknowledge)

    @router.post("/concerns/{concern}/answers", status_code=201)
    async def answer(concern: Named, command: AnswerConcern, asked: request) -> Receipt:
        """Answer it without passing it on."""
        return await decide(concern, command, asked, concerns.answer)

    @router.post("/concerns/{concern}/escalations", status_code=201)
    async def escalate(concern: Named, command: EscalateConcern, asked: request) -> Receipt:
        """Pass it to a committee above."""
        return await decide(concern, command, asked, concerns.escalate)

    @router.post("/concerns/{concern}/hearings", status_code=201)
    async def hear(concern: Named, command: HearConcern, asked: request) -> Receipt:
        """Hear the cell."""
        return await decide(concern, command, asked, concerns.hear)

    @router.post("/concerns/{concern}/assignments", status_code=201)
    async def assign(concern: Named, command: AssignConcern, asked: request) -> Receipt:
        """Direct an agency to solve it by a day."""
        return await decide(concern, command, asked, concerns.assign)

    @router.post("/concerns/{concern}/resolutions", status_code=201)
    async def resolve(concern: Named, command: ResolveConcern, asked: request) -> Receipt:
        """Record that the matter was solved."""
        return await decide(concern, command, asked, concerns.resolve)


def _shown(concern: Concern, holder: str, today: date) -> ConcernShown:
    said = became(concern.raised)
    assert isinstance(said, ConcernRaised)
    due_on = concern.due_on
    return ConcernShown(
        raised=said,
        state=concern.state,
        holder=holder,
        agency=concern.agency,
        acknowledgement=Clock.on(
            today,
            due_on=date.fromisoformat(concern.raised.acknowledge_by),
            done_on=concern.acknowledged_on,
        ),
        solution=Clock.on(today, due_on=due_on, done_on=concern.resolved_on) if due_on else None,
        steps=list(concern.life),
    )

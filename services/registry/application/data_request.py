"""What persons ask about their data: received, answered, done or declined, each by its clock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import Field, Strict

from contracts.message import Code, DayOn
from contracts.vocabulary import Document
from services.chassis.calendar import working_days
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command, Rule, Stated
from services.registry.application.command import decision_in, record_new
from services.registry.application.member import Members
from services.registry.domain.data_request import Clocks, DataRequest, RequestKind
from services.registry.domain.words import Decision

PACKS = Path(__file__).parents[1] / "packs"


class ReceiveDataRequest(Command):
    """Receive what a person asks about their data."""

    request: Code
    kind: RequestKind
    received_on: DayOn


class AnswerDataRequest(Command):
    """Record that the person was told how their request is dealt with."""

    answered_on: DayOn


class ExtendDataRequest(Command):
    """Take some days longer to do what is asked."""

    extended_on: DayOn
    days: Annotated[int, Strict(), Field(ge=1, le=366)]


class CompleteDataRequest(Command):
    """Record that what was asked is done."""

    completed_on: DayOn


class DeclineDataRequest(Command):
    """Decline a request by the document that says otherwise, as one that has Party files kept."""

    declined_on: DayOn
    ground: Document


class DataRequests:
    """The use cases of requests. `clocks` is the rule in force on their days."""

    def __init__(self, members: Members, clocks: Clocks) -> None:
        self.members = members
        self.store = members.store
        self.clocks = clocks

    async def receive(self, member_code: str, command: ReceiveDataRequest, origin: Origin) -> Receipt:
        """Receive a request of a member. Raises NotFound, DateInFuture, CodeTaken."""
        member = await self.members.find(member_code)
        request = DataRequest.receive(
            command.request,
            member=member.code,
            kind=command.kind,
            received_on=command.received_on,
            clocks=self.clocks,
            at=self.store.clock(),
        )
        return await record_new(self.store, request, command.request, origin, shown=member)

    @retried
    async def answer(self, code: str, command: AnswerDataRequest, origin: Origin) -> Receipt:
        """Answer. Raises NotFound, RequestSettled, AnsweredAlready, BeforeReceived, DateInFuture."""
        request = await self.find(code)
        request.answer(answered_on=command.answered_on, at=self.store.clock())
        return await self.store.record(request, origin=origin)

    @retried
    async def extend(self, code: str, command: ExtendDataRequest, origin: Origin) -> Receipt:
        """Extend. Raises NotFound, RequestSettled, NotExtendable, BeforeReceived, DateInFuture."""
        request = await self.find(code)
        request.extend(
            days=command.days, extended_on=command.extended_on, clocks=self.clocks, at=self.store.clock()
        )
        return await self.store.record(request, origin=origin)

    @retried
    async def complete(self, code: str, command: CompleteDataRequest, origin: Origin) -> Receipt:
        """Complete. A restriction that is done stands from then on, in the same transaction.

        Raises NotFound, RequestSettled, NotErasedYet, BeforeReceived, DateInFuture.
        """
        request = await self.find(code)
        member = await self.members.find(request.member)
        at = self.store.clock()
        request.complete(completed_on=command.completed_on, erased=member.person is None, at=at)
        if request.kind == RequestKind.RESTRICTION:
            member.restrict(request.code, command.completed_on, rules=self.members.restriction, at=at)
        return await self.store.record(request, member, origin=origin)

    @retried
    async def decline(self, code: str, command: DeclineDataRequest, origin: Origin) -> Receipt:
        """Decline. Raises NotFound, RequestSettled, BeforeReceived, DateInFuture."""
        request = await self.find(code)
        ground = decision_in(command.ground)
        request.decline(declined_on=command.declined_on, ground=ground, at=self.store.clock())
        return await self.store.record(request, origin=origin)

    async def find(self, code: str) -> DataRequest:
        """Return the request. Raises NotFound."""
        request = await self.store.look_up(DataRequest, DataRequest.id_for(code))
        if request is None:
            raise NotFound(f"no data request {code}")
        return request

    async def open_after(self, position: int, limit: int) -> list[tuple[int, DataRequest]]:
        """Return up to `limit` open requests received after `position` of the log, the oldest first."""
        found = await self.members.persons.open_requests.after(position, limit)
        return [(at, await self.store.find(DataRequest, id)) for at, id in found]


# -- The rules as data


class _Answer(Rule):
    working_days: Annotated[int, Field(ge=1)]


class _Done(Rule):
    days: Annotated[int, Field(ge=1)]
    extension_days_max: Annotated[int, Field(ge=0)] = 0


class _RequestRules(Stated):
    number: str
    date: dt.date
    in_force_from: dt.date
    note: str
    answer: _Answer
    done: dict[RequestKind, _Done]


def request_clocks(pack: Path = PACKS / "data-requests.json") -> Clocks:
    """Return the rule on clocks that `pack` states, over the working days of the calendar."""
    rules = _RequestRules.model_validate_json(pack.read_bytes())
    return Clocks(
        document=Decision(rules.number, rules.date),
        answer_working_days=rules.answer.working_days,
        done_days={kind: rules.done[kind].days for kind in RequestKind},
        extension_days_max={kind: rules.done[kind].extension_days_max for kind in RequestKind},
        working_days=working_days(),
    )

"""Deadlines: what is near or missed today, found in the log itself and noted once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from contracts.days import day_of
from services.chassis.errors import Conflict
from services.chassis.eventlog.store import Origin
from services.chassis.probation import DEADLINES
from services.chassis.sizes import CELLS
from services.chassis.stated import Parameters
from services.chassis.working_days import WorkingDays
from services.registry.application.data_request import DataRequests
from services.registry.application.organization import Organizations
from services.registry.application.organization.lineage import line
from services.registry.application.roll import create, rows_of, said
from services.registry.domain.deadline import Deadline, DeadlineRules, Due, Duty
from services.registry.domain.member import CellNotFounded, Member, MembershipRules, Standing

ON_PROBATION = (
    "topic = 'registry.Member.Admitted' AND position('\"standing\":\"PROBATIONARY\"'::bytea IN state) > 0"
)
RELEASED = "topic = 'registry.Member.Released'"
INDEXES = f"""
CREATE INDEX IF NOT EXISTS registry_ceremonies ON registry_events (({said("ceremony_on")}))
    WHERE {ON_PROBATION};
CREATE INDEX IF NOT EXISTS registry_releases ON registry_events (({said("accept_by")})) WHERE {RELEASED};
"""

OF_COMMITTEES = (Duty.DATA_REQUEST_ANSWER, Duty.DATA_REQUEST)
"""What a committee does that keeps the files: it is told of, and no person and no cell is."""

PAGE = 1_000
"""Open requests looked at in one go."""


class Deadlines:
    """Notes what is near or missed. `rules` and `membership` are those in force."""

    def __init__(
        self,
        organizations: Organizations,
        requests: DataRequests,
        membership: MembershipRules,
        rules: DeadlineRules,
    ) -> None:
        self.store = organizations.store
        self.organizations = organizations
        self.requests = requests
        self.membership = membership
        self.rules = rules

    async def prepare(self) -> None:
        """Create what is missing of the indexes."""
        await create(self.store, INDEXES)

    async def sweep(self) -> int:
        """Note everything that is near or was missed today and is not noted yet. Return how many it were.

        What was missed longer ago than the pack says is left alone: a registry tells nobody its history.
        """
        noted = 0
        today = day_of(self.store.clock())
        for duties in (self._ceremonies, self._recognitions, self._releases, self._requests):
            async for due in duties(today):
                noted += await self._note(due, today)
        return noted

    async def _note(self, due: Due, today: date) -> bool:
        if await self.store.look_up(Deadline, Deadline.id_for(due)):
            return False
        due = replace(due, organization=await self._place(due))
        at = self.store.clock()
        deadline = Deadline.note(due, noted_on=today, rules=self.rules.name, at=at)
        try:
            await self.store.record(deadline, origin=Origin("registry", deadline.id, "clock"))
        except Conflict:
            return False  # another process of this service noted it in the same moment
        return True

    def _first(self, today: date) -> date:
        return today - timedelta(days=self.rules.noted_within_days)

    def _last(self, today: date) -> date:
        return today + timedelta(days=self.rules.near_days)

    def _near(self, due_on: date, today: date) -> bool:
        return self._first(today) <= due_on <= self._last(today)

    # -- Each duty

    async def _ceremonies(self, today: date) -> AsyncIterator[Due]:
        """Yield the ceremonies that were held too late: before one is held, nothing is known of it."""
        for row in await self._admitted(self._first(today), today):
            due_on = self.rules.ceremony_by(date.fromisoformat(row["decided"]))
            if date.fromisoformat(row["ceremony"]) > due_on:
                member = await self.store.find(Member, row["id"])
                yield _of(member, Duty.CEREMONY, row["organization"], due_on, missed=True)

    async def _recognitions(self, today: date) -> AsyncIterator[Due]:
        """Yield the members whose probation is over and whose recognition is not recorded in time."""
        first, months = self._first(today), self.membership.probation_months
        longest = timedelta(days=31 * months + 3 * self.rules.recognition_working_days)
        shortest = timedelta(days=28 * months)
        for row in await self._admitted(first - longest, today - shortest):
            ends = self.membership.probation_ends(date.fromisoformat(row["ceremony"]))
            due_on = self.rules.recognition_by(ends)
            if first <= due_on < today:
                member = await self.store.find(Member, row["id"])
                if member.standing == Standing.PROBATIONARY and not member.ended_on:
                    yield _of(member, Duty.RECOGNITION, member.organization, due_on, missed=True)

    async def _releases(self, today: date) -> AsyncIterator[Due]:
        """Yield the releases to be accepted soon, and those that lapsed, whose cell releases anew."""
        rows = await rows_of(
            self.store,
            f"SELECT originator_id AS id FROM registry_events WHERE {RELEASED}"
            f" AND {said('accept_by')} BETWEEN %s AND %s GROUP BY id ORDER BY id",
            (f"{self._first(today)}", f"{self._last(today)}"),
        )
        for row in rows:
            member = await self.store.find(Member, row["id"])
            if member.released and self._near(member.released.accept_by, today):
                lapsed = not member.released.waits_on(today)
                place = member.organization if lapsed else member.released.to
                yield _of(member, Duty.RELEASE, place, member.released.accept_by, missed=lapsed)

    async def _requests(self, today: date) -> AsyncIterator[Due]:
        """Yield the requests of persons that are to be answered or done: nobody is named."""
        position = 0
        while page := await self.requests.open_after(position, PAGE):
            for _, request in page:
                place = (await self.store.find(Member, Member.id_for(request.member))).organization
                clocks = {Duty.DATA_REQUEST: request.done_due_on}
                if not request.answered_on:
                    clocks[Duty.DATA_REQUEST_ANSWER] = request.answer_due_on
                for duty, by in clocks.items():
                    if self._near(due_on := date.fromisoformat(by), today):
                        yield Due(duty, request.code, place, due_on, due_on < today)
            position = page[-1][0]

    async def _place(self, due: Due) -> str:
        """Return whose duty it is: of what was merged, its heir's; of requests, the nearest committee's."""
        above = await line(due.organization, self.organizations.find, CellNotFounded)
        kept = CELLS if due.duty in OF_COMMITTEES else ()
        return next(one.code for one in above if not one.merged_into and one.kind not in kept)

    async def _admitted(self, first: date, last: date) -> list[dict[str, str]]:
        """Return who was admitted on probation with a ceremony from `first` to `last`."""
        return await rows_of(
            self.store,
            f"SELECT originator_id AS id, {said('code')} AS member, {said('organization')} AS organization,"
            f" {said('ceremony_on')} AS ceremony, {said('decision_dated')} AS decided FROM registry_events"
            f" WHERE {ON_PROBATION} AND {said('ceremony_on')} BETWEEN %s AND %s ORDER BY notification_id",
            (f"{first}", f"{last}"),
        )


def _of(member: Member, duty: Duty, place: str, due_on: date, *, missed: bool) -> Due:
    """Return what is due of a member. Who had the use of their data restricted is not named."""
    named = None if member.restricted_on else member.code
    return Due(duty, member.code, place, due_on, missed, named)


def deadline_rules(working_days: WorkingDays, pack: Path = DEADLINES) -> DeadlineRules:
    """Return the rules on deadlines that `pack` states, over the working days of a calendar."""
    stated = Parameters.read(pack)
    return DeadlineRules(name=stated.title, **stated.values(), working_days=working_days)

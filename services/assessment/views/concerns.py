"""Where each concern stands, with its clocks. Fed by ASSESSMENT, its own stream."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import msgspec
from msgspec import Struct
from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from contracts import assessment_concerns as told_of
from services.assessment.domain.concern import State
from services.assessment.views.rows import Placed
from services.chassis.due import Clock
from services.chassis.views.fold import load
from services.chassis.views.view import View

PAGE_MAX = 100
"""Concerns on one page."""


class Raised(Struct, frozen=True):
    """A cell raised a concern."""

    concern: str
    organization: str
    meeting: str
    raised_on: date
    raised_to: str
    matter: str
    category: str
    hot_spot_risk: bool
    acknowledge_by: date


class Acknowledged(Struct, frozen=True):
    """The cell was told in writing that it is accepted."""

    concern: str
    acknowledged_on: date


class Answered(Struct, frozen=True):
    """It was answered."""

    concern: str
    answered_on: date


class Escalated(Struct, frozen=True):
    """It was passed up."""

    concern: str
    escalated_on: date
    to: str


class Heard(Struct, frozen=True):
    """The cell was heard."""

    concern: str
    heard_on: date


class Assigned(Struct, frozen=True):
    """An agency is to solve it."""

    concern: str
    assigned_on: date
    agency: str
    due_on: date


class Resolved(Struct, frozen=True):
    """It was solved."""

    concern: str
    resolved_on: date


class Confirmed(Struct, frozen=True):
    """The cell confirmed the end."""

    concern: str
    confirmed_on: date


class Reopened(Struct, frozen=True):
    """It was not settled."""

    concern: str
    reopened_on: date


@dataclass(frozen=True)
class ConcernListed:
    """A concern: who raised it when, how far it has come since when, with whom it is, and its clocks.

    `solution` is the clock of the agency that is to solve it, once there is one.
    """

    concern: str
    organization: str
    meeting: str
    matter: str
    category: str
    hot_spot_risk: bool
    raised_on: date
    state: State
    since_on: date
    holder: str
    agency: str | None
    acknowledgement: Clock
    solution: Clock | None


@dataclass(frozen=True)
class ConcernsListed:
    """A page of concerns, those told first before. The next begins with `from=<next>`."""

    concerns: list[ConcernListed]
    next: int | None


COLUMNS = (
    "concern, position, organization, meeting, raised_on, matter, category, hot_spot_risk, acknowledge_by,"
    " acknowledged_on, state, since_on, holder, agency, due_on, resolved_on"
)
STATE = "CASE WHEN state = 'RAISED' AND acknowledged_on IS NOT NULL THEN 'ACKNOWLEDGED' ELSE state END"
OVERDUE = (
    "(acknowledged_on IS NULL AND acknowledge_by < %(today)s OR resolved_on IS NULL AND due_on < %(today)s)"
)

LISTED = f"""
    SELECT concern, position, organization, meeting, raised_on, matter, category, hot_spot_risk,
        acknowledge_by, acknowledged_on, {STATE} AS state, since_on, holder, agency, due_on, resolved_on
    FROM concerns.concern
    WHERE position > %(after)s
    AND organization IN (SELECT code FROM tree.organization WHERE path @> ARRAY[%(root)s])
    AND coalesce({STATE} = %(state)s, true)
    AND coalesce({OVERDUE} = %(overdue)s, true)
    AND coalesce(holder = ANY(%(holders)s::text[]), true)
    ORDER BY position LIMIT %(limit)s
"""


class Concerns(View):
    """A row for each concern. That it is acknowledged is beside its state: it may come before or after."""

    name = "concerns"
    reads: ClassVar = {
        told_of.ConcernRaised.type: Raised,
        told_of.ConcernAcknowledged.type: Acknowledged,
        told_of.ConcernAnswered.type: Answered,
        told_of.ConcernEscalated.type: Escalated,
        told_of.ConcernHeard.type: Heard,
        told_of.ConcernAssigned.type: Assigned,
        told_of.ConcernResolved.type: Resolved,
        told_of.ConcernConfirmedToCell.type: Confirmed,
        told_of.ConcernReopened.type: Reopened,
    }
    envelope = Placed
    compared: ClassVar = {
        "where each concern stands": "SELECT concern AS key, state || ' ' || holder AS value FROM concern",
        "concerns acknowledged": (
            "SELECT concern AS key, coalesce(acknowledged_on::text, '') AS value FROM concern"
        ),
    }
    tables = """
        CREATE TABLE concern (
            concern         text PRIMARY KEY,
            position        bigint NOT NULL UNIQUE,
            organization    text NOT NULL,
            meeting         text NOT NULL,
            raised_on       date NOT NULL,
            matter          text NOT NULL,
            category        text NOT NULL,
            hot_spot_risk   boolean NOT NULL,
            acknowledge_by  date NOT NULL,
            acknowledged_on date,
            state           text NOT NULL,
            since_on        date NOT NULL,
            holder          text NOT NULL,
            agency          text,
            due_on          date,
            resolved_on     date
        );
        CREATE INDEX concern_organization ON concern (organization, position);
    """

    def fold(self) -> "Lives":
        """Return the fold of nothing yet."""
        return Lives()

    async def beneath(
        self,
        root: str,
        today: date,
        *,
        state: State | None = None,
        overdue: bool | None = None,
        holders: Sequence[str] | None = None,
        after: int,
        limit: int,
    ) -> ConcernsListed:
        """Return up to `limit` of the concerns that cells beneath `root` raised, told after a position.

        With a `state` those in it; with `overdue` those of which a clock has run out, or none; with `holders`
        those that came to one of them last.
        """
        named = {"state": state, "overdue": overdue, "holders": holders and list(holders), "root": root}
        rows = await self.rows(LISTED, **named, today=today, after=after, limit=limit + 1)
        listed = [_listed(row, today) for row in rows[:limit]]
        return ConcernsListed(listed, rows[limit - 1]["position"] if len(rows) > limit else None)


def _listed(row: Mapping[str, Any], today: date) -> ConcernListed:
    clocks = {"position", "acknowledge_by", "acknowledged_on", "due_on", "resolved_on", "state"}
    due_on = row["due_on"]
    return ConcernListed(
        **{name: value for name, value in row.items() if name not in clocks},
        state=State(row["state"]),
        acknowledgement=Clock.on(today, due_on=row["acknowledge_by"], done_on=row["acknowledged_on"]),
        solution=Clock.on(today, due_on=due_on, done_on=row["resolved_on"]) if due_on else None,
    )


NO_AGENCY = {"agency": None, "due_on": None, "resolved_on": None}


class Lives:
    """What became of concerns: rows for those raised, and of the others the columns that changed."""

    def __init__(self) -> None:
        self.raised: dict[str, dict[str, Any]] = {}
        self.changed: dict[str, dict[str, Any]] = {}

    def add(self, told: Iterable[Placed]) -> None:
        """Take in what became of them, in its order."""
        for one in told:
            if isinstance(one.data, Raised):
                self.raised[one.data.concern] = _row(one.data, one.sequence)
            else:
                row = self.raised.get(one.data.concern)
                changes = self.changed.setdefault(one.data.concern, {}) if row is None else row
                changes.update(_changes(one.data))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add rows and change others."""
        names = COLUMNS.split(", ")
        rows = [tuple(row.get(name) for name in names) for row in self.raised.values()]
        await load(cursor, "concern", COLUMNS, rows)
        if self.changed:
            told = Jsonb(msgspec.to_builtins(self.changed))
            columns = ", ".join(names[2:])
            await cursor.execute(
                f"UPDATE concern AS before SET ({columns}) ="
                f" (SELECT {columns} FROM jsonb_populate_record(before, changes))"
                " FROM jsonb_each(%s) AS told (code, changes) WHERE before.concern = code",
                (told,),
            )


def _row(raised: Raised, position: int) -> dict[str, Any]:
    said = msgspec.structs.asdict(raised)
    holder = said.pop("raised_to")
    begun = {"state": State.RAISED.value, "since_on": raised.raised_on, "holder": holder}
    return {**said, "position": position, **begun}


REACHED: dict[type, tuple[State, str]] = {
    Answered: (State.ANSWERED_LOCALLY, "answered_on"),
    Escalated: (State.ESCALATED, "escalated_on"),
    Heard: (State.HEARD, "heard_on"),
    Assigned: (State.ASSIGNED, "assigned_on"),
    Resolved: (State.RESOLVED, "resolved_on"),
    Confirmed: (State.CONFIRMED_TO_CELL, "confirmed_on"),
    Reopened: (State.REOPENED, "reopened_on"),
}
"""The state that each step leads to, and the field with its day."""


def _changes(event: object) -> dict[str, Any]:
    """Return the columns that an event changes."""
    if isinstance(event, Acknowledged):
        return {"acknowledged_on": event.acknowledged_on}
    state, day = REACHED[type(event)]
    changes = {"state": state.value, "since_on": getattr(event, day)}
    match event:
        case Escalated():
            changes |= {"holder": event.to, **NO_AGENCY}
        case Assigned():
            changes |= {"agency": event.agency, "due_on": event.due_on}
        case Resolved():
            changes |= {"resolved_on": event.resolved_on}
        case Reopened():
            changes |= NO_AGENCY
    return changes

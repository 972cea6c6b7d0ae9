"""What supervisors did of what a year asks of them: the answer, from assignments and visits."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Literal

from services.assessment.views.supervision import lasts


@dataclass(frozen=True)
class PlanShown:
    """A visit that was planned: KEPT by a `meeting` of that month, OPEN until the month is over, else MISSED.

    LAPSED where the supervisor followed the cell no more on that day: it is not counted.
    """

    planned_for: date
    registered_on: date
    state: Literal["KEPT", "OPEN", "MISSED", "LAPSED"]
    meeting: str | None


@dataclass(frozen=True)
class CellFollowed:
    """A cell that a supervisor is or was assigned to, and the `meetings` that count as their visits.

    Of these the cell says so too in those `confirmed`, and those `unreported` should have been reported on by
    now. Visits `disputed` count once both sides, or the superior, say that they were made.
    """

    organization: str
    assigned_on: date
    ended_on: date | None
    replaced_by: str | None
    done: int
    meetings: list[str]
    confirmed: list[str]
    unreported: list[str]
    disputed: list[str]
    plans: list[PlanShown]


@dataclass(frozen=True)
class SupervisorShown:
    """A member of the committee `superior` who follows cells: `minimum` visits are asked in the year.

    `done` counts all that counts, also in cells that the asker may not see; `missing` is nothing for whoever
    follows no cell any more. `uncounted` visits were to cells not assigned to them then, or to their own, or
    do not stand. `planned` and `kept` count plans, in those cells too.
    """

    supervisor: str
    superior: str
    minimum: int
    done: int
    missing: int
    uncounted: int
    planned: int
    kept: int
    cells: list[CellFollowed]


@dataclass(frozen=True)
class CellSupervised:
    """A cell, who follows it on the day, and how many visits it had that count."""

    organization: str
    name: str
    supervisors: list[str]
    done: int


@dataclass(frozen=True)
class Supervised:
    """The supervision of a subtree in a year, to `on`. `withheld` are supervisors who may not be shown."""

    organization: str
    year: str
    on: date
    minimum: int
    done: int
    missing: int
    planned: int
    kept: int
    supervisors: list[SupervisorShown]
    cells: list[CellSupervised]
    withheld: int


@dataclass(frozen=True)
class Recorded:
    """What was recorded of a year: assignments, visits and plans, as the views keep them; `on` is today.

    `assigned` is ordered by supervisor and superior, visits and plans by day. `own` are the (supervisor,
    meeting) of their own cells; a report is due `report_within` a time of the visit.
    """

    assigned: Sequence[Mapping[str, Any]]
    visits: Sequence[Mapping[str, Any]]
    plans: Sequence[Mapping[str, Any]]
    own: Collection[tuple[str, str]]
    report_within: timedelta
    on: date


def supervised(
    recorded: Recorded, names: Mapping[str, str]
) -> tuple[list[SupervisorShown], list[CellSupervised]]:
    """Return what each supervisor did and misses, and what each of the cells `names` had.

    A visit counts while an assignment to that cell lasts; so what was done before its end stays theirs.
    """
    everywhere = Counter(visit["supervisor"] for visit in recorded.visits)
    there = _by_place(v for v in recorded.visits if (v["supervisor"], v["meeting"]) not in recorded.own)
    plans = _by_place(recorded.plans)
    followed = {}
    for one in recorded.assigned:
        who = one["supervisor"], one["organization"]
        followed[who] = _followed(one, there[who], plans[who], recorded)
    counting: Counter[str] = Counter()
    for (supervisor, _), cell in followed.items():
        counting[supervisor] += cell.done
    shown = []
    people = groupby(recorded.assigned, lambda one: (one["supervisor"], one["superior"]))
    for (supervisor, superior), rows in people:
        theirs = list(rows)
        cells = [followed[supervisor, one["organization"]] for one in theirs]
        done = sum(cell.done for cell in cells)
        asked = [one["minimum"] for one in theirs if one["ended_on"] is None]
        states = [plan.state for cell in cells for plan in cell.plans]
        shown.append(
            SupervisorShown(
                supervisor,
                superior,
                minimum=max(asked, default=0),
                done=done,
                missing=max(0, max(asked, default=0) - done),
                uncounted=everywhere[supervisor] - counting[supervisor],
                planned=len(states) - states.count("LAPSED"),
                kept=states.count("KEPT"),
                cells=[cell for cell in cells if cell.organization in names],
            )
        )
    here: dict[str, list[tuple[str, CellFollowed]]] = defaultdict(list)
    for (supervisor, organization), cell in followed.items():
        here[organization].append((supervisor, cell))
    cells_shown = [_cell(code, name, here[code]) for code, name in sorted(names.items())]
    return [one for one in shown if one.cells], cells_shown


def _by_place(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    there: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        there[row["supervisor"], row["organization"]].append(row)
    return there


def _followed(
    one: Mapping[str, Any],
    visits: Sequence[Mapping[str, Any]],
    plans: Sequence[Mapping[str, Any]],
    recorded: Recorded,
) -> CellFollowed:
    in_time = [visit for visit in visits if lasts(one, visit["attended_on"])]
    counted = [visit for visit in in_time if visit["stands"]]
    reported_from = recorded.on - recorded.report_within
    return CellFollowed(
        one["organization"],
        one["assigned_on"],
        one["ended_on"],
        one["replaced_by"],
        done=len(counted),
        meetings=[visit["meeting"] for visit in counted],
        confirmed=[visit["meeting"] for visit in counted if visit["confirmed"]],
        unreported=[
            visit["meeting"]
            for visit in counted
            if visit["reported_on"] is None and visit["attended_on"] < reported_from
        ],
        disputed=[visit["meeting"] for visit in in_time if visit["disputed"]],
        plans=list(_plans(plans, counted, partial(lasts, one), recorded.on)),
    )


def _plans(
    plans: Sequence[Mapping[str, Any]],
    counted: Sequence[Mapping[str, Any]],
    lasting: Callable[[date], bool],
    on: date,
) -> Iterator[PlanShown]:
    """Yield each plan as it stands: a visit keeps one, the first of its month that was registered before."""
    left = list(counted)
    for plan in plans:
        for_day, registered_on = plan["planned_for"], plan["registered_on"]
        month = for_day.year, for_day.month
        made = [
            visit
            for visit in left
            if (visit["attended_on"].year, visit["attended_on"].month) == month
            and visit["attended_on"] > registered_on
        ]
        if not lasting(for_day):
            yield PlanShown(for_day, registered_on, "LAPSED", None)
        elif made:
            left.remove(made[0])
            yield PlanShown(for_day, registered_on, "KEPT", made[0]["meeting"])
        else:
            state: Literal["OPEN", "MISSED"] = "OPEN" if (on.year, on.month) <= month else "MISSED"
            yield PlanShown(for_day, registered_on, state, None)


def _cell(code: str, name: str, here: Sequence[tuple[str, CellFollowed]]) -> CellSupervised:
    supervisors = [supervisor for supervisor, cell in here if cell.ended_on is None]
    return CellSupervised(code, name, supervisors, sum(cell.done for _, cell in here))

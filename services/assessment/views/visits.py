"""What supervisors did of what a year asks of them: the answer, from assignments and visits."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class CellFollowed:
    """A cell that a supervisor is or was assigned to, and the meetings that count as their visits."""

    organization: str
    assigned_on: date
    ended_on: date | None
    replaced_by: str | None
    done: int
    meetings: list[str]


@dataclass(frozen=True)
class SupervisorShown:
    """A member of the committee `superior` who follows cells: `minimum` visits are asked in the year.

    `done` counts all that counts, also in cells that the asker may not see; `missing` is nothing for whoever
    follows no cell any more. `uncounted` visits were to cells not assigned to them then, or to their own.
    """

    supervisor: str
    superior: str
    minimum: int
    done: int
    missing: int
    uncounted: int
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
    supervisors: list[SupervisorShown]
    cells: list[CellSupervised]
    withheld: int


def supervised(
    assigned: Sequence[Mapping[str, Any]],
    visits: Sequence[Mapping[str, Any]],
    own: Collection[tuple[str, str]],
    names: Mapping[str, str],
) -> tuple[list[SupervisorShown], list[CellSupervised]]:
    """Return what each supervisor did and misses, and what each of the cells `names` had.

    `assigned` is ordered by supervisor and superior. `own` are the (supervisor, meeting) of their own cells.
    A visit counts while an assignment to that cell lasts; so what was done before its end stays theirs.
    """
    everywhere = Counter(visit["supervisor"] for visit in visits)
    there: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for visit in visits:
        if (visit["supervisor"], visit["meeting"]) not in own:
            there[visit["supervisor"], visit["organization"]].append(visit)
    counted = {(one["supervisor"], one["organization"]): _counting(one, there) for one in assigned}
    counting: Counter[str] = Counter()
    for (supervisor, _), meetings in counted.items():
        counting[supervisor] += len(meetings)
    shown = []
    for (supervisor, superior), rows in groupby(assigned, lambda one: (one["supervisor"], one["superior"])):
        theirs = list(rows)
        done = sum(len(counted[supervisor, one["organization"]]) for one in theirs)
        asked = [one["minimum"] for one in theirs if one["ended_on"] is None]
        shown.append(
            SupervisorShown(
                supervisor,
                superior,
                minimum=max(asked, default=0),
                done=done,
                missing=max(0, max(asked, default=0) - done),
                uncounted=everywhere[supervisor] - counting[supervisor],
                cells=[
                    _followed(one, counted[supervisor, one["organization"]])
                    for one in theirs
                    if one["organization"] in names
                ],
            )
        )
    here: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in assigned:
        here[one["organization"]].append(one)
    cells = [_cell(code, name, here[code], counted) for code, name in sorted(names.items())]
    return [one for one in shown if one.cells], cells


def _counting(one: Mapping[str, Any], there: Mapping[tuple[str, str], list[Mapping[str, Any]]]) -> list[str]:
    return [
        visit["meeting"]
        for visit in there.get((one["supervisor"], one["organization"]), ())
        if one["assigned_on"] <= visit["attended_on"] < (one["ended_on"] or date.max)
    ]


def _followed(one: Mapping[str, Any], meetings: list[str]) -> CellFollowed:
    ended = one["ended_on"], one["replaced_by"]
    return CellFollowed(one["organization"], one["assigned_on"], *ended, len(meetings), meetings)


def _cell(
    code: str,
    name: str,
    here: Sequence[Mapping[str, Any]],
    counted: Mapping[tuple[str, str], list[str]],
) -> CellSupervised:
    done = sum(len(counted[one["supervisor"], code]) for one in here)
    return CellSupervised(code, name, [one["supervisor"] for one in here if one["ended_on"] is None], done)

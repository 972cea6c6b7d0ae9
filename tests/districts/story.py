"""What each of sixty districts tells in the trial, and what may become of each event.

A district founds what it has and then goes about its work. Some of what it tells speaks of what it tells
later only, some is wrong in a way that has a name, and some of that is told anew, in place of what was
rejected.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from contracts.classification import evidence_of

CELLS = 6
MEMBERS_EACH = 20
MONTHS = [f"2024-{month:02}" for month in range(1, 9)]
YEARS = ("2021", "2022", "2023")
RENAMED_ON = ("2010-05-19", "2014-05-19", "2018-05-19", "2022-05-19")
DECISION = {"number": "1-QĐ/HU", "date": "2024-01-02"}

Json = dict[str, Any]


@dataclass
class Told:
    """One event as it is told; `may` are the outcomes there may be, a rejection by its reason.

    One that `waits` speaks of something that may not be known when it comes, so others may pass it by.
    `anew` is what is told in its place if it is rejected.
    """

    id: str
    type: str
    data: Json
    may: list[str] = field(default_factory=lambda: ["accepted"])
    waits: bool = False
    replaces: str | None = None
    time: str | None = None
    anew: Json | None = None


def founding(code: str) -> list[Told]:
    """Return what comes first: after it, every owner knows the district's organizations."""
    committee, cells = f"{code}-G", _cells(code)
    late, of_late = f"{code}-L", ["accepted", "UnknownOrganization"]
    return [
        _waiting(Told("late", *founded(late, f"{code}-G"), may=of_late), "CodeTaken"),
        _waiting(Told("late-member", *admitted(code, 900, late), may=of_late), "CodeTaken"),
        Told("committee", *founded(committee, code, "GRASSROOTS_COMMITTEE")),
        *(Told(f"cell-{cell}", *founded(cell, committee)) for cell in cells),
        *(Told(f"first-met-{cell}", *met(cell, "2023-12"), waits=True) for cell in cells),
        *(Told(f"first-class-{cell}", *_classified(cell, committee, "2020"), waits=True) for cell in cells),
    ]


def working(code: str, neighbour: str, *, by_its_clock: datetime, ahead: bool) -> list[Told]:
    """Return what a district tells once it is known, owner by owner and cell by cell in turn."""
    committee, cells = f"{code}-G", _cells(code)
    rows: list[Told] = [Told("target", *_target(code, 40))]
    for turn in range(MEMBERS_EACH):
        for cell in cells:
            rows.append(Told(f"member-{cell}-{turn}", *admitted(code, _number(cell, turn), cell)))
            if turn < len(MONTHS):
                rows.append(Told(f"met-{cell}-{turn}", *met(cell, MONTHS[turn])))
            if turn < len(RENAMED_ON):
                rows.append(Told(f"name-{cell}-{turn}", *_renamed(cell, turn)))
            if turn < len(YEARS):
                rows.append(Told(f"class-{cell}-{turn}", *_classified(cell, committee, YEARS[turn])))
    wrong = _wrong(code, neighbour, by_its_clock, ahead=ahead)
    apart = len(rows) // len(wrong)
    for place, one in enumerate(wrong, 1):
        rows.insert(place * apart, one)
    # Told before any of it, what is a repetition would be the first.
    rows += [
        Told("again-cell", *founded(cells[0], committee), may=["CodeTaken"]),
        Told("again-member", *admitted(code, _number(cells[0], 0), cells[0]), may=["CodeTaken"]),
        Told("again-name", *_renamed(cells[0], len(RENAMED_ON) - 1), may=["NameUnchanged"]),
        Told("again-met", *met(cells[0], MONTHS[0]), may=["AlreadyHeld"]),
        Told("again-class", *_classified(cells[0], committee, YEARS[0]), may=["AlreadyDecided"]),
        Told("target-more", *_target(code, 50)),
    ]
    for row in rows:
        row.time = by_its_clock.isoformat()
    return rows


def _wrong(code: str, neighbour: str, by_its_clock: datetime, *, ahead: bool) -> list[Told]:
    """Return what is rejected for a reason of its own, and what is told anew in its place."""
    committee, [cell, *_] = f"{code}-G", _cells(code)
    type, early = admitted(code, 901, cell)
    early = early | {"ceremony_on": "2023-12-31"}
    _, mended = admitted(code, 901, cell)
    nowhere = admitted(code, 902, f"{code}-X")
    _, found = admitted(code, 902, cell)
    judged, forged = _classified(cell, committee, "2019")
    now, held = met(cell, "2024-12", at=by_its_clock.isoformat())
    return [
        Told("not-mine", *founded(f"{code}-N", neighbour, "GRASSROOTS_CELL"), may=["NotYours"]),
        Told("not-mine-met", *met(f"{neighbour}-C1", "2024-09"), may=["NotYours"]),
        Told("not-mine-class", *_classified(f"{neighbour}-C1", committee, "2018"), may=["NotYours"]),
        _anew(Told("early", type, early, may=["CeremonyBeforeDecision"]), mended),
        _anew(Told("nowhere", *nowhere, may=["UnknownOrganization"], waits=True), found),
        _anew(Told("forged", judged, forged | {"evidence": "0" * 64}, may=["EvidenceMismatch"]), forged),
        Told("not-a-cell", *met(committee, "2024-10"), may=["NotACell"]),
        Told("just-met", now, held, may=["InTheFuture"] if ahead else ["accepted"]),
    ]


def _anew(told: Told, data: Json, *may: str) -> Told:
    mended = Told(f"{told.id}-anew", told.type, data, may=["accepted", *may], replaces=told.id)
    told.anew = asdict(mended)
    return told


def _waiting(told: Told, *may: str) -> Told:
    """Return what waits for what comes behind it. Told again, it may find itself decided after all."""
    told.waits = True
    return _anew(told, told.data, *may)


def _cells(code: str) -> list[str]:
    return [f"{code}-C{number}" for number in range(1, CELLS + 1)]


def _number(cell: str, turn: int) -> int:
    return int(cell[-1]) * 100 + turn


def founded(code: str, parent: str, kind: str = "SUBORDINATE_CELL") -> tuple[str, Json]:
    """Return type and data of a founding."""
    data = {"organization": code, "name": f"Chi bộ {code}", "kind": kind, "parent": parent}
    return "registry.OrganizationFounded.v1", data | {"founded_on": "2000-02-03"}


def _renamed(cell: str, turn: int) -> tuple[str, Json]:
    data = {"organization": cell, "name": f"Chi bộ {cell} ({turn})", "effective_on": RENAMED_ON[turn]}
    return "registry.OrganizationRenamed.v1", data | {"decision": DECISION}


def admitted(code: str, number: int, cell: str) -> tuple[str, Json]:
    """Return those of an admission."""
    data = {"member": f"{code}-M-{number:05}", "organization": cell, "decision": DECISION}
    return "registry.MemberAdmitted.v1", data | {"ceremony_on": "2024-02-03", "standing": "PROBATIONARY"}


def _target(code: str, target: int) -> tuple[str, Json]:
    data = {"organization": code, "year": "2024", "target": target, "set_on": "2024-01-05"}
    return "registry.AdmissionTargetSet.v1", data


def met(cell: str, meeting: str, *, at: str = "") -> tuple[str, Json]:
    """Return those of a meeting."""
    counts = {"summoned": {"full": 20, "probationary": 2}, "present": 21, "excused": 1, "unexcused": 0}
    data = {"organization": cell, "meeting": f"{cell}-{meeting}", "kind": "REGULAR", "duration_min": 90}
    held = {"held_at": at or f"{meeting}-05T12:30:00Z", "topic": meeting, "discusses_solutions": True}
    return "assessment.MeetingHeld.v1", data | held | counts


def _classified(cell: str, by: str, year: str) -> tuple[str, Json]:
    events = [f"{cell}-{year}-{number}" for number in range(4)]
    data = {"organization": cell, "period": year, "level": "GOOD", "four_good": False, "score": "86.50"}
    decided = {"decided_by": by, "decided_on": f"{int(year) + 1}-01-15", "reasons": ["86.50"]}
    pack = {"name": "124-QĐ/TW", "version": "2024-01-01"}
    on = {"rule_pack": pack, "events": events, "evidence": evidence_of(events)}
    return "classification.CellClassified.v1", data | decided | on

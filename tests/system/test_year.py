"""A year of one cell, lived day by day: the clock of every service is moved, and nobody acts ahead of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.days import PROVINCE_TIME
from deploy.embedded.runtime import SERVICES
from services.chassis.clock import utc_now
from tests.patience import PATIENCE_S
from tests.system.clerk import Clerk, held
from tests.system.conftest import IN_CONTAINERS, Ask, new_province
from tests.system.processes import Processes
from tests.system.test_classes import REPORT
from tests.system.test_members import admission, decision

pytestmark = pytest.mark.skipif(IN_CONTAINERS, reason="containers have the machine's clock")

PROVINCE, COMMITTEE, CELL, SUPERVISOR = "YEAR-T", "YEAR-DB", "YEAR-CB", "YEAR-M-9"
FIRST, LAST = date(2025, 1, 1), date(2026, 1, 20)
FRAMEWORK = {"number": "05-HD/BTCTU", "date": "2024-12-19"}
SILENT = "2025-10"
"""The month for which the cell submits nothing."""

RETURNED = "2025-05"
"""The month of which the committee wants to know more."""

PERIODS = [f"2025-{number:02}" for number in range(1, 13)]

OWED = {
    "MEETING": {"MET": 12},
    "THEMATIC_MEETING": {"MET": 4},
    "SELF_ASSESSMENT": {"MET": 11, "MISSED": 1},
    "VISIT": {"MET": 1},
    "ACKNOWLEDGEMENT": {"MET": 1},
    "RECOGNITION": {"MET": 1},
}
"""What the cell owed in the year and what became of it, by duty."""

Command = tuple[str, str, dict[str, Any]]
Days = Mapping[date, list[Command]]


# -- What is told, by day


def criterion(name: str, measured_by: str, op: str, value: str) -> dict[str, Any]:
    named = {"criterion": name, "name_vi": name, "name_en": name, "period": "MONTH", "unit": "%"}
    measured = {"kind": "MEASURED", "test": {"op": op, "value": value}, "measured_by": measured_by}
    return named | measured | {"source": "12-HD/BTCTW, 2018-07-06", "legal_tag": "LEGAL_MANDATORY"}


def beginning() -> Iterator[Command]:
    """Yield who there is, and what the cell is asked."""
    kinds = ("PROVINCIAL_COMMITTEE", "GRASSROOTS_COMMITTEE", "SUBORDINATE_CELL")
    parent = None
    for code, kind in zip((PROVINCE, COMMITTEE, CELL), kinds, strict=True):
        said = {"organization": code, "name": code, "kind": kind, "parent": parent}
        yield "registry", "/organizations", said | {"founded_on": "2015-01-01"}
        parent = code
    for n in range(1, 4):
        yield "registry", "/members", admission(f"YEAR-M-{n}", CELL)
    yield "registry", "/members", admission("YEAR-M-4", CELL, "PROBATIONARY", "2024-02-26", "2024-03-10")
    criteria = [
        criterion("attendance_pct", "ATTENDANCE_PCT", "gt", "85"),
        criterion("regular_meetings", "REGULAR_MEETINGS", "gte", "1"),
    ]
    good = {"good": "MEETING_QUALITY", "name_vi": "Sinh hoạt", "name_en": "Meetings", "criteria": criteria}
    framework = {"organization": COMMITTEE, "framework": FRAMEWORK, "title": "Chi bộ bốn tốt"}
    dates = {"period": "MONTH", "effective_on": "2025-01-01", "goods": [good]}
    yield "assessment", "/frameworks", framework | dates
    rules = {"name": "776-QĐ/TU", "version": "2023-01-16"}
    follows = {"organization": CELL, "superior": COMMITTEE, "supervisor": SUPERVISOR, "year": "2025"}
    yield "assessment", "/supervision", follows | {"assigned_on": "2025-01-01", "rules": rules}


def month(number: int) -> Iterator[tuple[date, Command]]:
    """Yield a month: called on the 20th, held on the 28th, answered for on the 2nd, accepted on the 8th."""
    on = date(2025, number, 28)
    code = f"{CELL}-{on}"
    call = {"organization": CELL, "kind": "REGULAR", "scheduled_for": f"{on}T14:00:00+07:00"}
    announced = {"announced_at": f"{on.replace(day=20)}T00:30:00+07:00"}
    yield on.replace(day=20), ("assessment", f"/meetings/{code}/announcements", call | announced)
    task = {"member": "YEAR-M-1", "what": "visit the households", "due_on": f"{on}"}
    resolution = {"number": f"{number}-NQ/CB", "title": "Nhiệm vụ của tháng"}
    minutes = held(CELL, f"{on}", of=4, tasks=[task], resolution=resolution)
    yield on, ("assessment", "/meetings", minutes)
    if number > 1:
        before = on.replace(month=number - 1)
        done = {"organization": CELL, "state": "DONE", "at_meeting": code, "reported_on": f"{on}"}
        yield on, ("assessment", f"/meetings/{CELL}-{before}/tasks/1/reports", done)
    if number % 2:
        visit = {"supervisor": SUPERVISOR, "superior": COMMITTEE, "organization": CELL}
        yield on, ("assessment", f"/meetings/{code}/attendances", visit | {"attended_on": f"{on}"})
    if number % 3 == 2:
        theme = on.replace(day=15)
        yield theme, ("assessment", "/meetings", held(CELL, f"{theme}", of=4, kind="THEMATIC"))
    if f"{on:%Y-%m}" != SILENT:
        yield from assessed(f"{on:%Y-%m}", (on + timedelta(days=10)).replace(day=2))


def assessed(period: str, on: date) -> Iterator[tuple[date, Command]]:
    """Yield a self-assessment: submitted, of one month returned and answered again, accepted."""
    path = f"/self-assessments/{CELL}/{period}"
    results = [{"criterion": "attendance_pct"}, {"criterion": "regular_meetings"}]
    said = {"framework": FRAMEWORK, "results": results, "submitted_on": f"{on}"}
    yield on, ("assessment", "/self-assessments", said | {"organization": CELL, "period": period})
    if period == RETURNED:
        back, again = on.replace(day=4), on.replace(day=6)
        why = {"returned_by": COMMITTEE, "returned_on": f"{back}", "reason": "who was excused?"}
        yield back, ("assessment", f"{path}/returns", why | {"resubmit_by": f"{again}"})
        results = [one | {"note": "nobody was"} for one in results]
        said |= {"results": results, "submitted_on": f"{again}"}
        yield again, ("assessment", f"{path}/resubmissions", said)
    accepted = on.replace(day=8)
    body = {"accepted_by": COMMITTEE, "accepted_on": f"{accepted}"}
    yield accepted, ("assessment", f"{path}/acceptances", body)


def concern() -> Iterator[tuple[date, Command]]:
    """Yield a concern that is raised on Friday 28 February and solved by the province in June."""
    code, path = f"{CELL}-ROAD", f"/concerns/{CELL}-ROAD"
    raised = {"concern": code, "organization": CELL, "meeting": f"{CELL}-2025-02-28", "raised_to": COMMITTEE}
    about = {"raised_on": "2025-02-28", "matter": "Đường liên khu ngập", "category": "INFRASTRUCTURE"}
    yield date(2025, 2, 28), ("assessment", "/concerns", raised | about)
    written = {"by": COMMITTEE, "acknowledged_on": "2025-03-14"}
    paper = {"document": {"number": "9-CV/ĐU", "date": "2025-03-13"}}
    yield date(2025, 3, 14), ("assessment", f"{path}/acknowledgement", written | paper)
    up = {"by": COMMITTEE, "to": PROVINCE, "escalated_on": "2025-03-20", "reasons": ["BEYOND_COMPETENCE"]}
    yield date(2025, 3, 20), ("assessment", f"{path}/escalations", up)
    flags = {"report": True, "opinions": True, "field_survey": True}
    heard = {"by": PROVINCE, "heard_on": "2025-04-03"} | flags
    yield date(2025, 4, 3), ("assessment", f"{path}/hearings", heard)
    told = {"by": PROVINCE, "assigned_on": "2025-04-03", "agency": "Sở Xây dựng", "due_on": "2025-06-30"}
    yield date(2025, 4, 3), ("assessment", f"{path}/assignments", told)
    solved = {"by": PROVINCE, "resolved_on": "2025-06-20", "outcome": "Đã làm cống mới."}
    yield date(2025, 6, 20), ("assessment", f"{path}/resolutions", solved)
    confirmed = {"organization": CELL, "confirmed_on": "2025-06-28"}
    yield date(2025, 6, 28), ("assessment", f"{path}/confirmations", confirmed)


def days() -> Days:
    """Return all that is told, by day."""
    told: dict[date, list[Command]] = defaultdict(list)
    told[FIRST] = [*beginning()]
    vote = {"vote": {"summoned": 3, "in_favour": 3}, "decision": decision("2025-03-11")}
    full = "registry", "/members/YEAR-M-4/recognition", vote | {"organization": CELL}
    told[date(2025, 3, 11)].append(full)
    for day, command in [*concern(), *(one for n in range(1, 13) for one in month(n))]:
        told[day].append(command)
    for commands in told.values():
        commands.sort(key=lambda one: one[1] != "/meetings")  # minutes before what rests on them
    decided = REPORT | {"organization": CELL, "decided_by": COMMITTEE, "year": 2025}
    told[date(2026, 1, 15)].append(("classification", "/decisions", decided))
    return told


# -- The year


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """Return how to make it noon of a day in the province, for every service."""
    ahead = tmp_path_factory.mktemp("clock") / "ahead_s"

    def noon(day: date) -> None:
        instant = datetime(day.year, day.month, day.day, 21, tzinfo=PROVINCE_TIME)
        fresh = ahead.with_suffix(".new")
        fresh.write_text(str((instant - utc_now()).total_seconds()))
        fresh.replace(ahead)

    noon.ahead = ahead
    noon(FIRST)
    return noon


@pytest.fixture(scope="module")
def years(tmp_path_factory, clock) -> Iterator[Processes]:
    """Return a province of its own, whose services live by `clock`."""
    commands = {name: ("tests.chaos.shifted", name, str(clock.ahead)) for name in SERVICES}
    begun = {"assessment": {"OBLIGATIONS_FROM": f"{FIRST:%Y-%m}"}}
    with new_province(tmp_path_factory, modules=commands, settings=begun) as running:
        yield running


@pytest.fixture
async def lived(years, clock):
    """Return who lived the year: on each day what is told that day, and never what is of the next."""
    told = days()
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        clerk = Clerk(Ask(years, client))
        for n in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=n)
            clock(day)
            for service, path, body in told.get(day, ()):
                await clerk.tell(service, path, body)
            tomorrow = held(CELL, f"{day + timedelta(days=1)}", of=4)
            assert (409, "InTheFuture") == await clerk.refused("assessment", "/meetings", tomorrow)
        await clerk.ask.settled()
        for period in PERIODS:
            judged = {"organization": COMMITTEE, "period": period}
            await clerk.ask.json("assessment", "/obligations/recompute", method="POST", json=judged)
        await clerk.ask.settled()
        yield clerk


async def test_a_year_lived_day_by_day_ends_with_its_figures_its_class_and_its_history(lived):
    figures = await lived.read("assessment", f"/figures?organization={CELL}&period=2025")
    assert ["12", "1", "100.00"] == [
        figures[name]["value"]
        for name in ("REGULAR_MEETINGS", "THEMATIC_MEETINGS_IN_QUARTER", "ATTENDANCE_PCT")
    ]
    supervision = await lived.read("assessment", f"/supervision?organization={CELL}&year=2025")
    assert (6, 6, 0) == (supervision["minimum"], supervision["done"], supervision["missing"])
    road = await lived.read("assessment", f"/concerns/{CELL}-ROAD")
    assert ("2025-03-14", "MET") == (road["acknowledgement"]["due_on"], road["acknowledgement"]["state"])
    assert ("CONFIRMED_TO_CELL", "MET") == (road["state"], road["solution"]["state"])
    missing = await lived.read("reporting", f"/organizations/{COMMITTEE}/missing?month={SILENT}")
    assert [CELL] == missing["cells"]
    owed: dict[str, Counter[str]] = defaultdict(Counter)
    for period in PERIODS:
        asked = f"organization={CELL}&period={period}"
        for one in (await lived.read("assessment", f"/obligations?{asked}"))["obligations"]:
            owed[one["duty"]][one["outcome"]] += 1
    assert OWED == owed
    asked = f"organization={COMMITTEE}&period={SILENT}"
    [lacking] = (await lived.read("assessment", f"/obligations/missing?{asked}"))["items"]
    assert (CELL, [("SELF_ASSESSMENT", SILENT, "2025-11-05")]) == (
        lacking["organization"],
        [(one["duty"], one["subject"], one["due_on"]) for one in lacking["missing"]],
    )
    made = await lived.read("classification", f"/decisions/{CELL}/2025")
    assert ("2026-01-15", False) == (made["decided_on"], made["four_good"])
    assert any(reason.endswith(f"missing {SILENT}") for reason in made["reasons"])

    entries = (await lived.read("reporting", f"/cells/{CELL}/timeline"))["entries"]
    meetings = [one for one in entries if one["type"] == "assessment.MeetingHeld.v1"]
    assert 12 + 4 == len(meetings)
    assert [one["data"]["held_at"][:10] for one in meetings] == [one["recorded_at"][:10] for one in meetings]

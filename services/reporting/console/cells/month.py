"""A month: of a cell what was due, done and by whom; of a committee its cells with what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from contracts.days import day_of
from contracts.message import Code
from contracts.vocabulary import Month
from services.chassis.views.tree import Node
from services.reporting.cell import CellState, Entry
from services.reporting.console import charts
from services.reporting.console.asking import KnownOn
from services.reporting.console.cells.desk import Desk
from services.reporting.console.charts import Bar, Part
from services.reporting.console.commands.offers_of_cells import of_month, of_months_beneath, of_owed
from services.reporting.console.knowing import Knowing, known
from services.reporting.console.names import For
from services.reporting.console.queries import Queries, Totals
from services.reporting.console.texts import Texts
from services.reporting.views.obligations import DUTIES_TOLD, MISSING, STATES
from services.reporting.views.subtree import CELLS

ROWS = 50

MARKS = {
    "MET": "on-time",
    "EXCUSED": "excused",
    "LATE": "late",
    "OPEN": "unclassified",
    "OVERDUE": "overdue",
    "MISSED": "missing",
}
"""Of a state, the class of what is drawn for it."""


OF_MEMBERS = ("VISIT", "RECOGNITION")
"""Duties whose subject is a member."""


@dataclass(frozen=True)
class Task:
    """A task that fell due in the month, and what was last heard of it."""

    meeting: str
    number: int
    member: str
    what: str
    due_on: date
    state: str


def add_month(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/organizations/{code}/month")
    async def month(
        request: Request,
        code: str,
        known_on: KnownOn,
        month: Annotated[Month | None, Query()] = None,
        all: bool = False,
        beyond: Annotated[Code | None, Query()] = None,
        purpose: For = None,
    ) -> Response:
        caller, node = await desk.reader.organization(request, code)
        knowing, texts = Knowing.of(known_on, desk.today), desk.renderer.language_of(request)
        of = month or f"{min(knowing.last, desk.last_day(node)):%Y-%m}"
        page: dict[str, Any] = {"month": of, "knowing": knowing, **neighbours(of, knowing.last)}
        async with known(desk.queries, node, knowing, "obligations") as (then, found):
            if found.kind in CELLS:
                template = "cell_month.html"
                page |= await _of_cell(then, found, of, knowing.last)
                state = page["assessed"].state if page["assessed"] else None
                offers = of_month(desk.services, caller, found, of, state, today=desk.today)
                page["named"] = await desk.named(request, caller, _people(page), purpose)
                page["entries"] = await desk.spoken(page["entries"])
                page["offers"] = () if knowing.on else offers
                page["excuse"] = partial(of_owed, desk.services, caller, found, of)
            else:
                template = "committee_month.html"
                page |= await _of_committee(then, found, of, knowing.last, missing=not all, beyond=beyond)
                page["offers"] = () if knowing.on else of_months_beneath(desk.services, caller, found, of)
                page["drawn"] = drawn(page["totals"], texts)
        return await desk.page(request, template, caller, found, {**page, "today": knowing.last})


def neighbours(month: str, last: date) -> Mapping[str, str | None]:
    """Return the month before one and the month after it, as far as that has begun."""
    first = date.fromisoformat(f"{month}-01")
    after = f"{first + timedelta(days=31):%Y-%m}"
    return {
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "after": after if after <= f"{last:%Y-%m}" else None,
    }


def last_of(month: str) -> date:
    """Return the last day of a month."""
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


async def _of_cell(queries: Queries, node: Node, month: str, today: date) -> dict[str, Any]:
    last = min(last_of(month), today)
    owed = await queries.owed(node.code, month, today)
    state = await queries.state(node.code, today)
    timeline = await queries.timeline(node.code)
    codes = {one.owed_by for one in owed} | {one.excused_by for one in owed if one.excused_by}
    return {
        "last": last,
        "owed": owed,
        "done": sum(one.state in ("MET", "LATE") for one in owed),
        "missing": sum(one.state in MISSING for one in owed),
        "meetings": [one for one in state.meetings if f"{day_of(one.held_at):%Y-%m}" == month],
        "called": _called(timeline, state, month),
        "visits": {one.meeting: one.supervisor for one in state.visits},
        "assessed": next((one for one in state.assessments if one.period == month), None),
        "tasks": due_tasks(timeline, month),
        "entries": [one for one in reversed(timeline) if f"{one.on:%Y-%m}" == month],
        "names": {code: found.name for code in codes if (found := await queries.find(code)) is not None},
    }


def _people(page: Mapping[str, Any]) -> list[str]:
    """Return the members whom the page of a cell's month speaks of."""
    owing = [one.owed_by for one in page["owed"] if one.owed_by not in page["names"]]
    of_them = [one.subject for one in page["owed"] if one.duty in OF_MEMBERS]
    return [*owing, *of_them, *page["visits"].values(), *(one.member for one in page["tasks"])]


def _called(timeline: Sequence[Entry], state: CellState, month: str) -> Sequence[tuple[str, datetime]]:
    """Return the meetings called for the month that are neither held nor called off, and when they are."""
    calls: dict[str, datetime] = {}
    for entry in sorted(timeline, key=lambda one: (one.at, one.position)):
        if entry.name == "MeetingScheduled":
            calls[entry.data["meeting"]] = datetime.fromisoformat(entry.data["scheduled_for"])
        elif entry.name == "MeetingCancelled":
            calls.pop(entry.data["meeting"], None)
    held = {one.code for one in state.meetings}
    return [(code, at) for code, at in calls.items() if code not in held and f"{day_of(at):%Y-%m}" == month]


def due_tasks(timeline: Sequence[Entry], month: str) -> Sequence[Task]:
    """Return the tasks that fall due in a month, by the minutes that count, and what was heard of them."""
    minutes: dict[str, Sequence[Mapping[str, Any]]] = {}
    heard: dict[tuple[str, int], str] = {}
    for entry in sorted(timeline, key=lambda one: (one.at, one.position)):
        if entry.name in ("MeetingHeld", "MinutesCorrected"):
            minutes[entry.data["meeting"]] = entry.data["tasks"]
        elif entry.name == "TaskReported":
            heard[entry.data["meeting"], entry.data["task"]] = entry.data["state"]
    tasks = [
        Task(
            meeting,
            number,
            said["member"],
            said["what"],
            date.fromisoformat(said["due_on"]),
            heard.get((meeting, number), "OPEN"),
        )
        for meeting, told in minutes.items()
        for number, said in enumerate(told, 1)
        if said["due_on"].startswith(month)
    ]
    return sorted(tasks, key=lambda one: (one.due_on, one.meeting, one.number))


async def _of_committee(
    queries: Queries, node: Node, month: str, today: date, *, missing: bool, beyond: str | None
) -> dict[str, Any]:
    day = min(last_of(month), today)
    totals = await queries.owed_beneath(node.code, month, day, today)
    cells = await queries.owing(
        node.code, month, day, today, missing=missing, after=beyond or "", limit=ROWS + 1
    )
    known = [one for one in DUTIES_TOLD if one in totals]
    states = {state: sum(of.get(state, 0) for of in totals.values()) for state in STATES}
    return {
        "totals": totals,
        "states": states,
        "owed_in_all": sum(states.values()),
        "duties": [*known, *sorted(totals.keys() - set(known))],
        "cells": cells[:ROWS],
        "following": cells[ROWS - 1].code if len(cells) > ROWS else None,
        "missing_only": missing,
        "marks": MARKS,
    }


def drawn(totals: Totals, texts: Texts) -> Mapping[str, Markup]:
    """Return, for each duty, one full bar of what became of it."""
    return {duty: _bar(duty, states, texts) for duty, states in totals.items()}


def _bar(duty: str, states: Mapping[str, int], texts: Texts) -> Markup:
    word = texts.of("owed", duty)
    parts = [
        Part(MARKS[state], n, f"{word} · {texts.of('owed_state', state)}: {texts.number(n)}", texts.number(n))
        for state in STATES
        if (n := states.get(state, 0))
    ]
    said = ", ".join(part.says.rpartition(" · ")[2] for part in parts)
    return charts.whole(Bar(word, tuple(parts)), title=f"{word}: {said}")

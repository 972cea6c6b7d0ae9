"""What each page shows: the questions it asks, put together for its template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.days import PROVINCE_TIME
from services.chassis.views.tree import Node
from services.reporting.cell import CellState, Entry
from services.reporting.console import figures
from services.reporting.console.queries import ORDERS, Child, Listing, Parked, Queries
from services.reporting.console.texts import Texts
from services.reporting.views import Month, percent_of
from services.reporting.views.subtree import Structure

Page = dict[str, Any]

ROWS_MAX = 25
ENTRIES_MAX = 40
YEARS_OFFERED = 8
YEARS_SHOWN = 5


@dataclass(frozen=True)
class Asked:
    """What the address asks for: every field has a sensible answer when left out."""

    year: int | None = None
    on: date | None = None
    slid: int | None = None
    shown: date | None = None
    matching: str = ""
    order: str = "code"
    page: int = 1
    type: str = ""
    leaf: int = 1
    structure: Structure = "then"
    slid_from: date | None = None

    @property
    def listing(self) -> Listing:
        """Return the order and page of the children; an unknown order is by code."""
        order = self.order.removeprefix("-")
        known = order in ORDERS
        return Listing(
            matching=self.matching.strip(),
            order=order if known else "code",
            descending=known and self.order.startswith("-"),
            offset=(self.page - 1) * ROWS_MAX,
            limit=ROWS_MAX,
        )


@dataclass(frozen=True)
class Pages:
    """Where a reader is in a long list."""

    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        """Return the number of the first row shown, counted from one."""
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        """Return the number of the last row shown."""
        return min(self.number * self.size, self.total)

    @property
    def count(self) -> int:
        """Return how many pages there are, at least one."""
        return max(-(-self.total // self.size), 1)


async def committee(queries: Queries, node: Node, asked: Asked, *, today: date, texts: Texts) -> Page:
    """Return the page of an organization with others beneath it."""
    reported = [year for year in await queries.years(node.code) if year <= today.year] or [today.year]
    years = sorted({*reported, today.year})[-YEARS_OFFERED:]
    year = asked.year if asked.year in years else reported[-1]
    on = min(date(year, 12, 31), today)
    months = await queries.months(node.code, year)
    listing = asked.listing
    children = await queries.children(node.code, year, on, listing)
    return {
        "node": node,
        "ancestors": await queries.ancestors(node),
        "asked": asked,
        "year": year,
        "years": years,
        "on": on,
        "kinds": await queries.kinds(node.code),
        "models": await queries.models(node.code, on),
        "members": await queries.headcount(node.code, on),
        "months": months,
        "completeness": _whole_year(months),
        "submissions": figures.submissions(months, texts),
        **await _classes(queries, node.code, years, texts),
        **await _membership(queries, node.code, year, on, texts),
        "children": [(child, _whole_year(child.months)) for child in children.rows],
        "children_total": children.total,
        "listing": listing,
        "pages": Pages(asked.page, ROWS_MAX, children.total),
        "own": await queries.state(node.code, on),
        **_record(await queries.timeline(node.code), asked),
    }


def _whole_year(months: Sequence[Month]) -> Month:
    """Return the months added up."""
    fields = ("due", "submitted", "late", "missing", "four_good")
    return Month("", **{name: sum(getattr(month, name) for month in months) for name in fields})


async def _classes(queries: Queries, code: str, years: Sequence[int], texts: Texts) -> Page:
    distributions = [await queries.distribution(code, year) for year in years[-YEARS_SHOWN:]]
    classified = [one for one in distributions if any(one.levels.values())]
    return {"distributions": classified, "classes": figures.classes(classified, texts)}


async def _membership(queries: Queries, code: str, year: int, on: date, texts: Texts) -> Page:
    admissions = await queries.admissions(code, year)
    first = date(year, 1, 1)
    points = await queries.growth(code, first, on)
    return {
        "admissions": admissions,
        "bullet": figures.admissions(admissions, texts),
        "points": points,
        "growth": figures.growth(points, first, on, texts),
        "growth_first": first,
    }


def _record(timeline: Sequence[Entry], asked: Asked) -> Page:
    """Return one page of the timeline, newest first, and the types it can be narrowed to."""
    newest = sorted(timeline, key=lambda entry: (entry.at, entry.recorded_at, entry.position), reverse=True)
    types: dict[str, int] = {}
    for entry in timeline:
        types[entry.name] = types.get(entry.name, 0) + 1
    chosen = [entry for entry in newest if asked.type in ("", entry.name)]
    pages = Pages(asked.leaf, ENTRIES_MAX, len(chosen))
    entries = chosen[(asked.leaf - 1) * ENTRIES_MAX : asked.leaf * ENTRIES_MAX]
    return {"entries": entries, "entry_types": types, "entry_pages": pages, "entries_total": len(timeline)}


async def cell(queries: Queries, node: Node, asked: Asked, *, today: date, texts: Texts) -> Page:
    """Return the page of a cell: its state on a day, the slider to move that day, its timeline."""
    timeline = await queries.timeline(node.code)
    first = min((entry.on for entry in timeline), default=node.founded_on or today)
    first = min(first, today)
    last_event = max((entry.on for entry in timeline if entry.on <= today), default=today)
    wished = day_moved_to(asked.slid, asked.shown, asked.on, asked.slid_from or first)
    on = min(max(wished or last_event, first), today)
    return {
        "node": node,
        "ancestors": await queries.ancestors(node),
        "asked": asked,
        "first": first,
        "today": today,
        "on": on,
        "days": (today - first).days,
        "day": (on - first).days,
        "activity": figures.activity([entry.on for entry in timeline], first, today, on, texts),
        **state_of(await queries.state(node.code, on), timeline, today=today),
        **_record(timeline, asked),
    }


def state_of(state: CellState, timeline: Sequence[Entry], *, today: date) -> Page:
    """Return the figures of a state, those of a year by the year of its day, and its neighbours."""
    year = str(state.on.year)
    held = [one for one in state.meetings if one.held_at.astimezone(PROVINCE_TIME).year == state.on.year]
    present, summoned = sum(meeting.present for meeting in held), sum(meeting.summoned for meeting in held)
    return {
        "state": state,
        "on": state.on,
        "year": state.on.year,
        "earlier": max((entry.on for entry in timeline if entry.on < state.on), default=None),
        "later": min((entry.on for entry in timeline if state.on < entry.on <= today), default=None),
        "held": len(held),
        "attendance": percent_of(present, summoned),
        "visited": sum(visit.attended_on.year == state.on.year for visit in state.visits),
        "assessed": sum(one.period.startswith(year) for one in state.assessments),
        "four_good": sum(one.period.startswith(year) and one.four_good is True for one in state.assessments),
        "visits_of": _visits_by_meeting(state),
    }


def _visits_by_meeting(state: CellState) -> Mapping[str, int]:
    visits: dict[str, int] = {}
    for visit in state.visits:
        visits[visit.meeting] = visits.get(visit.meeting, 0) + 1
    return visits


def day_moved_to(slid: int | None, shown: date | None, written: date | None, first: date) -> date | None:
    """Return the day a form asks for: where the slider was moved to, else the day written beside it.

    `slid` counts days from `first`; it was moved if it is not at the day `shown` any more. A day written
    anew wins, since without JavaScript the slider stays behind.
    """
    if slid is None or shown is None or written not in (None, shown):
        return written
    at_shown = (shown - first).days
    return written if slid == at_shown else first + timedelta(days=slid)


async def operations(queries: Queries, rejected: Sequence[Parked]) -> Page:
    """Return the page of the operator: the ledger, the views, and what was set aside here and elsewhere."""
    return {
        "sources": await queries.sources(),
        "views": await queries.views(),
        "parked": [*rejected, *await queries.parked()],
    }


def heat_row(child: Child) -> list[tuple[Month, str]]:
    """Return a child's months, each with the class of its square."""
    return [(month, figures.heat(month)) for month in child.months]

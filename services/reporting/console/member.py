"""The page of a member, by code: where they are and were, what they hold, what was told of them."""

from datetime import date

from services.chassis.views.tree import Node
from services.reporting.console.pages import Page
from services.reporting.console.queries import Queries
from services.reporting.views.life import Life


async def member(queries: Queries, life: Life, node: Node, *, today: date) -> Page:
    """Return the page of a member; `node` is where they are, or last were."""
    codes = {stay.code for stay in life.stays} | {one.home for one in life.stays if one.home}
    codes |= {one.destination for one in life.releases}
    positions = await queries.positions(life.member, today)
    codes |= {one.organization for one in positions}
    told = await queries.told_of(life.member, sorted(codes))
    waiting = [one for one in life.releases if one.until_on is None and not life.ended_on]
    return {
        "life": life,
        "node": node,
        "ancestors": [*await queries.ancestors(node), node],
        "today": today,
        "standing": _standing(life, today),
        "exempted": next((one for one in life.exemptions if one.until_on is None), None),
        "waiting": waiting[0] if waiting else None,
        "party_years": _years(life.decided_on, min(life.ended_on or today, today)),
        "positions": positions,
        "entries": sorted(told, key=lambda one: (one.at, one.position), reverse=True),
        "named": {code: found.name for code in codes if (found := await queries.find(code)) is not None},
    }


def _standing(life: Life, today: date) -> str:
    if life.ended_on and life.ended_on <= today:
        return "ENDED"
    return "FULL" if life.full_from and life.full_from <= today else "PROBATIONARY"


def _years(since: date, until: date) -> int:
    """Return the whole years between two days: a member's party age (domain.md 7.2)."""
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))

"""Random lives of members: what the registry would let happen of what is tried, as its public events.

for events in given(lives()): a list in the order in which the registry recorded them
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from contracts.message import Event
from contracts.registry import MemberAdmitted, MemberRecognized, MembershipEnded, MemberTransferred
from services.chassis.errors import Refused
from services.registry.application import admission_ages, membership_rules
from services.registry.domain.member import (
    Arrival,
    EndReason,
    Leave,
    Member,
    Paper,
    Recognition,
    Standing,
    TransferKind,
    TransferReason,
)
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision
from services.registry.publication import publish
from tests.spec import fact, spec

NOW = datetime(2060, 1, 1, tzinfo=UTC)
FIRST = date(2024, 1, 1)
DAYS = 1_500
CELLS = ("C-1", "C-2", "C-3")
RULES, AGES = membership_rules(), admission_ages()


def _cell(code: str) -> Organization:
    stated = {"sector": None, "founded_on": "2000-01-01", "decision_number": None, "decision_dated": None}
    founding = fact(
        Organization.Founded, code=code, name=code, kind="SUBORDINATE_CELL", parent="G-1", **stated
    )
    found: Organization = spec(Organization)(founding).aggregate()
    return found


ORGANIZATIONS = {code: _cell(code) for code in CELLS}

TRIES = (*("recognize", "return", "release", "accept", "accept") * 4, "exempt", "reinstate", "end")
GAPS = (-3, 0, 0, 1, 5, 12, 31, 90)
"""Days between one try and the next: some go back, some let a release lapse."""

TRIED = st.tuples(
    st.sampled_from(TRIES),
    st.integers(0, 1),  # of whom
    st.sampled_from(GAPS),
    st.sampled_from(CELLS),
    st.booleans(),  # for a while; as a full member; a year late
)


def lives() -> st.SearchStrategy[list[Event]]:
    """Return lives of up to two members, told as the registry recorded them."""
    return lived().map(lambda life: life[1])


def lived() -> st.SearchStrategy[tuple[list[Member], list[Event]]]:
    """Return the same with the members themselves, as those lives left them."""
    return st.lists(TRIED, min_size=5, max_size=60).map(_told)


def _told(tried: Sequence[tuple[str, int, int, str, bool]]) -> tuple[list[Member], list[Event]]:
    members: dict[int, Member] = {}
    events: list[Event] = []
    day = FIRST
    for what, who, gap, cell, also in tried:
        day = max(day + timedelta(gap), FIRST)
        try:
            member = attempt(members.get(who), f"M-{who}", what, day, ORGANIZATIONS[cell], also)
        except Refused:
            continue
        members[who] = member
        told = [publish(one) for one in member.collect_events()]
        events += [one for one in told if one is not None]
    return list(members.values()), events


def attempt(
    member: Member | None,
    code: str,
    what: str,
    day: date,
    cell: Organization,
    also: bool,
    known: Mapping[str, Organization] = ORGANIZATIONS,
) -> Member:
    """Return the member after what was tried; who was none is admitted. Raises Refused."""
    decision = Decision("1-QĐ", day)
    if member is None:
        standing = Standing.FULL if also else Standing.PROBATIONARY
        person: dict[str, Any] = {"born_on": None, "ages": AGES, "person": None}
        return Member.admit(
            code, organization=cell, decision=decision, ceremony_on=day, standing=standing, at=NOW, **person
        )
    here, paper = member.organization, Paper(day, decision)
    match what:
        case "recognize":
            late = Decision("1-QĐ", day + timedelta(400 if also else 0))
            member.recognize(Recognition(here, late), rules=RULES, at=NOW)
        case "release":
            kind = TransferKind.TEMPORARY if also else TransferKind.OFFICIAL
            member.release(cell, Leave(here, kind, day, decision), rules=RULES, at=NOW)
        case "accept":
            to = known[member.released.to] if member.released else cell
            member.accept(to, Arrival(day, decision), at=NOW)
        case "return":
            home = known[member.home] if member.home else cell
            member.accept(home, Arrival(day, decision, TransferReason.RETURN), at=NOW)
        case "exempt":
            member.exempt(here, paper, at=NOW)
        case "reinstate":
            member.reinstate(here, paper, at=NOW)
        case "end":
            member.end(here, EndReason.LEFT, paper, at=NOW)
    return member


def roll_on(events: Sequence[Event], day: date) -> list[tuple[str, str, str]]:
    """Return (cell, member, standing) of everyone who is a member on `day`: written to be read, not quick."""
    found = []
    for admitted in (one for one in events if isinstance(one, MemberAdmitted)):
        mine: list[Any] = [one for one in events if getattr(one, "member", None) == admitted.member]
        moves = [one for one in mine if isinstance(one, MemberTransferred) and one.transferred_on <= day]
        full = [one for one in mine if isinstance(one, MemberRecognized) and one.full_from <= day]
        over = [one for one in mine if isinstance(one, MembershipEnded) and one.ended_on <= day]
        if admitted.ceremony_on <= day and not over:
            cell = moves[-1].organization if moves else admitted.organization
            found.append((cell, admitted.member, "FULL" if full else admitted.standing))
    return found

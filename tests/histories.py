"""Random histories of members and of their cells together: transfers, mergers, splits, moves, told late too.

for history in given(histories()): the public events in the order in which the registry recorded them
"""

from collections.abc import Coroutine, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from contracts.message import Event
from contracts.registry import MemberAdmitted, MemberTransferred, OrganizationMerged
from services.chassis.errors import Refused
from services.registry.application.organization.lineage import ancestry, follow
from services.registry.domain.member import Arrival, Member, TransferReason
from services.registry.domain.organization import Organization, UnknownSuccessor
from services.registry.domain.words import Decision
from services.registry.publication import publish
from tests.lives import FIRST, GAPS, NOW, TRIES, attempt
from tests.spec import fact, spec

COMMITTEES = ("G-1", "G-2")
CELLS = ("C-1", "C-2", "C-3", "C-4")

CHANGES = ("merge", "merge", "split", "split", "move")

TRIED = st.tuples(
    st.sampled_from((*TRIES, *TRIES, *CHANGES * 3)),
    st.integers(0, 2),  # of whom
    st.sampled_from(GAPS),
    st.sampled_from(CELLS),
    st.sampled_from(CELLS),
    st.booleans(),  # as in lives; of a split: whether a second member goes along
)


def histories() -> st.SearchStrategy[list[Event]]:
    """Return histories of up to three members in four cells, told as the registry recorded them."""
    return st.lists(TRIED, min_size=30, max_size=60).map(_told)


def _founded(code: str, kind: str, parent: str | None) -> Organization:
    stated = {"sector": None, "founded_on": "2000-01-01", "decision_number": None, "decision_dated": None}
    founding = fact(Organization.Founded, code=code, name=code, kind=kind, parent=parent, **stated)
    found: Organization = spec(Organization)(founding).aggregate()
    found._id = Organization.id_for(code)
    return found


@dataclass
class Province:
    """What has been recorded so far."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    async def find(self, code: str, otherwise: type[Exception]) -> Organization:
        """Return an organization: what `follow` and `ancestry` ask the log for."""
        return self.organizations[code]

    def followed(self, member: Member) -> Member:
        """Let the member go where mergers took it."""
        _now(follow(member, self.find, at=NOW))
        return member


def _now(asked: Coroutine[Any, Any, Any]) -> Any:
    """Return what is asked of what waits for nothing."""
    try:
        asked.send(None)
    except StopIteration as answer:
        return answer.value
    raise AssertionError("it waits")


def _told(tried: Sequence[tuple[str, int, int, str, str, bool]]) -> list[Event]:
    province = Province()
    province.organizations |= {"P-1": _founded("P-1", "PROVINCIAL_COMMITTEE", None)}
    province.organizations |= {code: _founded(code, "GRASSROOTS_COMMITTEE", "P-1") for code in COMMITTEES}
    province.organizations |= {code: _founded(code, "SUBORDINATE_CELL", "G-1") for code in CELLS}
    events: list[Event] = []
    day = FIRST
    for what, who, gap, cell, other, also in tried:
        day = max(day + timedelta(gap), FIRST)
        tried_on = deepcopy(province)  # what is refused changed nothing
        try:
            changed = _try(tried_on, what, who, day, cell, other, also)
        except Refused:
            continue
        province = tried_on
        facts = [fact for aggregate in changed for fact in aggregate.collect_events()]
        events += [told for one in facts if (told := publish(one)) is not None]
    return events


def _try(
    province: Province, what: str, who: int, day: date, cell: str, other: str, also: bool
) -> list[Organization | Member]:
    here, there = province.organizations[cell], province.organizations[other]
    decision = {"effective_on": day, "decision": Decision("1-QĐ", day), "at": NOW}
    match what:
        case "merge":
            _, *above = _now(ancestry(other, province.find, UnknownSuccessor, since=day))
            here.merge(there, above={one.code for one in above}, occupants=None, **decision)
            return [here]
        case "move":
            parent = province.organizations[COMMITTEES[also]]
            _, *above = _now(ancestry(parent.code, province.find, UnknownSuccessor, since=day))
            here.move(parent, above={one.code for one in above}, **decision)
            return [here]
        case "split":
            here.split([there], **decision)
            going = [province.members[one] for one in {who, (who + also) % 3} if one in province.members]
            paper = Arrival(day, Decision("1-QĐ", day), TransferReason.SPLIT, split_of=cell)
            for member in going:
                province.followed(member).accept(there, paper, at=NOW)
            return [*going, here]
    known = province.members.get(who)
    member = province.followed(known) if known else None
    province.members[who] = attempt(member, f"M-{who}", what, day, here, also, province.organizations)
    return [province.members[who]]


def lies_in(place: str, mergers: Sequence[OrganizationMerged]) -> str:
    """Return where a cell's members are after `mergers`."""
    into = {one.organization: one.into for one in mergers}
    while place in into:
        place = into[place]
    return place


def mergers_by(events: Sequence[Event], day: date = date.max) -> list[OrganizationMerged]:
    """Return the mergers of a history by `day`."""
    return [one for one in events if isinstance(one, OrganizationMerged) and one.effective_on <= day]


def breaks(events: Sequence[Event]) -> list[MemberTransferred]:
    """Return the moves of members from where they were not, by what had been told: there are none."""
    found, at = [], dict[str, str]()
    for place, event in enumerate(events):
        if isinstance(event, MemberAdmitted):
            at[event.member] = event.organization
        elif isinstance(event, MemberTransferred):
            if lies_in(at[event.member], mergers_by(events[:place])) != event.origin:
                found.append(event)
            at[event.member] = event.organization
    return found

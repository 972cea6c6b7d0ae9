"""The replay of one organization: every event about it, and its state as of any day, from the ledger alone.

`state` is a pure fold in valid time: it asks when things happened, not when we were told. With
`known_at` it answers what could be known at that instant; both together reconstruct an old report.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import anyio

from contracts.days import PROVINCE_TIME
from services.chassis.bounds import Bound
from services.chassis.views.places import Dissolution, Founding, Merger, Move, Renaming, Seen
from services.chassis.views.tree import Tree
from services.reporting import events as seen
from services.reporting.cell import CellState, Entry, Framework, Meeting, SelfAssessment, Visit
from services.reporting.events import seen_in
from services.reporting.ledger import ENTRIES_MAX, Ledger
from services.reporting.views.classes import YearClass
from services.reporting.views.completeness import deadline_of
from services.reporting.views.headcount import Count, Headcount
from services.reporting.views.members import Roll
from services.reporting.views.subtree import CELLS


@dataclass
class _Folding:
    """What the fold remembers until it is done."""

    roll: Roll
    founded_on: date | None = None
    kind: str = ""
    sector: str | None = None
    name: str | None = None
    parent: str | None = None
    ended_on: date | None = None
    frameworks: list[seen.CriteriaFrameworkIssued] = field(default_factory=list)
    model: str | None = None
    meetings: dict[str, Meeting] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    assessments: dict[str, SelfAssessment] = field(default_factory=dict)
    classes: dict[str, YearClass] = field(default_factory=dict)


def state(
    entries: Iterable[Entry],
    organization: str,
    on: date,
    known_at: datetime | None = None,
    lying: Collection[str] = (),
) -> CellState:
    """Return `organization` as of the end of `on`, from what `entries` tell of it and of frameworks above it.

    Only what was recorded by `known_at` counts, if given. The order of `entries` does not matter. Of what
    is `lying` in it, merged by that day, only the members are its own.
    """
    until = datetime.combine(on + timedelta(days=1), time(), PROVINCE_TIME)
    counted = [e for e in entries if e.at < until and (known_at is None or e.recorded_at <= known_at)]
    folding = _Folding(Roll(organization, lying))
    for entry in sorted(counted, key=lambda one: (one.at, one.source, one.message.sequence)):
        if (event := seen_in(entry.message)) is not None:
            folding.roll.take(event)
            if entry.message.organization not in lying:
                _fold(folding, event)
    in_force = [_framework(one) for one in folding.frameworks if _binds(one, folding, on)]
    return CellState(
        on=on,
        name=folding.name or organization,
        kind=folding.kind,
        parent=folding.parent,
        founded_on=folding.founded_on,
        ended_on=folding.ended_on,
        members=Count() if folding.ended_on else Count(folding.roll.full, folding.roll.probationary),
        framework=max(in_force, key=lambda f: (f.effective_on, f.issued_on, f.number), default=None),
        model=folding.model,
        meetings=tuple(sorted(folding.meetings.values(), key=lambda meeting: meeting.held_at)),
        visits=tuple(folding.visits),
        assessments=tuple(folding.assessments[period] for period in sorted(folding.assessments)),
        classes=tuple(folding.classes[year] for year in sorted(folding.classes)),
        events=sum(entry.message.organization == organization for entry in counted),
    )


def _place(folding: _Folding, event: Seen) -> None:
    """Fold what is told of the organization itself. That what is above was merged, only the tree knows."""
    match event:
        case Founding():
            folding.name, folding.parent = event.name, event.parent
            folding.kind, folding.founded_on = event.kind, event.founded_on
            folding.sector = event.sector
        case Renaming():
            folding.name = event.name
        case Move():
            folding.parent = event.parent
        case Merger():
            folding.parent, folding.ended_on = event.into, event.effective_on
        case Dissolution():
            folding.ended_on = event.effective_on


def _fold(folding: _Folding, event: Seen) -> None:
    match event:
        case seen.CriteriaFrameworkIssued():
            folding.frameworks.append(event)
        case seen.ModelCellSelected():
            folding.model = event.role
        case seen.MeetingHeld():
            folding.meetings[event.meeting] = _meeting(event)
        case seen.SupervisorAttended():
            folding.visits.append(Visit(event.supervisor, event.superior, event.meeting, event.attended_on))
        case seen.SelfAssessmentSubmitted():
            earlier = folding.assessments.get(event.period)
            folding.assessments[event.period] = _assessment(event, earlier)
        case seen.SelfAssessmentReturned() | seen.SelfAssessmentAccepted():
            _judge(folding.assessments, event)
        case seen.CellClassified():
            folding.classes[event.period] = _class(event)
        case _:
            _place(folding, event)


def _binds(event: seen.CriteriaFrameworkIssued, folding: _Folding, on: date) -> bool:
    """Return whether criteria apply on a day: to a cell such as it is, to a committee in any case."""
    if event.effective_on > on or event.ended_by(folding.frameworks, on):
        return False
    return folding.kind not in CELLS or event.is_for(folding.kind, folding.sector)


def _framework(event: seen.CriteriaFrameworkIssued) -> Framework:
    return Framework(
        number=event.framework.number,
        issued_on=event.framework.date,
        title=event.title,
        issuer=event.organization,
        effective_on=event.effective_on,
        period=event.period,
    )


def _meeting(event: seen.MeetingHeld) -> Meeting:
    return Meeting(
        code=event.meeting,
        kind=event.kind,
        held_at=event.held_at,
        topic=event.topic,
        duration_min=event.duration_min,
        summoned=event.summoned.full + event.summoned.probationary,
        present=event.present,
        excused=event.excused,
        unexcused=event.unexcused,
        resolution=event.resolution.title if event.resolution else None,
        tasks=len(event.tasks),
    )


def _assessment(event: seen.SelfAssessmentSubmitted, earlier: SelfAssessment | None) -> SelfAssessment:
    submitted_on = earlier.submitted_on if earlier else event.submitted_on
    monthly = len(event.period) == len("2024-11")
    answered = isinstance(event, seen.SelfAssessmentResubmitted)
    return SelfAssessment(
        period=event.period,
        submitted_on=submitted_on,
        four_good=event.four_good,
        goods={result.good: result.achieved for result in event.goods},
        corrected=isinstance(event, seen.SelfAssessmentCorrected),
        late=monthly and submitted_on > deadline_of(event.period),
        state="SUBMITTED" if earlier is None or answered else earlier.state,
        restated=isinstance(event, seen.SelfAssessmentRestated),
        points=event.points,
        level=event.level,
    )


def _judge(
    assessments: dict[str, SelfAssessment],
    event: seen.SelfAssessmentReturned | seen.SelfAssessmentAccepted,
) -> None:
    """Take in what a superior decided of what was submitted; what is accepted stays so."""
    one = assessments.get(event.period)
    if one and one.state != "ACCEPTED":
        returned = isinstance(event, seen.SelfAssessmentReturned)
        assessments[event.period] = replace(one, state="RETURNED" if returned else "ACCEPTED")


def _class(event: seen.CellClassified) -> YearClass:
    return YearClass(
        year=event.period,
        level=event.level,
        four_good=event.four_good,
        score=event.score,
        decided_by=event.decided_by,
        decided_on=event.decided_on,
        rule_pack=event.rule_pack.name,
        rule_pack_version=event.rule_pack.version,
        evidence=event.evidence,
        reasons=event.reasons,
        events=len(event.events),
    )


ELSEWHERE = ("registry.MemberTransferred.v1", "registry.MemberRecognized.v1")
"""What is told of another organization and may change the members of this one."""

CAME_AND_WENT = (*ELSEWHERE, "registry.MemberAdmitted.v1", "registry.MembershipEnded.v1")
"""What is told of an organization and changes its members."""

HISTORIES_MAX = 4
"""Histories in memory at once: of ENTRIES_MAX events each they are what makes reporting large."""


class Replay:
    """Replays one organization from the ledger.

    The tree is asked only who stood above it and what merged into it, the headcount only where else its
    members were.
    """

    def __init__(self, ledger: Ledger, tree: Tree, headcount: Headcount) -> None:
        self.ledger = ledger
        self.tree = tree
        self.headcount = headcount
        self._turn = anyio.CapacityLimiter(HISTORIES_MAX)
        self.bound = Bound("histories read at once", HISTORIES_MAX, lambda: int(self._turn.borrowed_tokens))

    async def timeline(self, organization: str, *, after: int = 0, limit: int = ENTRIES_MAX) -> list[Entry]:
        """Return the events about `organization` after a position, in ledger order."""
        async with self._turn:
            events = await self.ledger.about(organization, after=after, limit=limit)
        return [Entry(one.position, one.message) for one in events]

    async def state(
        self, organization: str, on: date, known: tuple[datetime, Tree] | None = None
    ) -> CellState:
        """Return `organization` as of the end of `on`, from what was recorded by now, or by an instant.

        That is `known` together with the tree as it was known then.
        """
        known_at, tree = known or (None, self.tree)
        node = await tree.find_on(organization, on)
        above = [code for code in node.path if code != organization] if node else []
        frameworks = [Entry(one.position, one.message) for one in await self.ledger.frameworks(above)]
        lying = await tree.lying(organization, on)
        told = [*await self.timeline(organization), *frameworks, *await self._members(organization, lying)]
        stood = state(told, organization, on, known_at, lying)
        return replace(stood, parent=node.parent) if node else stood

    async def _members(self, organization: str, lying: Sequence[str]) -> list[Entry]:
        """Return what is told of other organizations and may concern its members.

        Of what lies in it that is who came and went, of any other where somebody moved to and what became
        of them there.
        """
        others = {one for code in (organization, *lying) for one in await self.headcount.elsewhere(code)}
        others -= {organization, *lying}
        found = await self.ledger.told(sorted(others), ELSEWHERE) if others else []
        found += await self.ledger.told(lying, CAME_AND_WENT) if lying else []
        return [Entry(one.position, one.message) for one in found]

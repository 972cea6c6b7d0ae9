"""What a cell owes in a month and what became of it: a pure judgement of what was recorded, by rules.

The sweep, a recomputation and a preview of other rules all ask here: each duty says what is owed and when it
was done, and what that amounts to is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.assessment.domain.calendar import MONTHS_IN_QUARTER, Period
from services.assessment.domain.figures import UNPLANNED
from services.assessment.domain.submission_lock import SubmissionRules


class Duty(StrEnum):
    """What may be owed."""

    MEETING = "MEETING"
    THEMATIC_MEETING = "THEMATIC_MEETING"
    SELF_ASSESSMENT = "SELF_ASSESSMENT"
    VISIT = "VISIT"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    RECOGNITION = "RECOGNITION"


class Outcome(StrEnum):
    """What became of it."""

    MET = "MET"
    LATE = "LATE"
    MISSED = "MISSED"
    EXCUSED = "EXCUSED"


class Because(StrEnum):
    """Why something is owed no more."""

    DECISION = "DECISION"
    ORGANIZATION_ENDED = "ORGANIZATION_ENDED"
    NOT_ASKED = "NOT_ASKED"


@dataclass(frozen=True)
class DutyRules:
    """What is asked from the month `effective_from` on; 0 asks nothing. Facts pin `name` and `version`.

    What is not done is missed when `grace_days` have passed since its last day. When self-assessments are due
    the `submissions` say.
    """

    name: str
    version: str
    effective_from: str
    meetings_per_month_min: int
    thematic_per_quarter_min: int
    grace_days: int
    submissions: SubmissionRules


# -- What was recorded of one cell


@dataclass(frozen=True)
class Owing:
    """A cell as it stood in the tree of the month. `ended_on` is its first day without, if it has ended."""

    code: str
    founded_on: date
    path: Sequence[str]
    ended_on: date | None = None
    kind: str = ""
    sector: str | None = None


@dataclass(frozen=True)
class Met:
    """A meeting that was held."""

    meeting: str
    kind: str
    held_on: date


@dataclass(frozen=True)
class Binding:
    """A framework: from when until when it asks those beneath its issuer for a MONTH, a QUARTER or a YEAR.

    All, or those of some `kinds` and sectors; if it is to be `adopted`, only who did, each from its day on.
    """

    issuer: str
    period: str
    effective_on: date
    until: date | None = None
    kinds: Sequence[str] = ()
    adopted: Mapping[str, date] | None = None

    def asks(self, cell: Owing, day: date) -> bool:
        """Return whether it is in force for `cell` on a day."""
        since = self.effective_on
        if self.adopted is not None and cell.code != self.issuer:
            since = max(since, self.adopted.get(cell.code, date.max))
        lasts = since <= day and (self.until is None or day < self.until)
        is_for = not self.kinds or cell.kind in self.kinds or cell.sector in self.kinds
        return lasts and is_for and self.issuer in cell.path


@dataclass(frozen=True)
class Followed:
    """That somebody follows the cell in a year, and the visits that count, by day, in all of their cells."""

    year: str
    supervisor: str
    superior: str
    assigned_on: date
    minimum: int
    visits: Sequence[tuple[date, str]]


@dataclass(frozen=True)
class Raised:
    """A concern of the cell: with whom it is, by when it is to be acknowledged, and when it was."""

    concern: str
    holder: str
    raised_on: date
    acknowledge_by: date
    acknowledged_on: date | None


@dataclass(frozen=True)
class OnProbation:
    """Somebody whose probation ends while they belong to the cell, and when their recognition was decided."""

    member: str
    ends_on: date
    recognize_by: date
    recognized_on: date | None


@dataclass(frozen=True)
class Recorded:
    """All that was recorded of one cell, so far as duties rest on it. Lists are in the order of their days.

    `submitted` has by period the day of the first submission, `excused` the duties and subjects of which a
    decision excuses it in the month.
    """

    meetings: Sequence[Met] = ()
    frameworks: Sequence[Binding] = ()
    submitted: Mapping[str, date] | None = None
    followed: Sequence[Followed] = ()
    concerns: Sequence[Raised] = ()
    probations: Sequence[OnProbation] = ()
    excused: Collection[tuple[str, str]] = ()


# -- What is owed, and what became of it


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing owed from `opens_on` to the end of `due_on`. Without an outcome it is still open."""

    duty: Duty
    subject: str
    owed_by: str
    opens_on: date
    due_on: date
    done_on: date | None = None
    rests_on: tuple[str, ...] = ()
    outcome: Outcome | None = None
    because: Because | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what names it in its month."""
        return self.duty, self.subject

    @property
    def member(self) -> str | None:
        """Return of whom it speaks, if of a member: one who restricted the use of their data is hidden."""
        return self.subject if self.duty in (Duty.RECOGNITION, Duty.VISIT) else None

    @property
    def owed(self) -> bool:
        """Return whether it is still to be done, or was not done in time."""
        return self.outcome not in (Outcome.MET, Outcome.EXCUSED)

    def excused(self, because: Because) -> Obligation:
        """Return it as owed no more."""
        return replace(self, outcome=Outcome.EXCUSED, because=because)


def judge(
    rules: DutyRules, cell: Owing, month: Period, recorded: Recorded, today: date
) -> Sequence[Obligation]:
    """Return what `cell` owes in `month`, as it stands at the beginning of `today`.

    It owes from the first whole month after its founding on, and nothing any more that was due on the day it
    ended or later. Of a month that has not begun nothing is owed yet.
    """
    ended_on = cell.ended_on or date.max
    if not cell.founded_on <= month.first_day <= today or ended_on <= month.first_day:
        return ()
    return [_judged(one, rules, ended_on, recorded, today) for one in _owed(rules, cell, month, recorded)]


def _judged(
    owed: Obligation, rules: DutyRules, ended_on: date, recorded: Recorded, today: date
) -> Obligation:
    """Return it with its outcome. Done in time is met, whatever else was decided."""
    if owed.done_on and owed.done_on <= owed.due_on:
        return replace(owed, outcome=Outcome.MET)
    if owed.key in recorded.excused:
        return owed.excused(Because.DECISION)
    if ended_on <= owed.due_on:
        return owed.excused(Because.ORGANIZATION_ENDED)
    if owed.done_on:
        return replace(owed, outcome=Outcome.LATE)
    if today > owed.due_on + timedelta(days=rules.grace_days):
        return replace(owed, outcome=Outcome.MISSED)
    return owed


def _owed(rules: DutyRules, cell: Owing, month: Period, recorded: Recorded) -> Iterator[Obligation]:
    yield from _meetings(rules, cell, month, recorded.meetings)
    yield from _self_assessments(rules, cell, month, recorded)
    if month.ends_year:
        yield from _visits(month, recorded.followed)
    for one in recorded.concerns:
        if month.first_day <= one.acknowledge_by <= month.last_day:
            days = one.raised_on, one.acknowledge_by, one.acknowledged_on
            yield Obligation(Duty.ACKNOWLEDGEMENT, one.concern, one.holder, *days)
    for person in recorded.probations:
        if month.first_day <= person.recognize_by <= month.last_day:
            days = person.ends_on, person.recognize_by, person.recognized_on
            yield Obligation(Duty.RECOGNITION, person.member, cell.code, *days)


def _meetings(rules: DutyRules, cell: Owing, month: Period, meetings: Sequence[Met]) -> Iterator[Obligation]:
    """Charter art. 24.2: ordinarily once a month; 08-QĐ/TU Nghệ An (2021): a thematic one in each quarter.

    A meeting called for one urgent matter is not the month's. One held later does not make up for it.
    """
    ordinary = [one for one in meetings if one.kind != UNPLANNED]
    thematic = [one for one in meetings if one.kind == "THEMATIC"]
    if rules.meetings_per_month_min:
        span = month.first_day, month.last_day
        done = _done(ordinary, span, rules.meetings_per_month_min)
        yield Obligation(Duty.MEETING, month.text, cell.code, *span, *done)
    if rules.thematic_per_quarter_min and month.ends_quarter:
        span = month.first_day.replace(month=month.first_day.month - 2), month.last_day
        done = _done(thematic, span, rules.thematic_per_quarter_min)
        yield Obligation(Duty.THEMATIC_MEETING, quarter_of(month), cell.code, *span, *done)


def _done(
    meetings: Sequence[Met], span: tuple[date, date], asked: int
) -> tuple[date | None, tuple[str, ...]]:
    """Return on which day as many as `asked` had been held from the first to the last day, and which."""
    held = [one for one in meetings if span[0] <= one.held_on <= span[1]][:asked]
    return held[-1].held_on if len(held) == asked else None, tuple(one.meeting for one in held)


def _self_assessments(
    rules: DutyRules, cell: Owing, month: Period, recorded: Recorded
) -> Iterator[Obligation]:
    """What frameworks in force ask: each month, a quarter's last month, and in December the year."""
    binding = {one.period for one in recorded.frameworks if one.asks(cell, month.last_day)}
    asked = []
    if "MONTH" in binding or ("QUARTER" in binding and month.ends_quarter):
        asked.append(month)
    if "YEAR" in binding and month.ends_year:
        asked.append(Period(month.text[:4]))
    for one in asked:
        days = one.first_day, rules.submissions.due_on(one), (recorded.submitted or {}).get(one.text)
        yield Obligation(Duty.SELF_ASSESSMENT, one.text, cell.code, *days)


def _visits(month: Period, followed: Sequence[Followed]) -> Iterator[Obligation]:
    """776-QĐ/TU (Kon Tum), S002: as many in the year as its rules ask of a member of such a committee."""
    for one in followed:
        if one.minimum and one.year == month.text[:4]:
            visits = one.visits[: one.minimum]
            opens_on = max(one.assigned_on, month.first_day.replace(month=1))
            done_on = visits[-1][0] if len(visits) == one.minimum else None
            rests_on = tuple(meeting for _, meeting in visits)
            yield Obligation(
                Duty.VISIT, one.supervisor, one.superior, opens_on, month.last_day, done_on, rests_on
            )


def quarter_of(month: Period) -> str:
    """Return the quarter of a month: `2024-Q4`."""
    return f"{month.text[:4]}-Q{(month.first_day.month - 1) // MONTHS_IN_QUARTER + 1}"

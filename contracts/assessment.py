"""What assessment tells the world: what happens in cells, and how they see themselves."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Event, Instant, Value
from contracts.vocabulary import (
    Document,
    DocumentNumber,
    Figure,
    Flag,
    Headcount,
    LegalTag,
    Line,
    Period,
    Text,
    Voters,
    Word,
)

GoodCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,31}$", examples=["MEETING_QUALITY"])]
"""One of the goods of a framework. Their number and names are data: committees differ in them."""

CriterionCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$", examples=["attendance_pct"])]
"""One criterion of a framework."""

CriterionKind = Literal["ACHIEVED", "MEASURED"]
"""ACHIEVED is answered with yes or no, MEASURED with a figure that its test compares."""

MEETINGS_MEASURED_MAX = 366
"""Meetings that one figure names: of more in a year, the latest."""


class CriterionTest(Value):
    """What a measured figure must be: greater than, at least, or exactly `value`."""

    op: Literal["gt", "gte", "eq"]
    value: Figure


class Criterion(Value):
    """One question of a framework. `period` says how often it is asked; between, it does not apply."""

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: CriterionKind
    test: CriterionTest | None = None
    unit: Line | None = None
    period: Literal["MONTH", "QUARTER", "YEAR"]
    source: Line
    legal_tag: LegalTag
    measured_by: Word | None = None
    """Which figure of the cell's recorded meetings answers it, if one does."""


class Good(Value):
    """One of the goods, achieved when all of its applicable criteria are."""

    good: GoodCode
    name_vi: Line
    name_en: Line
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=50)]


class CriteriaFrameworkIssued(Event):
    """A committee (`organization`) issued the criteria its whole subtree assesses itself by.

    It applies from `effective_on`; the framework is named by its document's number and date.
    """

    type = "assessment.CriteriaFrameworkIssued.v1"
    occurred_in = "framework.date"

    framework: Document
    title: Line
    period: Literal["MONTH", "YEAR"]
    effective_on: DayOn
    goods: Annotated[tuple[Good, ...], Field(min_length=1, max_length=12)]


class ModelCellSelected(Event):
    """A committee chose a cell to go first: a pilot (Than Uyên), or one of its model cells (Mường Khương)."""

    type = "assessment.ModelCellSelected.v1"
    occurred_in = "selected_on"

    selected_by: Code
    selected_on: DayOn
    role: Literal["PILOT", "MODEL"]


class Summoned(Value):
    """Whom the meeting was called for: votes count against full members summoned, not those present."""

    full: Headcount
    probationary: Headcount


class Resolution(Value):
    """What the meeting resolved."""

    number: DocumentNumber
    title: Line


class Task(Value):
    """What the resolution asks of one member."""

    member: Code
    what: Text
    due_on: DayOn


class Absence(Value):
    """A member who was summoned and did not come, by code. What the reason was stays in the cell."""

    member: Code
    excused: Flag


class VoteTaken(Value):
    """A vote on one matter, counted against the full members `summoned`, present or not (294-QĐ/TW 9.3.2)."""

    matter: Line
    summoned: Voters
    in_favour: Headcount
    secret: Flag


class Minutes(Event):
    """What the minutes of a meeting say: those first taken, and those that correct them.

    `present`, `excused` and `unexcused` add up to everyone summoned; `absences` names who may be named.
    `supervisors` came from committees above, as the cell counts them; tasks are numbered from 1.
    """

    meeting: Code
    kind: Literal["REGULAR", "THEMATIC", "EXTRAORDINARY"]
    held_at: Instant
    duration_min: Annotated[int, Strict(), Field(ge=1, le=1440)]
    topic: Line
    summoned: Summoned
    present: Headcount
    excused: Headcount
    unexcused: Headcount
    discusses_solutions: Flag
    resolution: Resolution | None = None
    tasks: Annotated[tuple[Task, ...], Field(max_length=200)] = ()
    absences: Annotated[tuple[Absence, ...], Field(max_length=500)] = ()
    votes: Annotated[tuple[VoteTaken, ...], Field(max_length=50)] = ()
    topics: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    supervisors: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    chaired_by: Code | None = None


class MeetingHeld(Minutes):
    """A cell met. `present`, `excused` and `unexcused` add up to everyone summoned.

    12-HD/BTCTW (2018): a good meeting has over 85 % present, lasts 90 minutes, nobody away without reason.
    """

    type = "assessment.MeetingHeld.v1"
    occurred_in = "held_at"


class SupervisorAttended(Event):
    """A member of a superior committee sat in a cell's meeting. By code; `superior` is the committee."""

    type = "assessment.SupervisorAttended.v1"
    occurred_in = "attended_on"

    supervisor: Code
    superior: Code
    meeting: Code
    attended_on: DayOn


class CriterionResult(Value):
    """The cell's answer to one criterion: `achieved`, or a `value`; neither where it does not apply.

    Nor where there was no meeting to measure it from: then no good that asks it is achieved.
    """

    criterion: CriterionCode
    achieved: Flag | None = None
    value: Figure | None = None
    note: Text | None = None
    measured_from: Annotated[tuple[Code, ...], Field(max_length=MEETINGS_MEASURED_MAX)] | None = None
    """The meetings that the value was measured from, where recorded meetings answer the criterion."""


class GoodResult(Value):
    """What the answers amount to for one good; None where none of its criteria applies."""

    good: GoodCode
    achieved: Flag | None = None


class AdoptionNamed(Value):
    """An adoption of the framework: by whom, on which day."""

    organization: Code
    adopted_on: DayOn


class SelfAssessment(Event):
    """What every version of a self-assessment shares. `goods` and `four_good` are computed by assessment.

    So is `admitted_by`: the decision that had reopened the period, if it was locked by then; where points are
    given their sum and its `level`; and which adoptions had changed what was asked, from the top down.
    """

    occurred_in = "submitted_on"

    period: Period
    framework: Document
    results: Annotated[tuple[CriterionResult, ...], Field(min_length=1, max_length=300)]
    submitted_on: DayOn
    goods: Annotated[tuple[GoodResult, ...], Field(max_length=12)] = ()
    four_good: Flag | None = None
    admitted_by: Document | None = None
    points: Figure | None = None
    level: Word | None = None
    adopted: Annotated[tuple[AdoptionNamed, ...], Field(max_length=12)] | None = None


class SelfAssessmentSubmitted(SelfAssessment):
    """A cell assessed itself for a period: a month, or a year where the framework asks yearly."""

    type = "assessment.SelfAssessmentSubmitted.v1"


class SelfAssessmentCorrected(SelfAssessment):
    """A cell replaced what it had submitted for a period, and says why; what it replaced stays on record."""

    type = "assessment.SelfAssessmentCorrected.v1"

    reason: Text

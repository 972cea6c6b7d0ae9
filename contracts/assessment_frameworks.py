"""What criteria frameworks say that their first version cannot, and how those beneath take them over."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.assessment import CriterionCode, CriterionTest, GoodCode
from contracts.message import Code, DayOn, Event, Value
from contracts.vocabulary import Document, Flag, LegalTag, Line, Score, Word

Kinds = Annotated[tuple[Word, ...], Field(max_length=12)]
"""Kinds of cell (`GRASSROOTS_CELL`) and sectors (`SCHOOL`), any of which will do; none named: all cells."""


class CriterionV2(Value):
    """One question, asked of `kinds` of cells; an adoption may drop it unless it is `mandatory`.

    SCORED is answered with points, of at most `points_max`; its test says from how many on it is achieved.
    """

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: Literal["ACHIEVED", "MEASURED", "SCORED"]
    test: CriterionTest | None = None
    unit: Line | None = None
    period: Literal["MONTH", "QUARTER", "YEAR"]
    source: Line
    legal_tag: LegalTag
    measured_by: Word | None = None
    points_max: Score | None = None
    mandatory: Flag = True
    kinds: Kinds = ()


class GoodV2(Value):
    """One of the goods, achieved when all of its applicable criteria are."""

    good: GoodCode
    name_vi: Line
    name_en: Line
    criteria: Annotated[tuple[CriterionV2, ...], Field(min_length=1, max_length=50)]


class Band(Value):
    """A level of all points together: from `points_min` on, up to but not including `below`."""

    level: Word
    name_vi: Line
    name_en: Line
    points_min: Score
    below: Score | None = None
    source: Line
    legal_tag: LegalTag


class CriteriaFrameworkIssuedV2(Event):
    """A committee (`organization`) issued criteria that the first version of this event cannot say.

    Points of 100 with `bands`, quarters, optional criteria, `kinds` of cells; one that replaces the framework
    it `amends`, or that binds only who adopts it. `based_on` are the documents it carries out, oldest first.
    """

    type = "assessment.CriteriaFrameworkIssued.v2"
    occurred_in = "framework.date"

    framework: Document
    title: Line
    period: Literal["MONTH", "QUARTER", "YEAR"]
    effective_on: DayOn
    goods: Annotated[tuple[GoodV2, ...], Field(min_length=1, max_length=12)]
    bands: Annotated[tuple[Band, ...], Field(max_length=10)] = ()
    kinds: Kinds = ()
    amends: Document | None = None
    requires_adoption: Flag = False
    based_on: Annotated[tuple[Document, ...], Field(max_length=12)] = ()


class CriteriaFrameworkAdopted(Event):
    """A cell or committee took over a framework from above, for itself and all beneath it.

    `goods` holds what it adds, to goods that are there or as goods of its own; `dropped` was optional.
    Adopted again on a later day, the later counts. `plan` is its own document; `issuer` assessment says.
    """

    type = "assessment.CriteriaFrameworkAdopted.v1"
    occurred_in = "adopted_on"

    framework: Document
    issuer: Code | None = None
    adopted_on: DayOn
    goods: Annotated[tuple[GoodV2, ...], Field(max_length=12)] = ()
    dropped: Annotated[tuple[CriterionCode, ...], Field(max_length=100)] = ()
    plan: Document | None = None

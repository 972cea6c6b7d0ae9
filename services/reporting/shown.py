"""What reporting's routes answer."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.chassis.views.tree import Lineage, Node
from services.reporting.views import ChildCount, ChildMonths, Distribution, Goal, Month, YearClass


class OrganizationShown(BaseModel):
    """An organization on a day: its place (`path` leads from the root to itself), and what lay beneath it.

    `lineage` says what it came from and what it became by that day.
    """

    as_of: date
    organization: Node
    children: list[Node]
    kinds: dict[str, int]
    lineage: Lineage


class StructureShown(BaseModel):
    """How many organizations of each kind stood beneath, and how many cells went first, by role."""

    organization: str
    on: date
    kinds: dict[str, int]
    models: dict[str, int]


class HeadcountShown(BaseModel):
    """Members of the subtree on a day, by standing, and by organization directly beneath."""

    organization: str
    on: date
    total: int
    full: int
    probationary: int
    children: list[ChildCount]


class AdmissionsShown(BaseModel):
    """Admissions of the subtree in a year against the target, and whether that is met, or even exceeded.

    Without a target, and against a target of nothing, there is no `percent` and nothing to meet.
    """

    organization: str
    year: int
    admitted: int
    target: int | None
    percent: Decimal | None
    met: bool | None
    exceeded: bool | None


class CompletenessShown(BaseModel):
    """Self-assessments of the subtree by month, and by organization directly beneath."""

    organization: str
    months: list[Month]
    children: list[ChildMonths]


class MissingShown(BaseModel):
    """The cells that owed a self-assessment for the month and let its deadline pass."""

    organization: str
    month: str
    cells: list[str]


class ClassesShown(BaseModel):
    """The spread of classes over the subtree in a year, its goal, and the own class of every year."""

    organization: str
    distribution: Distribution
    goal: Goal | None
    own: list[YearClass]


class TimelineShown(BaseModel):
    """Events in ledger order, each as it was published. `next` is where the rest begins, if there is more."""

    organization: str
    entries: list[dict[str, Any]]
    next: int | None

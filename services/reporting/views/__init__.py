"""What reporting answers from: one file per view, each with its tables, its fold and its queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from services.chassis.clock import Clock, utc_now
from services.chassis.eventlog.writer import Pool
from services.chassis.shares import percent_of
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.chassis.views.view import View
from services.reporting.views.classes import Classes, Distribution, Goal, YearClass
from services.reporting.views.completeness import ChildMonths, Completeness, Month
from services.reporting.views.headcount import Admissions, ChildCount, Count, Headcount
from services.reporting.views.obligations import CellOwing, Duties, Obligation
from services.reporting.views.roster import Roster
from services.reporting.views.structure import Structure

__all__ = [
    "Admissions",
    "CellOwing",
    "ChildCount",
    "ChildMonths",
    "Classes",
    "Completeness",
    "Count",
    "Distribution",
    "Duties",
    "Goal",
    "Headcount",
    "Month",
    "Obligation",
    "Officials",
    "Roster",
    "Structure",
    "ViewName",
    "Views",
    "YearClass",
    "percent_of",
]


ViewName = Literal[
    "tree", "headcount", "completeness", "classes", "structure", "roster", "officials", "obligations"
]


@dataclass(frozen=True)
class Views:
    """Every view of reporting."""

    tree: Tree
    headcount: Headcount
    completeness: Completeness
    classes: Classes
    structure: Structure
    roster: Roster
    officials: Officials
    obligations: Duties

    @classmethod
    def over(cls, pool: Pool, clock: Clock = utc_now, beside: str = "") -> Self:
        """Return them over their live tables; over copies, each in the schema of its name and `beside`."""

        def schema(view: type[View]) -> str:
            return f"{view.name}{beside}"

        return cls(
            Tree(pool, schema(Tree)),
            Headcount(pool, schema(Headcount)),
            Completeness(pool, clock, schema(Completeness)),
            Classes(pool, schema(Classes)),
            Structure(pool, schema(Structure)),
            Roster(pool, schema(Roster)),
            Officials(pool, schema(Officials)),
            Duties(pool, schema(Duties)),
        )

    def named(self, name: ViewName) -> View:
        """Return one of them."""
        view: View = getattr(self, name)
        return view

    @property
    def all(self) -> Sequence[View]:
        """Return them, the tree first: rights depend on it."""
        return (
            self.tree,
            self.headcount,
            self.completeness,
            self.classes,
            self.structure,
            self.roster,
            self.officials,
            self.obligations,
        )

"""What reporting answers from: one file per view, each with its tables, its fold and its queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.chassis.views.view import View
from services.reporting.views.classes import Classes, Distribution, Goal, YearClass
from services.reporting.views.completeness import ChildMonths, Completeness, Month
from services.reporting.views.headcount import Admissions, ChildCount, Count, Headcount
from services.reporting.views.roster import Roster
from services.reporting.views.shares import percent_of
from services.reporting.views.structure import Structure

__all__ = [
    "Admissions",
    "ChildCount",
    "ChildMonths",
    "Classes",
    "Completeness",
    "Count",
    "Distribution",
    "Goal",
    "Headcount",
    "Month",
    "Officials",
    "Roster",
    "Structure",
    "Views",
    "YearClass",
    "percent_of",
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
        )

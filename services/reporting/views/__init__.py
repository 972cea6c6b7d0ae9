"""What reporting answers from: one file per view, each with its tables, its fold and its queries."""

from services.reporting.views.classes import Classes, Distribution, YearClass
from services.reporting.views.completeness import ChildMonths, Completeness, Month
from services.reporting.views.headcount import Admissions, ChildCount, Count, Headcount
from services.reporting.views.structure import Structure

__all__ = [
    "Admissions",
    "ChildCount",
    "ChildMonths",
    "Classes",
    "Completeness",
    "Count",
    "Distribution",
    "Headcount",
    "Month",
    "Structure",
    "YearClass",
]

"""What is asked about obligations, and the rules they are judged by, as data."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field

from contracts.message import Code
from contracts.vocabulary import Document, Month, Text, Year
from services.assessment.domain import SubmissionRules
from services.assessment.domain.obligation import Duty, DutyRules
from services.chassis.stated import Command, Parameters

PACKS = Path(__file__).parents[1] / "packs" / "obligations"

Asked = Annotated[int, Field(ge=0, le=31)]
"""A number of meetings."""

Days = Annotated[int, Field(ge=0, le=366)]
"""A number of calendar days."""


class ExcuseObligation(Command):
    """Excuse a cell from something owed of it in a month, by a decision of `excused_by` above it."""

    organization: Code
    period: Month
    duty: Duty
    subject: Code
    excused_by: Code
    decision: Document
    reason: Text


class RecomputeObligations(Command):
    """Judge a month anew: of all cells beneath an organization."""

    organization: Code
    period: Month


class OtherRules(Command):
    """Rules to try: what is left out stays. `due_days` is of the pack on submissions."""

    meetings_per_month_min: Asked | None = None
    thematic_per_quarter_min: Asked | None = None
    grace_days: Days | None = None
    due_days: Days | None = None

    def instead_of(self, rules: DutyRules) -> DutyRules:
        """Return `rules` with what is stated here."""
        stated = self.model_dump(exclude_none=True)
        due_days = stated.pop("due_days", rules.submissions.due_days)
        return replace(rules, **stated, submissions=replace(rules.submissions, due_days=due_days))


class PreviewObligations(Command):
    """Ask what a year of all cells beneath an organization would be by other rules."""

    organization: Code
    year: Year
    rules: OtherRules


class DutyPack(Parameters):
    """What is owed from the month `effective_from` on, until the next pack."""

    effective_from: Month

    def beside(self, submissions: SubmissionRules) -> DutyRules:
        """Return it as duties are judged by it, beside when self-assessments are due."""
        named = self.name, self.version, self.effective_from
        return DutyRules(*named, **self.values(), submissions=submissions)


class DutyPacks:
    """The rules kept here, the earliest first."""

    def __init__(self, stated: Sequence[DutyPack], submissions: SubmissionRules) -> None:
        self.stated = sorted(stated, key=lambda one: one.effective_from)
        self._rules = [one.beside(submissions) for one in self.stated]

    @classmethod
    def read(cls, submissions: SubmissionRules, folder: Path = PACKS) -> Self:
        """Return what the packs in `folder` state. Raises pydantic's ValidationError."""
        packs = [DutyPack.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
        return cls(packs, submissions)

    def of(self, month: str) -> DutyRules | None:
        """Return what was asked in a month, None before anything was."""
        return next((one for one in reversed(self._rules) if one.effective_from <= month), None)

"""What the cells of the sample did: frameworks, meetings, visits, self-assessments, model cells, classes."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from contracts.assessment import (
    CriteriaFrameworkIssued,
    MeetingHeld,
    ModelCellSelected,
    SelfAssessmentSubmitted,
    SupervisorAttended,
)
from contracts.classification import CellClassified, evidence_of
from contracts.days import day_of
from contracts.registry import AdmissionTargetSet, OrganizationFounded
from deploy.sample.seeds import Classes, Criterion, Framework, Seed, goods
from deploy.sample.tree import among

QUARTER_ENDS = ("-03", "-06", "-09", "-12")


def targets(seed: Seed) -> Iterator[AdmissionTargetSet]:
    """Yield the admission targets of `seed`."""
    for row in seed.target:
        yield AdmissionTargetSet.model_validate(row.model_dump(exclude={"illustrative"}))


def frameworks(seed: Seed) -> Iterator[CriteriaFrameworkIssued]:
    """Yield the criteria framework of `seed`, if its article speaks of one."""
    if (row := seed.framework) is None:
        return
    offered = [(good, [it for it in good.criteria if _applies(it, row)]) for good in goods()]
    yield CriteriaFrameworkIssued.model_validate(
        {
            "organization": row.organization,
            "framework": {"number": row.number, "date": row.date},
            "title": row.title,
            "period": row.period,
            "effective_on": row.effective_on,
            "goods": [
                {"good": good.good, "name_vi": good.name_vi, "name_en": good.name_en}
                | {"criteria": [_criterion(it, row) for it in criteria]}
                for good, criteria in offered
            ],
        }
    )


def _applies(criterion: Criterion, framework: Framework) -> bool:
    return not framework.only or criterion.criterion in framework.only


def _criterion(criterion: Criterion, framework: Framework) -> dict[str, Any]:
    """Return the criterion as an event's part; a yearly framework asks everything once a year."""
    part = criterion.model_dump(exclude={"illustrative", "usual", "op", "value"})
    test = {"op": criterion.op, "value": criterion.value} if criterion.op else None
    return part | {"test": test} | ({"period": "YEAR"} if framework.period == "YEAR" else {})


def meetings(seed: Seed) -> Iterator[MeetingHeld]:
    """Yield the meetings of `seed`, cell by cell."""
    for cell in seed.meetings:
        for row in cell.rows:
            yield MeetingHeld.model_validate(
                row.model_dump(exclude={"illustrative", "solutions"})
                | {
                    "organization": cell.organization,
                    "summoned": {"full": cell.full, "probationary": cell.probationary},
                    "discusses_solutions": row.solutions,
                }
            )


def visits(seed: Seed) -> Iterator[SupervisorAttended]:
    """Yield the superiors' attendances of `seed`, each on the day of its meeting."""
    held = {meeting.meeting: meeting for meeting in meetings(seed)}
    for row in seed.visit:
        meeting = held[row.meeting]
        yield SupervisorAttended(
            organization=meeting.organization,
            supervisor=row.supervisor,
            superior=row.superior,
            meeting=row.meeting,
            attended_on=day_of(meeting.held_at),
        )


def model_cells(seed: Seed) -> Iterator[ModelCellSelected]:
    """Yield the pilot and model cells of `seed`."""
    for row in seed.model_cells:
        for cell in row.cells:
            yield ModelCellSelected.model_validate(
                row.model_dump(exclude={"illustrative", "cells"}) | {"organization": cell}
            )


def self_assessments(seed: Seed) -> Iterator[SelfAssessmentSubmitted]:
    """Yield the self-assessments of `seed`, in order of period."""
    if (framework := seed.framework) is None:
        return
    rows = [(period, cell) for cell in seed.self_assessments for period in cell.periods]
    for period, cell in sorted(rows, key=lambda row: row[0]):
        differs = cell.periods[period]
        yield SelfAssessmentSubmitted.model_validate(
            {
                "organization": cell.organization,
                "period": period,
                "framework": {"number": framework.number, "date": framework.date},
                "results": [_result(it, differs) for it in asked(framework, period)],
                "submitted_on": _submitted_on(period, late=period in cell.late),
            }
        )


def asked(framework: Framework, period: str) -> list[Criterion]:
    """Return the criteria to answer for `period`: in a month no yearly ones, quarterly at its end."""
    criteria = [it for good in goods() for it in good.criteria if _applies(it, framework)]
    if framework.period == "YEAR":
        return criteria
    return [
        it
        for it in criteria
        if it.period == "MONTH" or (it.period == "QUARTER" and period.endswith(QUARTER_ENDS))
    ]


def _result(criterion: Criterion, differs: dict[str, bool | str]) -> dict[str, Any]:
    answer = differs.get(criterion.criterion, criterion.usual)
    field = "achieved" if criterion.kind == "ACHIEVED" else "value"
    return {"criterion": criterion.criterion, field: answer}


def _submitted_on(period: str, *, late: bool) -> date:
    """Return the last day of the period, or the twelfth day after it."""
    year, month = int(period[:4]), int(period[5:] or 12)
    last_on = date(year, month, monthrange(year, month)[1])
    return last_on + timedelta(days=12) if late else last_on


def classes(seed: Seed, founded: list[OrganizationFounded]) -> Iterator[CellClassified]:
    """Yield the classes of `seed`, decided under 124-QĐ/TW before this system and imported as they were."""
    for row in seed.classes:
        for organization, level in _levelled(row, [it.organization for it in among(founded, row.at)]):
            yield CellClassified.model_validate(
                {
                    "organization": organization,
                    "period": row.year,
                    "level": level,
                    "four_good": level in row.four_good,
                    "decided_by": row.decided_by,
                    "decided_on": row.decided_on,
                    "rule_pack": {"name": "124-QĐ/TW", "version": "2023-10-04"},
                    "evidence": evidence_of([]),
                    "reasons": [row.reason],
                }
            )


def _levelled(row: Classes, organizations: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each organization with its level: as many as the row says, scattered the same way every time."""
    levels = [level for level, count in row.levels.items() for _ in range(count)]
    for place, organization in enumerate(organizations):
        yield organization, levels[(place * 5 + int(row.year)) % len(levels)]

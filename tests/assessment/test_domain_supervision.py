"""The rules of assignments to cells, each as a story."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.assessment.application.supervision import read_visit_rules
from services.assessment.domain import Period, Supervision
from services.assessment.domain.organization import (
    BeforeFounding,
    InTheFuture,
    NotACell,
    NotACommittee,
    NotASuperior,
    OrganizationEnded,
)
from services.assessment.domain.supervision import (
    EndedAlready,
    EndedBeforeAssigned,
    Minimums,
    NoMinimum,
    NotOfTheYear,
    OwnCell,
    ReplacedByThemselves,
)
from tests.assessment.examples import CELL, COMMITTEE, DISTRICT
from tests.assessment.supervision import assigned, ended
from tests.spec import spec

supervision = spec(Supervision)
RULES = Minimums("tam-ky", "1", {"district": 2})
WHO = (CELL, DISTRICT, "TU-M-0900", Period("2024"))
HOW: dict[str, Any] = {"belongs": False, "minimums": RULES, "assigned_on": date(2024, 1, 15)}
ENDS: dict[str, Any] = {
    "ended_on": date(2024, 10, 1),
    "reason": "moved to another task",
    "replaced_by": "TU-M-0901",
}


def assigning(cell=CELL, committee=DISTRICT, year="2024", **changed):
    who = cell, committee, "TU-M-0900", Period(year)
    return supervision().when(Supervision.assign, *who, **HOW | changed)


def ending(cell=CELL, superior="THAN-UYEN", history=(assigned,), **changed):
    return supervision(*history).when(Supervision.end, cell, superior, **ENDS | changed)


def test_a_member_of_a_committee_is_assigned_to_a_cell_with_what_the_year_asks():
    assigning().then(assigned)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("PROVINCIAL_COMMITTEE", 2),
        ("DISTRICT_COMMITTEE", 6),
        ("SUPERIOR_COMMITTEE", 6),
        ("GRASSROOTS_COMMITTEE", 6),
    ],
)
def test_kon_tum_asks_two_of_the_province_and_six_beneath(kind, asked):
    [rules] = [one for one in read_visit_rules() if one.name == "776-QĐ/TU"]
    levels = Minimums(rules.name, rules.version, rules.values())

    assert asked == levels.of(replace(DISTRICT, kind=kind))


def test_every_number_of_the_rules_names_its_source_and_is_of_a_level_there_is():
    rows = [row for rules in read_visit_rules() for row in rules.rules]

    assert {"province", "district", "commune"} == {row.parameter for row in rows}
    assert all(row.source and isinstance(row.value, int) for row in rows)


@pytest.mark.parametrize("kind", ["PROVINCIAL_COMMITTEE", "SUB_COMMITTEE"])
def test_rules_that_name_no_number_for_the_level_are_not_its_rules(kind):
    assigning(committee=replace(DISTRICT, kind=kind)).refused(NoMinimum, kind)


def test_nobody_is_assigned_to_their_own_cell():
    assigning(belongs=True).refused(OwnCell)


def test_only_cells_are_followed():
    assigning(cell=COMMITTEE).refused(NotACell)


def test_only_a_committee_above_the_cell_assigns():
    assigning(committee=replace(DISTRICT, code="TAM-KY")).refused(NotASuperior)


def test_a_cell_assigns_nobody():
    assigning(committee=replace(DISTRICT, kind="GRASSROOTS_CELL")).refused(NotACommittee)


@pytest.mark.parametrize("year", ["2023", "2026"])
def test_an_assignment_is_for_the_year_that_it_is_or_the_next(year):
    assigning(year=year).refused(NotOfTheYear)


def test_an_assignment_is_not_recorded_before_it_is_made():
    assigning(year="2025", assigned_on=date(2025, 1, 1)).refused(InTheFuture)


def test_no_cell_is_followed_before_its_founding_or_after_its_end():
    assigning(cell=replace(CELL, founded_on=date(2024, 2, 1))).refused(BeforeFounding)
    assigning(cell=replace(CELL, ended_on=date(2024, 1, 1))).refused(OrganizationEnded)


def test_an_assignment_ends_and_names_who_follows():
    ending().then(ended)


def test_an_assignment_ends_once():
    ending(history=(assigned, ended)).refused(EndedAlready, "2024-10-01")


def test_an_assignment_does_not_end_before_it_began():
    ending(ended_on=date(2024, 1, 14)).refused(EndedBeforeAssigned)


def test_an_assignment_does_not_end_tomorrow():
    ending(ended_on=date(2025, 1, 1)).refused(InTheFuture)


def test_nobody_replaces_themselves():
    ending(replaced_by="TU-M-0900").refused(ReplacedByThemselves)


def test_only_a_committee_above_the_cell_ends_an_assignment():
    ending(superior="TAM-KY").refused(NotASuperior)

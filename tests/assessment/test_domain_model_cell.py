"""The rules of model cells, each as a story."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.assessment.domain import ModelCell
from services.assessment.domain.organization import (
    BeforeFounding,
    InTheFuture,
    NotACell,
    NotASuperior,
    OrganizationEnded,
)
from tests.assessment.examples import CELL, COMMITTEE, selected
from tests.spec import spec

given = spec(ModelCell)
PILOT: dict[str, Any] = {"role": "PILOT", "selected_on": date(2023, 2, 1)}


def test_a_committee_selects_a_cell_beneath_it_as_a_pilot():
    given().when(ModelCell.select, CELL, "THAN-UYEN", **PILOT).then(selected)


def test_a_committee_is_not_a_model_cell():
    given().when(ModelCell.select, COMMITTEE, "THAN-UYEN", **PILOT).refused(NotACell)


@pytest.mark.parametrize("stranger", ["TU-FINANCE", "TAM-KY"])
def test_a_cell_is_not_selected_by_itself_or_by_a_stranger(stranger):
    given().when(ModelCell.select, CELL, stranger, **PILOT).refused(NotASuperior)


def test_a_cell_is_not_selected_tomorrow():
    tomorrow = PILOT | {"selected_on": date(2025, 1, 1)}

    given().when(ModelCell.select, CELL, "THAN-UYEN", **tomorrow).refused(InTheFuture)


def test_a_cell_is_not_selected_before_its_founding():
    early = PILOT | {"selected_on": date(1995, 2, 28)}

    given().when(ModelCell.select, CELL, "THAN-UYEN", **early).refused(BeforeFounding)


@pytest.mark.parametrize("on", ["2023-02-01", "2023-01-31"])
def test_a_cell_that_had_ended_is_not_selected(on):
    ended = replace(CELL, ended_on=date.fromisoformat(on))

    given().when(ModelCell.select, ended, "THAN-UYEN", **PILOT).refused(OrganizationEnded)


def test_a_cell_may_be_a_pilot_and_later_a_model():
    assert ModelCell.id_for("TU-FINANCE", "PILOT") != ModelCell.id_for("TU-FINANCE", "MODEL")

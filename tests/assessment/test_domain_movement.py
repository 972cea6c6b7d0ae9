"""The rules of launches, agreements, registrations and replication, each as a story."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.assessment.domain import (
    Agreement,
    Meeting,
    ModelCell,
    Movement,
    Period,
    Registration,
    Replication,
)
from services.assessment.domain.agreement import AlreadySigned, DiffersFromAgreed, SignedAlone
from services.assessment.domain.judging import NotInForce
from services.assessment.domain.meeting import UnknownMeeting
from services.assessment.domain.movement import LaunchedBeforeDocument, LaunchedBeforeSuperior
from services.assessment.domain.organization import (
    BeforeFounding,
    InTheFuture,
    NotACell,
    NotACommittee,
    NotASuperior,
    OrganizationEnded,
)
from services.assessment.domain.registration import (
    NoResolution,
    NotItsMeeting,
    NotTheYear,
    RegisteredBeforeMeeting,
)
from services.assessment.domain.replication import NotAModelThen, OwnPractice
from tests.assessment.examples import (
    CELL,
    COMMITTEE,
    DISTRICT,
    OTHER_CELL,
    framework,
    held,
    rewritten,
    scheduled,
    selected,
)
from tests.assessment.movement import countersigned, launched, launched_below, registered, replicated, signed
from tests.spec import fact, spec

JUNE_28 = date(2024, 6, 28)

# -- Launches

launches = spec(Movement)
ABOVE = launches(launched).aggregate()
LAUNCH: dict[str, Any] = {
    "number": "268-KH/HU",
    "dated": date(2024, 6, 20),
    "title": "Phát động phong trào thi đua",
    "launched_on": JUNE_28,
    "follows": None,
}
BELOW = LAUNCH | {"number": "45-KH/ĐU", "dated": JUNE_28, "follows": ABOVE}


def test_a_committee_launches_the_movement():
    launches().when(Movement.launch, DISTRICT, **LAUNCH).then(launched)


def test_a_committee_beneath_carries_the_launch_on_the_same_day():
    launches().when(Movement.launch, COMMITTEE, **BELOW).then(launched_below)


def test_a_committee_beneath_does_not_launch_before_the_one_it_follows():
    early = BELOW | {"dated": date(2024, 6, 27), "launched_on": date(2024, 6, 27)}

    launches().when(Movement.launch, COMMITTEE, **early).refused(LaunchedBeforeSuperior, "2024-06-28")


@pytest.mark.parametrize("path", [("LAI-CHAU", "TU-AGENCIES"), ("THAN-UYEN",)])
def test_a_launch_follows_that_of_a_committee_above(path):
    elsewhere = replace(COMMITTEE, code=path[-1], path=path)

    launches().when(Movement.launch, elsewhere, **BELOW).refused(NotASuperior)


def test_a_cell_launches_nothing():
    launches().when(Movement.launch, CELL, **LAUNCH).refused(NotACommittee)


def test_nothing_is_launched_before_its_document():
    late = LAUNCH | {"dated": date(2024, 6, 29)}

    launches().when(Movement.launch, DISTRICT, **late).refused(LaunchedBeforeDocument)


# -- Agreements

agreements = spec(Agreement)
SIGNS = (DISTRICT, "TU-2024-01", "TU-FINANCE", "Xây dựng chi bộ bốn tốt")
COUNTERSIGNS = (CELL, "THAN-UYEN", "Xây dựng chi bộ bốn tốt")
ON: dict[str, Any] = {"signed_on": JUNE_28}


def test_one_side_signs():
    agreements().when(Agreement.sign, *SIGNS, **ON).then(signed)


def test_the_other_side_completes_it():
    later = {"signed_on": date(2024, 6, 30)}

    agreements(signed).when(Agreement.countersign, *COUNTERSIGNS, **later).then(countersigned)


def test_nobody_agrees_with_itself():
    agreements().when(Agreement.sign, CELL, "TU-2024-01", "TU-FINANCE", "…", **ON).refused(SignedAlone)


@pytest.mark.parametrize("history", [(signed,), (signed, countersigned)])
def test_a_side_signs_once(history):
    again = (DISTRICT, "TU-FINANCE", "Xây dựng chi bộ bốn tốt")

    agreements(*history).when(Agreement.countersign, *again, **ON).refused(AlreadySigned)


@pytest.mark.parametrize(
    ("signatory", "partner", "agreed"),
    [
        (OTHER_CELL, "THAN-UYEN", "Xây dựng chi bộ bốn tốt"),
        (CELL, "TU-AGENCIES", "Xây dựng chi bộ bốn tốt"),
        (CELL, "THAN-UYEN", "Xây dựng chi bộ năm tốt"),
    ],
)
def test_both_sides_sign_the_same(signatory, partner, agreed):
    agreements(signed).when(Agreement.countersign, signatory, partner, agreed, **ON).refused(
        DiffersFromAgreed
    )


# -- Registrations

registrations = spec(Registration)
MEETING = spec(Meeting)(held).aggregate()
YEAR = Period("2025")
REGISTERED_ON: dict[str, Any] = {"registered_on": date(2024, 12, 2)}


def test_a_cell_registers_for_the_next_year_as_its_meeting_resolved():
    registrations().when(Registration.register, CELL, YEAR, MEETING, framework(), **REGISTERED_ON).then(
        registered
    )


def test_a_cell_may_register_on_the_day_of_the_meeting_for_the_year_it_is_and_name_no_framework():
    same_day = fact(
        Registration.Registered,
        **registered.fields | {"year": "2024", "framework": None, "registered_on": "2024-11-28"},
    )

    registrations().when(
        Registration.register, CELL, Period("2024"), MEETING, None, registered_on=date(2024, 11, 28)
    ).then(same_day)


def test_a_registration_is_not_of_a_day_before_the_meeting():
    registrations().when(
        Registration.register, CELL, YEAR, MEETING, None, registered_on=date(2024, 11, 27)
    ).refused(RegisteredBeforeMeeting)


def test_a_registration_rests_on_a_resolution():
    plain = spec(Meeting)(fact(Meeting.Held, **held.fields | {"resolution": None})).aggregate()

    registrations().when(Registration.register, CELL, YEAR, plain, None, **REGISTERED_ON).refused(
        NoResolution
    )


def test_a_registration_waits_for_the_minutes_of_a_meeting_that_was_called():
    called = spec(Meeting)(scheduled).aggregate()

    registrations().when(Registration.register, CELL, YEAR, called, None, **REGISTERED_ON).refused(
        UnknownMeeting
    )


def test_a_registration_rests_on_what_corrected_minutes_say():
    put_right = fact(Meeting.MinutesCorrected, **rewritten.fields | {"resolution": None})
    without = spec(Meeting)(held, put_right).aggregate()

    registrations().when(Registration.register, CELL, YEAR, without, None, **REGISTERED_ON).refused(
        NoResolution
    )


def test_a_registration_rests_on_a_meeting_of_the_cell_itself():
    registrations().when(Registration.register, OTHER_CELL, YEAR, MEETING, None, **REGISTERED_ON).refused(
        NotItsMeeting
    )


@pytest.mark.parametrize("year", ["2023", "2026"])
def test_a_cell_registers_for_the_year_or_the_next(year):
    registrations().when(Registration.register, CELL, Period(year), MEETING, None, **REGISTERED_ON).refused(
        NotTheYear
    )


def test_a_framework_that_takes_effect_after_the_year_is_not_registered_by():
    later = framework(effective_on=date(2026, 1, 1))

    registrations().when(Registration.register, CELL, YEAR, MEETING, later, **REGISTERED_ON).refused(
        NotInForce
    )


def test_a_committee_registers_for_nothing():
    registrations().when(Registration.register, COMMITTEE, YEAR, MEETING, None, **REGISTERED_ON).refused(
        NotACell
    )


# -- Replication

replications = spec(Replication)
PILOT = spec(ModelCell)(selected).aggregate()
MODEL_LATER = spec(ModelCell)(
    fact(ModelCell.Selected, **selected.fields | {"role": "MODEL", "selected_on": "2024-09-06"})
).aggregate()
TAKES = (OTHER_CELL, "TU-SCHOOL-01", "TU-FINANCE")
WHAT: dict[str, Any] = {
    "practice": "Gửi nội dung trước buổi sinh hoạt",
    "replicated_on": date(2024, 9, 5),
}


def test_a_cell_takes_over_what_a_model_cell_does():
    replications().when(Replication.replicate, *TAKES, [PILOT, MODEL_LATER], **WHAT).then(replicated)


@pytest.mark.parametrize("selections", [[], [MODEL_LATER]])
def test_only_what_was_selected_by_that_day_is_replicated(selections):
    replications().when(Replication.replicate, *TAKES, selections, **WHAT).refused(NotAModelThen)


def test_a_cell_does_not_replicate_itself():
    replications().when(Replication.replicate, CELL, "C-1", "TU-FINANCE", [PILOT], **WHAT).refused(
        OwnPractice
    )


def test_a_committee_replicates_nothing():
    replications().when(Replication.replicate, COMMITTEE, *TAKES[1:], [PILOT], **WHAT).refused(NotACell)


# -- Days, of all of them

TOMORROW, BEFORE = date(2025, 1, 1), date(1900, 1, 1)
ENDED = date(2024, 6, 1)
DECISIONS = {
    "launch": lambda on, ended: launches().when(
        Movement.launch,
        replace(DISTRICT, ended_on=ended),
        **LAUNCH | {"launched_on": on, "dated": BEFORE},
    ),
    "sign": lambda on, ended: agreements().when(
        Agreement.sign, replace(DISTRICT, ended_on=ended), *SIGNS[1:], signed_on=on
    ),
    "countersign": lambda on, ended: agreements(signed).when(
        Agreement.countersign, replace(CELL, ended_on=ended), *COUNTERSIGNS[1:], signed_on=on
    ),
    "register": lambda on, ended: registrations().when(
        Registration.register, replace(CELL, ended_on=ended), YEAR, MEETING, None, registered_on=on
    ),
    "replicate": lambda on, ended: replications().when(
        Replication.replicate,
        replace(OTHER_CELL, ended_on=ended),
        *TAKES[1:],
        [PILOT],
        **WHAT | {"replicated_on": on},
    ),
}
every_decision = pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS.keys())


@every_decision
def test_nothing_is_recorded_before_it_has_happened(decision):
    decision(TOMORROW, None).refused(InTheFuture)


@every_decision
def test_nothing_happens_before_the_founding(decision):
    decision(BEFORE, None).refused(BeforeFounding)


@every_decision
def test_nothing_happens_from_the_end_of_an_organization_on(decision):
    decision(date(2024, 6, 28), ENDED).refused(OrganizationEnded)

"""Who may decide the class of a year, when, and how often."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from services.classification.domain import (
    Case,
    Classification,
    DecidedInFuture,
    Decider,
    DossierTooLarge,
    Earlier,
    EvidenceMismatch,
    NotSuperior,
    Pack,
    PackNotInForce,
    Ruling,
    YearNotOver,
    digest_of,
)
from tests.spec import fact, spec

given = spec(Classification)

TODAY = date(2025, 12, 20)
AT = datetime(2025, 12, 20, 2, tzinfo=UTC)
EVENTS = ["assessment-7", "assessment-12"]
DIGEST = sha256(b"assessment-12\nassessment-7\n").hexdigest()
RULING = Ruling("GOOD", True, Decimal("82.50"), ["score 82.50: at least 70, so GOOD is in reach"])
REPORT = {"common_score": "27.50", "results_score": "55"}
PACK = Pack("366-QĐ/TW", "2025-08-30", date(2025, 8, 30), date(2025, 11, 1))
CASE = Case("TU-C-001", 2025, ["LC", "TU-D"], TODAY)
DECIDE = {
    "by": Decider("TU-D", date(2025, 12, 18)),
    "pack": PACK,
    "events": EVENTS,
    "report": REPORT,
    "at": AT,
}
decided = fact(
    Classification.Decided,
    organization="TU-C-001",
    year=2025,
    level="GOOD",
    four_good=True,
    score=Decimal("82.50"),
    decided_by="TU-D",
    decided_on="2025-12-18",
    pack="366-QĐ/TW",
    pack_version="2025-08-30",
    reasons=["score 82.50: at least 70, so GOOD is in reach"],
    events=["assessment-12", "assessment-7"],
    evidence=DIGEST,
    report=REPORT,
)

SCHOOL = Case("BT-POLITICAL-SCHOOL", 2024, ["BT", "BT-AGENCIES"], TODAY)
EARLIER = Earlier("EXCELLENT", True, None, [], [], "0" * 64)
IMPORT = {
    "by": Decider("BT-AGENCIES", date(2024, 12, 30)),
    "pack": "124-QĐ/TW",
    "pack_version": "2023-10-04",
    "at": AT,
}
imported = fact(
    Classification.Imported,
    organization="BT-POLITICAL-SCHOOL",
    year=2024,
    level="EXCELLENT",
    four_good=True,
    score=None,
    decided_by="BT-AGENCIES",
    decided_on="2024-12-30",
    pack="124-QĐ/TW",
    pack_version="2023-10-04",
    reasons=[],
    events=[],
    evidence="0" * 64,
)


def deciding(case=CASE, **changes):
    return given().when(Classification.decide, case, RULING, **DECIDE | changes)


def importing(earlier=EARLIER, **changes):
    return given().when(Classification.import_decision, SCHOOL, earlier, **IMPORT | changes)


# -- Deciding here ---------------------------------------------------------------------------------


def test_a_decision_states_the_ruling_the_report_and_the_digest_of_the_events_it_rests_on():
    deciding().then(decided)


def test_an_organization_does_not_classify_itself():
    deciding(by=Decider("TU-C-001", TODAY)).refused(NotSuperior)


def test_a_committee_classifies_only_what_lies_beneath_it():
    deciding(by=Decider("TU-D-OTHER", TODAY)).refused(NotSuperior, "TU-D-OTHER is not above TU-C-001")


def test_a_root_has_no_superior_and_so_no_class():
    deciding(Case("LC", 2025, [], TODAY)).refused(NotSuperior)


def test_a_year_is_not_classified_before_its_november():
    deciding(by=Decider("TU-D", date(2025, 10, 31))).refused(YearNotOver, "from 2025-11-01")


def test_a_year_may_be_classified_from_the_first_of_november_on():
    [first_day] = deciding(by=Decider("TU-D", date(2025, 11, 1)))._decided().collect_events()

    assert "2025-11-01" == first_day.decided_on


def test_a_decision_is_not_recorded_ahead_of_its_day():
    deciding(by=Decider("TU-D", date(2025, 12, 21))).refused(DecidedInFuture)


def test_a_decision_follows_rules_in_force_on_its_day():
    too_early = Pack("366-QĐ/TW", "2025-08-30", date(2025, 8, 30), date(2024, 11, 1))

    deciding(pack=too_early, by=Decider("TU-D", date(2024, 12, 18))).refused(
        PackNotInForce, "from 2025-08-30"
    )


def test_a_decision_that_would_rest_on_more_events_than_it_can_name_is_refused():
    deciding(events=[f"assessment-{n}" for n in range(1501)]).refused(DossierTooLarge)


def test_one_organization_and_year_is_one_id_so_a_second_decision_collides():
    assert Classification.id_for("TU-C-001", 2025) == Classification.id_for("TU-C-001", 2025)
    assert Classification.id_for("TU-C-001", 2025) != Classification.id_for("TU-C-001", 2024)


# -- Taking over what was decided elsewhere --------------------------------------------------------


def test_an_earlier_decision_is_taken_over_as_it_was_published():
    importing().then(imported)


def test_an_earlier_decision_too_is_the_superiors():
    importing(by=Decider("BT-POLITICAL-SCHOOL", date(2024, 12, 30))).refused(NotSuperior)


def test_an_earlier_decision_cannot_lie_ahead():
    importing(by=Decider("BT-AGENCIES", date(2025, 12, 21))).refused(DecidedInFuture)


def test_an_earlier_decision_cannot_precede_its_year():
    importing(by=Decider("BT-AGENCIES", date(2023, 12, 30))).refused(YearNotOver)


def test_an_earlier_decision_that_names_events_must_carry_their_digest():
    importing(Earlier("GOOD", False, None, [], EVENTS, "0" * 64)).refused(EvidenceMismatch)


def test_an_earlier_decision_with_the_right_digest_is_taken_over():
    [taken_over] = importing(Earlier("GOOD", False, None, [], EVENTS, DIGEST))._decided().collect_events()

    assert DIGEST == taken_over.evidence


# -- The digest ------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [EVENTS, EVENTS[::-1]])
def test_the_digest_does_not_depend_on_the_order_of_the_events(order):
    assert DIGEST == digest_of(order)

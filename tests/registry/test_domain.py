"""The registry's rules, each as a story."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.goals import TargetBeforeFounding, TargetOvertaken, TargetUnchanged
from services.registry.domain.member import (
    AdmissionAges,
    AdmittedBeforeFounding,
    CeremonyBeforeDecision,
    Member,
    NobodyToForget,
    NotACell,
    NothingCorrected,
    PersonErased,
    Standing,
    TooOld,
    TooYoung,
)
from services.registry.domain.organization import (
    FoundedBeforeParent,
    Kind,
    Organization,
    ParentCannotHold,
    Sector,
)
from services.registry.domain.words import DateInFuture, Decision
from tests.spec import NOW, fact, spec, taken

organizations, members, targets = spec(Organization), spec(Member), spec(AdmissionTarget)


def founded(code, kind, parent=None, on="1945-09-01"):
    return fact(
        Organization.Founded,
        code=code,
        name=f"Organization {code}",
        kind=kind,
        parent=parent,
        sector=None,
        founded_on=on,
        decision_number=None,
        decision_dated=None,
        external_id=None,
    )


PROVINCE = organizations(founded("LAI-CHAU", "PROVINCIAL_COMMITTEE")).aggregate()
DISTRICT = organizations(founded("THAN-UYEN", "DISTRICT_COMMITTEE", "LAI-CHAU")).aggregate()
COMMITTEE = organizations(founded("TU-HU", "GRASSROOTS_COMMITTEE", "THAN-UYEN")).aggregate()
CELL = organizations(founded("TU-C-001", "GRASSROOTS_CELL", "THAN-UYEN", on="2004-01-01")).aggregate()

SCHOOL = {
    "name": "Chi bộ Trường Phổ thông Dân tộc nội trú",
    "kind": Kind.GRASSROOTS_CELL,
    "parent": DISTRICT,
    "sector": Sector.SCHOOL,
    "founded_on": date(2004, 1, 1),
    "decision": Decision("12-QĐ/HU", date(2003, 12, 20)),
}
school_founded = fact(
    Organization.Founded,
    code="TU-C-003",
    name="Chi bộ Trường Phổ thông Dân tộc nội trú",
    kind="GRASSROOTS_CELL",
    parent="THAN-UYEN",
    sector="SCHOOL",
    founded_on="2004-01-01",
    decision_number="12-QĐ/HU",
    decision_dated="2003-12-20",
    external_id=None,
)

AGES = AdmissionAges(Decision("294-QĐ/TW", date(2025, 5, 26)), years_min=18, years_max=60)
ADMISSION = {
    "organization": CELL,
    "decision": Decision("31-QĐ/HU", date(2024, 11, 4)),
    "ceremony_on": date(2024, 11, 20),
    "standing": Standing.PROBATIONARY,
    "born_on": None,
    "ages": AGES,
    "person": None,
}
admitted = fact(
    Member.Admitted,
    code="M-0042",
    organization="TU-C-001",
    decision_number="31-QĐ/HU",
    decision_dated="2024-11-04",
    ceremony_on="2024-11-20",
    standing="PROBATIONARY",
    age_rule=None,
    person=None,
)

person_corrected = fact(Member.PersonCorrected, person="YW5ldw==", corrected="name phone")
person_forgotten = fact(Member.PersonForgotten)

TARGET = {
    "target": 1_980,
    "decision": Decision("66-KH/TU", date(2024, 1, 5)),
    "set_on": date(2024, 1, 10),
}
target_set = fact(
    AdmissionTarget.Set,
    organization="LAI-CHAU",
    year="2024",
    target=1_980,
    decision_number="66-KH/TU",
    decision_dated="2024-01-05",
    set_on="2024-01-10",
)
target_reset = fact(
    AdmissionTarget.Reset,
    organization="LAI-CHAU",
    year="2024",
    target=2_000,
    decision_number=None,
    decision_dated=None,
    set_on="2024-06-01",
)


# -- Organizations ---------------------------------------------------------------------------------


def test_a_founding_is_recorded_with_what_was_stated():
    organizations().when(Organization.found, "TU-C-003", **SCHOOL).then(school_founded)


def test_a_province_is_founded_without_a_parent():
    province = SCHOOL | {"kind": Kind.PROVINCIAL_COMMITTEE, "parent": None, "sector": None, "decision": None}
    expected = fact(
        Organization.Founded,
        code="LAI-CHAU",
        name="Chi bộ Trường Phổ thông Dân tộc nội trú",
        kind="PROVINCIAL_COMMITTEE",
        parent=None,
        sector=None,
        founded_on="2004-01-01",
        decision_number=None,
        decision_dated=None,
        external_id=None,
    )

    organizations().when(Organization.found, "LAI-CHAU", **province).then(expected)


def test_only_a_province_stands_without_a_parent():
    organizations().when(Organization.found, "TU-C-003", **SCHOOL | {"parent": None}).refused(
        ParentCannotHold, "without a parent"
    )


def test_a_province_stands_under_nobody():
    organizations().when(
        Organization.found, "X-1", **SCHOOL | {"kind": Kind.PROVINCIAL_COMMITTEE, "parent": PROVINCE}
    ).refused(ParentCannotHold)


def test_a_cell_holds_no_organization():
    organizations().when(
        Organization.found, "X-1", **SCHOOL | {"kind": Kind.SUBORDINATE_CELL, "parent": CELL}
    ).refused(ParentCannotHold, "under TU-C-001, a GRASSROOTS_CELL")


def test_a_subordinate_cell_stands_under_a_grassroots_committee_never_directly_under_a_district():
    subordinate = SCHOOL | {"kind": Kind.SUBORDINATE_CELL}

    organizations().when(Organization.found, "X-1", **subordinate | {"parent": DISTRICT}).refused(
        ParentCannotHold
    )
    assert "TU-HU" == found(**subordinate | {"parent": COMMITTEE}).parent


def test_a_subordinate_cell_may_stand_under_a_sub_committee():
    sub_committee = organizations(founded("TU-SC", "SUB_COMMITTEE", "TU-HU")).aggregate()

    assert "TU-SC" == found(**SCHOOL | {"kind": Kind.SUBORDINATE_CELL, "parent": sub_committee}).parent


def test_after_the_district_level_ended_a_commune_committee_stands_directly_under_its_province():
    assert "LAI-CHAU" == found(**SCHOOL | {"kind": Kind.GRASSROOTS_COMMITTEE, "parent": PROVINCE}).parent


def test_an_organization_is_not_founded_before_its_parent():
    organizations().when(
        Organization.found, "TU-C-003", **SCHOOL | {"founded_on": date(1945, 8, 31)}
    ).refused(FoundedBeforeParent)


def test_an_organization_may_be_founded_on_the_day_its_parent_is():
    assert "1945-09-01" == found(**SCHOOL | {"founded_on": date(1945, 9, 1)}).founded_on


def test_a_founding_that_lies_ahead_is_not_recorded():
    organizations().when(Organization.found, "TU-C-003", **SCHOOL | {"founded_on": date(2025, 1, 1)}).refused(
        DateInFuture
    )


def test_a_day_begins_at_midnight_in_the_province_not_in_greenwich():
    already_january = datetime(2024, 12, 31, 17, tzinfo=UTC)

    assert "2025-01-01" == found(**SCHOOL | {"founded_on": date(2025, 1, 1)}, at=already_january).founded_on


def found(at=NOW, **stated):
    (fact_,) = Organization.found("X-1", **stated, at=at).collect_events()
    return fact_


# -- Members ---------------------------------------------------------------------------------------


def test_an_admission_is_recorded_with_both_its_dates():
    members().when(Member.admit, "M-0042", **ADMISSION).then(admitted)


def test_a_member_may_be_kept_at_a_grassroots_committee_whose_cells_are_not_recorded():
    members().when(Member.admit, "M-0042", **ADMISSION | {"organization": COMMITTEE}).then(
        replace(admitted, fields=admitted.fields | {"organization": "TU-HU"})
    )


def test_a_district_committee_keeps_no_members_itself():
    members().when(Member.admit, "M-0042", **ADMISSION | {"organization": DISTRICT}).refused(
        NotACell, "THAN-UYEN"
    )


def test_a_cell_admits_nobody_before_it_is_founded():
    too_early = ADMISSION | {"decision": Decision("31-QĐ/HU", date(2003, 12, 31))}

    members().when(Member.admit, "M-0042", **too_early).refused(AdmittedBeforeFounding)


def test_a_cell_may_admit_on_the_day_it_is_founded():
    members().when(
        Member.admit, "M-0042", **ADMISSION | {"decision": Decision("31-QĐ/HU", date(2004, 1, 1))}
    ).then(replace(admitted, fields=admitted.fields | {"decision_dated": "2004-01-01"}))


def test_the_ceremony_never_comes_before_the_decision():
    members().when(Member.admit, "M-0042", **ADMISSION | {"ceremony_on": date(2024, 11, 3)}).refused(
        CeremonyBeforeDecision
    )


def test_a_ceremony_that_lies_ahead_is_not_recorded():
    members().when(Member.admit, "M-0042", **ADMISSION | {"ceremony_on": date(2025, 1, 1)}).refused(
        DateInFuture
    )


def test_the_fact_pins_the_rule_that_judged_the_age():
    members().when(Member.admit, "M-0042", **ADMISSION | {"born_on": date(1990, 5, 1)}).then(
        replace(admitted, fields=admitted.fields | {"age_rule": "294-QĐ/TW 2025-05-26"})
    )


def test_the_fact_carries_the_person_sealed_and_never_the_birth_date():
    sealed = ADMISSION | {"born_on": date(1990, 5, 1), "person": "c2VhbGVk"}

    members().when(Member.admit, "M-0042", **sealed).then(
        replace(admitted, fields=admitted.fields | {"age_rule": "294-QĐ/TW 2025-05-26", "person": "c2VhbGVk"})
    )


def test_nobody_is_admitted_before_the_month_they_turn_18():
    members().when(Member.admit, "M-0042", **ADMISSION | {"born_on": date(2006, 12, 1)}).refused(TooYoung)


def test_in_the_month_they_turn_18_the_day_does_not_matter():
    assert "M-0042" == Member.admit("M-0042", **ADMISSION | {"born_on": date(2006, 11, 30)}, at=NOW).code


def test_in_the_month_they_turn_60_they_may_still_be_admitted():
    assert "M-0042" == Member.admit("M-0042", **ADMISSION | {"born_on": date(1964, 11, 1)}, at=NOW).code


def test_after_the_month_they_turn_60_nobody_here_may_admit_them():
    members().when(Member.admit, "M-0042", **ADMISSION | {"born_on": date(1964, 10, 31)}).refused(TooOld)


def test_a_refusal_over_age_does_not_tell_the_birth_date():
    members().when(Member.admit, "M-0042", **ADMISSION | {"born_on": date(1950, 10, 31)}).refused(
        TooOld, "M-0042 is past 60 on 2024-11-04"
    )


def test_who_a_member_is_can_be_forgotten():
    known = replace(admitted, fields=admitted.fields | {"person": "c2VhbGVk"})

    members(known).when(Member.forget_person).then(person_forgotten)


def test_who_was_never_recorded_cannot_be_forgotten():
    members(admitted).when(Member.forget_person).refused(NobodyToForget, "M-0042")


def test_nobody_is_forgotten_twice():
    known = replace(admitted, fields=admitted.fields | {"person": "c2VhbGVk"})

    members(known, person_forgotten).when(Member.forget_person).refused(NobodyToForget)


def test_who_a_member_is_is_corrected_by_a_new_fact():
    known = replace(admitted, fields=admitted.fields | {"person": "c2VhbGVk"})

    members(known).when(Member.correct_person, "YW5ldw==", corrected=["name", "phone"]).then(person_corrected)
    assert "YW5ldw==" == members(known, person_corrected).aggregate().person


def test_who_was_never_recorded_may_be_by_a_correction():
    members(admitted).when(Member.correct_person, "YW5ldw==", corrected=["name", "phone"]).then(
        person_corrected
    )


def test_a_correction_says_something_new():
    members(admitted, person_corrected).when(Member.correct_person, "YW5ldw==", corrected=[]).refused(
        NothingCorrected, "M-0042"
    )


def test_who_was_erased_is_not_recorded_again():
    members(admitted, person_corrected, person_forgotten).when(
        Member.correct_person, "YW5ldw==", corrected=["name"]
    ).refused(PersonErased, "M-0042")


# -- Admission targets -----------------------------------------------------------------------------


def test_a_target_is_set_for_an_organization_and_a_year():
    targets().when(AdmissionTarget.set, PROVINCE, "2024", **TARGET).then(target_set)


def test_a_target_for_next_year_may_be_set_now():
    targets().when(AdmissionTarget.set, PROVINCE, "2025", **TARGET).then(
        replace(target_set, fields=target_set.fields | {"year": "2025"})
    )


def test_a_target_set_anew_is_a_fact_of_its_own():
    targets(target_set).when(
        AdmissionTarget.reset, target=2_000, decision=None, set_on=date(2024, 6, 1)
    ).then(target_reset)


def test_a_target_is_not_set_again_to_what_it_is():
    targets(target_set).when(
        AdmissionTarget.reset, target=1_980, decision=None, set_on=date(2024, 6, 1)
    ).refused(TargetUnchanged, "1980 since 2024-01-10")


def test_a_target_reset_may_be_reset_to_what_it_was_first():
    again = {"target": 1_980, "decision": None, "set_on": date(2024, 7, 1)}

    targets(target_set, target_reset, taken(AdmissionTarget.reset, **again)).when(
        AdmissionTarget.reset, **again
    ).refused(TargetUnchanged, "1980 since 2024-07-01")


def test_an_earlier_target_that_arrives_late_replaces_nothing():
    targets(target_set, target_reset).when(
        AdmissionTarget.reset, target=1_500, decision=None, set_on=date(2024, 5, 31)
    ).refused(TargetOvertaken)


def test_nobody_sets_a_target_before_they_are_founded():
    early = TARGET | {"set_on": date(1945, 8, 31)}

    targets().when(AdmissionTarget.set, PROVINCE, "1945", **early).refused(TargetBeforeFounding)


def test_a_target_that_will_be_set_tomorrow_is_not_recorded():
    targets().when(AdmissionTarget.set, PROVINCE, "2025", **TARGET | {"set_on": date(2025, 1, 1)}).refused(
        DateInFuture
    )

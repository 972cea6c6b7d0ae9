"""What a dossier keeps of what others say, on a real PostgreSQL."""

from datetime import date

import pytest

from contracts.registry import MembershipEnded, MemberTransferred, OrganizationMerged
from services.chassis.views.binding import Bound
from services.classification.views import Meetings, due_months
from tests.telling import (
    FRAMEWORK,
    accepted,
    admitted,
    adopted,
    attended,
    corrected,
    founded,
    issued,
    issued_anew,
    met,
    resubmitted,
    submitted,
)

pytestmark = pytest.mark.anyio
LATER = date(2025, 12, 20)


async def test_a_year_of_which_nothing_was_said_is_an_empty_dossier(dossiers, cell):
    dossier = await dossiers.of(cell, 2024, LATER)

    assert Meetings(0, 0, 0, 0, 0) == dossier.meetings
    assert [] == dossier.events


async def test_meetings_are_counted_with_their_kinds_and_attendance(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(
            met("TU-C-001", "2024-10-28", present=18),
            met("TU-C-001", "2024-11-15", kind="THEMATIC", present=20),
        )
    )

    assert Meetings(2, 1, 1, 40, 38) == (await dossiers.of(cell, 2024, LATER)).meetings


async def test_a_meeting_belongs_to_the_year_of_the_provinces_calendar(dossiers, cell, tell):
    """00:30 on 1 January in the province is still the old year in UTC."""
    await dossiers.apply([tell(met("TU-C-001", "2025-01-01", hour="00:30"))])

    assert 0 == (await dossiers.of(cell, 2024, LATER)).meetings.held
    assert 1 == (await dossiers.of(cell, 2025, LATER)).meetings.held


async def test_supervisors_visits_are_counted(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(attended("TU-C-001", "2024-09-05"), attended("TU-C-001", "2024-09-05", supervisor="TK-M-2"))
    )

    assert 2 == (await dossiers.of(cell, 2024, LATER)).visits


async def test_members_are_those_admitted_by_the_end_of_the_year(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(
            admitted("M-1", "TU-C-001", "2023-05-19"),
            admitted("M-2", "TU-C-001", "2024-12-31"),
            admitted("M-3", "TU-C-001", "2025-01-01"),
        )
    )
    dossier = await dossiers.of(cell, 2024, LATER)

    assert (2, 1) == (dossier.members, dossier.admitted)


async def test_members_are_where_a_transfer_took_them_until_they_leave(dossiers, cell, tell):
    by = {"number": "12-QĐ/ĐU", "date": "2024-01-01"}
    away = {"kind": "OFFICIAL", "standing": "FULL", "reason": "TRANSFER", "decision": by}
    await dossiers.apply(
        tell.all(
            *(admitted(f"M-{n}", "TU-C-001", "2023-05-19") for n in (1, 2, 3)),
            MemberTransferred(
                organization="TU-C-002",
                member="M-1",
                origin="TU-C-001",
                transferred_on="2024-07-01",
                **away,
            ),
            MembershipEnded(
                organization="TU-C-001",
                member="M-2",
                ended_on="2025-01-01",
                reason="LEFT",
                standing="FULL",
            ),
        )
    )

    assert [3, 2, 1] == [(await dossiers.of(cell, year, LATER)).members for year in (2023, 2024, 2025)]


async def test_members_are_where_a_merger_took_them(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(
            admitted("M-1", "TU-C-001", "2023-05-19"),
            admitted("M-2", "TU-C-002", "2024-05-19"),
            OrganizationMerged(organization="TU-C-002", into="TU-C-001", effective_on="2024-07-01"),
        )
    )
    of_2023, of_2024 = [await dossiers.of(cell, year, LATER) for year in (2023, 2024)]

    assert (1, 1) == (of_2023.members, of_2023.admitted)
    assert (2, 0) == (of_2024.members, of_2024.admitted)


async def test_a_self_assessment_belongs_to_the_year_it_is_about(dossiers, cell, tell):
    await dossiers.apply([tell(submitted("TU-C-001", "2024-12"))])

    assert {"2024-12": True} == (await dossiers.of(cell, 2024, LATER)).own_record.months


async def test_a_correction_replaces_the_answer_and_both_remain_evidence(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(submitted("TU-C-001", "2024-11"), corrected("TU-C-001", "2024-11", four_good=False))
    )
    dossier = await dossiers.of(cell, 2024, LATER)

    assert {"2024-11": False} == dossier.own_record.months
    assert ["SelfAssessmentCorrected-2", "SelfAssessmentSubmitted-1"] == sorted(e.id for e in dossier.events)


async def test_an_answer_to_a_return_counts_by_its_day_and_what_became_of_it_is_evidence(
    dossiers, cell, tell
):
    """An acceptance of the next year is evidence of the year it speaks of, as the answers are."""
    answered = resubmitted("TU-C-001", "2024-12", "2025-01-08", four_good=True)
    late = corrected("TU-C-001", "2024-12", four_good=False)
    told = submitted("TU-C-001", "2024-12", four_good=False), answered, late
    await dossiers.apply(tell.all(*told, accepted("TU-C-001", "2024-12", "2025-01-10", by="THAN-UYEN")))
    dossier = await dossiers.of(cell, 2024, LATER)

    assert {"2024-12": True} == dossier.own_record.months
    assert 4 == len(dossier.events)


@pytest.mark.parametrize(("months", "complete"), [(12, True), (11, False)])
async def test_twelve_months_of_self_assessments_are_complete_and_eleven_lack_one(
    dossiers, cell, tell, months, complete
):
    """S000: the month returned in January and answered counts; one never submitted is missing."""
    said = [submitted("TU-C-001", f"2024-{month:02}", four_good=month > 1) for month in range(1, months + 1)]
    answer = resubmitted("TU-C-001", "2024-01", "2024-02-09", four_good=True)
    framework = issued("LAI-CHAU", effective_on="2024-01-01")
    await dossiers.apply(tell.all(framework, *said, answer))

    own = (await dossiers.of(cell, 2024, LATER)).own_record

    assert 12 == len(own.due)
    assert complete is (set(own.due) == set(own.months))
    assert all(own.months.values())


async def test_a_yearly_self_assessment_is_no_month(dossiers, cell, tell):
    await dossiers.apply([tell(submitted("TU-C-001", "2024"))])
    own = (await dossiers.of(cell, 2024, LATER)).own_record

    assert own.yearly is True
    assert {} == own.months


async def test_a_framework_of_a_committee_above_makes_its_months_due_and_is_evidence(dossiers, cell, tell):
    await dossiers.apply([tell(issued("LAI-CHAU", effective_on="2024-10-10"))])
    dossier = await dossiers.of(cell, 2024, LATER)

    assert ("2024-10", "2024-11", "2024-12") == dossier.own_record.due
    assert ["CriteriaFrameworkIssued-1"] == [event.id for event in dossier.events]


async def test_a_framework_of_a_committee_elsewhere_binds_nobody_here(dossiers, cell, tell):
    await dossiers.apply(
        [tell(founded("QUANG-NINH", under=None)), tell(issued("QUANG-NINH", effective_on="2024-01-01"))]
    )

    assert () == (await dossiers.of(cell, 2024, LATER)).own_record.due


async def test_a_yearly_framework_makes_no_month_due(dossiers, cell, tell):
    await dossiers.apply([tell(issued("THAN-UYEN", effective_on="2024-01-01", period="YEAR"))])

    assert () == (await dossiers.of(cell, 2024, LATER)).own_record.due


async def test_another_cells_events_stay_in_its_own_dossier(dossiers, cell, tell):
    await dossiers.apply([tell(met("TU-C-002", "2024-10-28"))])

    assert [] == (await dossiers.of(cell, 2024, LATER)).events


async def test_being_told_twice_changes_nothing(dossiers, cell, tell):
    told = [tell(met("TU-C-001", "2024-10-28"))]
    await dossiers.apply(told)
    await dossiers.apply(told)

    assert 1 == (await dossiers.of(cell, 2024, LATER)).meetings.held


# -- Due months ------------------------------------------------------------------------------------


def test_a_month_is_due_once_it_is_over():
    assert ("2025-09", "2025-10") == due_months(
        2025, date(2001, 1, 1), [Bound(date(2025, 9, 30))], on=date(2025, 11, 30)
    )


def test_a_cell_founded_within_a_month_owes_that_month():
    assert ("2024-11", "2024-12") == due_months(2024, date(2024, 11, 30), [Bound(date(2024, 1, 1))], on=LATER)


def test_the_earliest_of_several_frameworks_binds():
    bound = [Bound(date(2024, 12, 1)), Bound(date(2024, 11, 1))]

    assert ("2024-11", "2024-12") == due_months(2024, date(2001, 1, 1), bound, on=LATER)


def test_without_a_monthly_framework_no_month_is_due():
    assert () == due_months(2024, date(2001, 1, 1), [], on=LATER)


def test_a_framework_for_quarters_makes_their_last_months_due_and_one_that_was_amended_none():
    bound = [Bound(date(2024, 1, 1), until=date(2024, 5, 31)), Bound(date(2024, 5, 31), quarterly=True)]
    months = ("2024-01", "2024-02", "2024-03", "2024-04", "2024-06", "2024-09", "2024-12")

    assert months == due_months(2024, date(2001, 1, 1), bound, on=LATER)


async def test_what_is_due_follows_a_framework_of_either_version(dossiers, cell, tell):
    await dossiers.apply(
        tell.all(
            issued("THAN-UYEN", effective_on="2024-06-01"),
            issued_anew("THAN-UYEN", effective_on="2024-10-01", period="QUARTER", amends=FRAMEWORK["number"]),
            issued_anew("THAN-UYEN", effective_on="2024-01-01", number="8-HD/HU", kinds=["SCHOOL"]),
        )
    )

    dossier = await dossiers.of(cell, 2024, LATER)

    assert ("2024-06", "2024-07", "2024-08", "2024-09", "2024-12") == dossier.own_record.due
    assert [f"assessment.CriteriaFrameworkIssued.v{n}" for n in (1, 2)] == [
        one.type for one in dossier.events
    ]


TO_ADOPT = issued_anew("LAI-CHAU", effective_on="2024-06-01", requires_adoption=True)
ADOPTED = [("THAN-UYEN", "2024-06-03"), ("TU-C-001", "2024-12-02"), ("TU-C-001", "2024-11-30")]


@pytest.mark.parametrize("turned", [False, True])
async def test_one_to_adopt_makes_due_what_ends_after_the_cell_did_so_itself(dossiers, cell, tell, turned):
    news = [TO_ADOPT, *(adopted(who, "LAI-CHAU", on) for who, on in ADOPTED)]
    for one in tell.all(*news[:: -1 if turned else 1]):
        await dossiers.apply([one])
    dossier = await dossiers.of(cell, 2024, LATER)

    assert ("2024-11", "2024-12") == dossier.own_record.due
    assert ["assessment.CriteriaFrameworkIssued.v2"] == [one.type for one in dossier.events]


async def test_one_to_adopt_that_it_did_not_adopt_is_no_part_of_its_dossier(dossiers, cell, tell):
    above, other = (
        adopted("THAN-UYEN", "LAI-CHAU", "2024-06-03"),
        adopted("TU-C-002", "LAI-CHAU", "2024-06-03"),
    )
    await dossiers.apply(tell.all(TO_ADOPT, above, other, adopted("TU-C-001", "LAI-CHAU", "2025-01-01")))
    dossier = await dossiers.of(cell, 2024, LATER)

    assert ((), []) == (dossier.own_record.due, dossier.events)

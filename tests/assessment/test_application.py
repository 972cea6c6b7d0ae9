"""Use cases on a real log: what must be known first, what can be there only once, who is first."""

import asyncio
from datetime import date
from operator import attrgetter

import pytest
from pydantic import ValidationError

from services.assessment.application import (
    AcceptSelfAssessment,
    CorrectSelfAssessment,
    HoldMeeting,
    IssueCriteriaFramework,
    RecordSupervisorAttendance,
    ReopenSubmission,
    RestateSelfAssessment,
    ResubmitSelfAssessment,
    ReturnSelfAssessment,
    SelectModelCell,
    SubmitSelfAssessment,
)
from services.assessment.application.framework import UnknownPack
from services.assessment.domain import SelfAssessment
from services.assessment.domain.framework import AlreadyIssued
from services.assessment.domain.meeting import AlreadyAttended, AlreadyHeld, UnknownMeeting
from services.assessment.domain.model_cell import AlreadySelected
from services.assessment.domain.organization import NotASuperior, OrganizationEnded
from services.assessment.domain.self_assessment import AlreadySubmitted, UnknownFramework
from services.assessment.domain.standing import NothingSubmitted
from services.chassis.errors import AlreadyDone, NotFound, UnknownOrganization
from services.chassis.eventlog.inbox import Entry
from services.chassis.eventlog.store import Receipt
from tests.assessment.bodies import (
    ACCEPTANCE,
    AGAIN,
    CORRECTION,
    ISSUE,
    MEETING,
    NOVEMBER,
    PILOT,
    REOPENING,
    RESTATEMENT,
    RETURN,
    VISIT,
)
from tests.assessment.examples import OF_NOVEMBER
from tests.telling import Telling, dissolved, moved

pytestmark = pytest.mark.anyio

ISSUING = IssueCriteriaFramework(**ISSUE)
SELECTING = SelectModelCell(**PILOT)
HOLDING = HoldMeeting(**MEETING)
ATTENDING = RecordSupervisorAttendance(meeting="TU-FINANCE-2024-11", **VISIT)
SUBMITTING = SubmitSelfAssessment(**NOVEMBER)
CORRECTING = CorrectSelfAssessment(**OF_NOVEMBER, **CORRECTION)


@pytest.fixture
async def issued(assessment, asked):
    return await assessment.frameworks.issue(ISSUING, asked)


@pytest.fixture
async def held(assessment, asked):
    return await assessment.meetings.hold(HOLDING, asked)


def told(asked, id):
    """Return the origin of a district's event."""
    entry = Entry("THAN-UYEN", "than-uyen", id, b"digest", "assessment.MeetingHeld.v1")
    return asked._replace(entry=entry)


# -- Frameworks


async def test_a_framework_is_answered_with_its_place_in_the_log(issued):
    assert Receipt("framework-THAN-UYEN-05-HD/BTCTU-2024-05-19", 1) == issued


async def test_a_document_is_issued_once(assessment, asked, issued):
    with pytest.raises(AlreadyIssued):
        await assessment.frameworks.issue(ISSUING, asked)


async def test_two_committees_may_issue_documents_of_one_number_and_day(assessment, asked, issued):
    elsewhere = ISSUING.model_copy(update={"organization": "TAM-KY"})

    assert 2 == (await assessment.frameworks.issue(elsewhere, asked)).position


async def test_a_framework_may_be_issued_from_a_pack(assessment, asked):
    from_pack = IssueCriteriaFramework(**ISSUE | {"goods": [], "pack": "four-good-cell-sample-1"})

    assert 1 == (await assessment.frameworks.issue(from_pack, asked)).position


async def test_a_pack_that_is_not_here_is_refused(assessment, asked):
    with pytest.raises(UnknownPack):
        await assessment.frameworks.issue(
            IssueCriteriaFramework(**ISSUE | {"goods": [], "pack": "five-good"}), asked
        )


# -- Model cells


async def test_a_cell_is_selected_once_in_each_role(assessment, asked):
    await assessment.model_cells.select(SELECTING, asked)
    await assessment.model_cells.select(SELECTING.model_copy(update={"role": "MODEL"}), asked)

    with pytest.raises(AlreadySelected):
        await assessment.model_cells.select(SELECTING, asked)


async def test_a_cell_told_of_late_was_selected_by_who_stood_above_it_on_that_day(assessment, asked, tree):
    reformed = Telling()
    reformed.positions["registry"] = 7
    await tree.apply(
        reformed.all(
            moved("TU-AGENCIES", "2024-07-01", under="LAI-CHAU"), dissolved("TU-SCHOOL", "2024-07-01")
        )
    )

    assert 1 == (await assessment.model_cells.select(SELECTING, asked)).position
    with pytest.raises(NotASuperior):
        await assessment.model_cells.select(
            SELECTING.model_copy(update={"role": "MODEL", "selected_on": date(2024, 7, 1)}), asked
        )
    with pytest.raises(OrganizationEnded):
        await assessment.model_cells.select(
            SELECTING.model_copy(update={"organization": "TU-SCHOOL", "selected_on": date(2024, 7, 1)}), asked
        )


# -- Meetings


async def test_a_meeting_is_found_under_its_code(assessment, held):
    meeting = await assessment.meetings.find("TU-FINANCE-2024-11")

    assert ("TU-FINANCE", 18) == (meeting.held.organization, meeting.held.present)


async def test_a_meeting_that_nobody_recorded_is_not_found(assessment):
    with pytest.raises(NotFound, match="no meeting TU-FINANCE-2024-12"):
        await assessment.meetings.find("TU-FINANCE-2024-12")


async def test_a_meeting_is_recorded_once_even_by_another_cell(assessment, asked, held):
    with pytest.raises(AlreadyHeld):
        await assessment.meetings.hold(HOLDING.model_copy(update={"organization": "TU-SCHOOL"}), asked)


async def test_of_two_who_record_the_same_meeting_at_once_one_is_refused(assessment, asked):
    both = [assessment.meetings.hold(HOLDING, asked) for _ in range(2)]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert ["AlreadyHeld", "Receipt"] == sorted(type(outcome).__name__ for outcome in outcomes)


async def test_an_event_told_twice_is_already_done_and_not_a_second_meeting(assessment, asked):
    await assessment.meetings.hold(HOLDING, told(asked, "e-1"))

    with pytest.raises(AlreadyDone):
        await assessment.meetings.hold(
            HOLDING.model_copy(update={"meeting": "TU-FINANCE-2024-12"}), told(asked, "e-1")
        )


async def test_a_visit_to_a_meeting_that_nobody_recorded_waits_for_it(assessment, asked):
    with pytest.raises(UnknownMeeting):
        await assessment.meetings.attend(ATTENDING, asked)


async def test_supervisors_who_sign_at_once_are_all_recorded(assessment, asked, held):
    three = [ATTENDING.model_copy(update={"supervisor": f"TU-M-090{number}"}) for number in range(3)]

    await asyncio.gather(*[assessment.meetings.attend(visit, asked) for visit in three])

    meeting = await assessment.meetings.find("TU-FINANCE-2024-11")
    assert {"TU-M-0900", "TU-M-0901", "TU-M-0902"} == meeting.supervisors


async def test_a_supervisor_is_recorded_once(assessment, asked, held):
    await assessment.meetings.attend(ATTENDING, asked)

    with pytest.raises(AlreadyAttended):
        await assessment.meetings.attend(ATTENDING, asked)


# -- Self-assessments


async def test_a_self_assessment_is_kept_as_judged(assessment, asked, issued):
    await assessment.self_assessments.submit(SUBMITTING, asked)

    known = await assessment.self_assessments.find("TU-FINANCE", "2024-11")
    assert ("THAN-UYEN", True) == (known.latest.issuer, known.latest.four_good)


async def test_a_period_is_assessed_once(assessment, asked, issued):
    await assessment.self_assessments.submit(SUBMITTING, asked)

    with pytest.raises(AlreadySubmitted):
        await assessment.self_assessments.submit(SUBMITTING, asked)


async def test_a_correction_replaces_what_stands_and_keeps_what_was(assessment, asked, issued, store):
    await assessment.self_assessments.submit(SUBMITTING, asked)
    await assessment.self_assessments.correct(CORRECTING, asked)

    known = await assessment.self_assessments.find("TU-FINANCE", "2024-11")
    facts = [type(recorded.fact) for recorded in await store.read(1, 10)]
    assert not known.latest.four_good
    assert [SelfAssessment.Submitted, SelfAssessment.Corrected] == facts


async def test_a_correction_waits_for_what_it_corrects(assessment, asked, issued):
    with pytest.raises(NothingSubmitted):
        await assessment.self_assessments.correct(CORRECTING, asked)


async def test_what_was_not_submitted_is_not_found(assessment):
    with pytest.raises(NotFound, match="TU-FINANCE has submitted nothing for 2024-11"):
        await assessment.self_assessments.find("TU-FINANCE", "2024-11")


async def test_a_self_assessment_waits_for_its_framework(assessment, asked):
    with pytest.raises(UnknownFramework):
        await assessment.self_assessments.submit(SUBMITTING, asked)


async def test_a_framework_of_another_district_is_not_ours(assessment, asked, issued):
    elsewhere = SUBMITTING.model_copy(update={"organization": "TK-CELL"})

    with pytest.raises(UnknownFramework, match="neither TK-CELL nor a committee above it issued 05-HD/BTCTU"):
        await assessment.self_assessments.submit(elsewhere, asked)


async def test_of_two_frameworks_of_one_name_the_nearest_is_meant(assessment, asked, issued):
    nearer = ISSUING.model_copy(update={"organization": "TU-AGENCIES"})
    await assessment.frameworks.issue(nearer, asked)

    await assessment.self_assessments.submit(SUBMITTING, asked)

    assert "TU-AGENCIES" == (await assessment.self_assessments.find("TU-FINANCE", "2024-11")).latest.issuer


async def test_a_form_without_a_date_is_signed_today_in_the_province(assessment, asked, issued):
    await assessment.self_assessments.submit(SUBMITTING.model_copy(update={"submitted_on": None}), asked)

    known = await assessment.self_assessments.find("TU-FINANCE", "2024-11")
    assert "2024-12-31" == known.latest.submitted_on


# -- Organizations


@pytest.mark.parametrize(
    ("use_case", "command"),
    [
        ("frameworks.issue", ISSUING),
        ("model_cells.select", SELECTING),
        ("meetings.hold", HOLDING),
        ("meetings.attend", ATTENDING),
        ("self_assessments.submit", SUBMITTING),
        ("self_assessments.correct", CORRECTING),
        ("self_assessments.send_back", ReturnSelfAssessment(**OF_NOVEMBER, **RETURN)),
        ("self_assessments.resubmit", ResubmitSelfAssessment(**OF_NOVEMBER, **AGAIN)),
        ("self_assessments.accept", AcceptSelfAssessment(**OF_NOVEMBER, **ACCEPTANCE)),
        ("self_assessments.restate", RestateSelfAssessment(**OF_NOVEMBER, **RESTATEMENT)),
        ("self_assessments.reopen", ReopenSubmission(**OF_NOVEMBER, **REOPENING)),
    ],
)
async def test_every_use_case_waits_for_an_organization_not_read_about_yet(
    assessment, asked, use_case, command
):
    stranger = command.model_copy(update={"organization": "TU-NEW"})

    with pytest.raises(UnknownOrganization, match="TU-NEW"):
        await attrgetter(use_case)(assessment)(stranger, asked)


# -- Shapes


@pytest.mark.parametrize(
    "broken",
    [
        {"held_at": "1024-11-28T14:00:00+07:00"},
        {"held_at": "2024-11-28T14:00:00"},
        {"held_at": 1732777200},
        {"duration_min": 0},
        {"duration_min": 1441},
        {"present": -1},
        {"present": True},
        {"present": "18"},
        {"summoned": {"full": 18}},
        {"tasks": [{"member": "TU-M-0001", "what": "close the books", "due_on": "soon"}]},
        {"tasks": [{"member": "Nguyễn Văn A", "what": "close the books", "due_on": "2024-12-15"}]},
        {"weather": "rain"},
    ],
)
def test_minutes_of_a_bad_shape_never_reach_a_rule(broken):
    with pytest.raises(ValidationError):
        HoldMeeting(**MEETING | broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"period": "2024-13"},
        {"period": "2024-Q4"},
        {"results": []},
        {"results": [{"criterion": "attendance_pct", "value": "NaN"}]},
        {"results": [{"criterion": "attendance_pct", "value": True}]},
        {"results": [{"criterion": "attendance_pct", "achieved": "yes"}]},
        {"results": [{"criterion": "attendance_pct", "value": "90.00001"}]},
        {"four_good": True},
    ],
)
def test_a_form_of_a_bad_shape_never_reaches_a_rule(broken):
    with pytest.raises(ValidationError):
        SubmitSelfAssessment(**NOVEMBER | broken)

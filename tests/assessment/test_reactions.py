"""What districts tell assessment: the same commands as over HTTP, and each only of its own."""

import pytest

from contracts.assessment import MeetingHeld, SelfAssessmentCorrected, SelfAssessmentSubmitted
from contracts.catalogue import CATALOGUE, NOT_FROM_DISTRICTS, published_by
from services.assessment.domain import Registration
from services.assessment.domain.standing import NothingSubmitted
from services.assessment.publication import publish
from services.assessment.reactions import check, handlers
from services.chassis.edge.rights import NotYours
from services.chassis.errors import UnknownOrganization
from tests.assessment.bodies import (
    ACCEPTANCE,
    AGAIN,
    CALL,
    CANCELLED,
    CORRECTED,
    CORRECTION,
    DECEMBER,
    DONE,
    ISSUE,
    MEETING,
    NOVEMBER,
    PILOT,
    REOPENING,
    RESTATEMENT,
    RETURN,
    SHEET,
    VISIT,
)
from tests.assessment.duties import EXCUSE
from tests.assessment.examples import OF_NOVEMBER
from tests.assessment.movement import COUNTERSIGN, LAUNCH, LAUNCH_BELOW, REGISTER, REPLICATE, SIGN
from tests.assessment.supervision import ASSIGN, END

pytestmark = pytest.mark.anyio

BOASTED = {"number": "9-NQ/CB", "title": "what no meeting resolved"}
YEAR = [
    ("CriteriaFrameworkIssued", ISSUE, "framework-THAN-UYEN-05-HD/BTCTU-2024-05-19"),
    ("ModelCellSelected", PILOT, "model-cell-TU-FINANCE-PILOT"),
    ("MeetingHeld", MEETING, "meeting-TU-FINANCE-2024-11"),
    ("SupervisorAttended", VISIT | {"meeting": "TU-FINANCE-2024-11"}, "meeting-TU-FINANCE-2024-11"),
    ("MeetingScheduled", CALL | {"meeting": "TU-FINANCE-2024-12"}, "meeting-TU-FINANCE-2024-12"),
    ("MeetingHeld", DECEMBER, "meeting-TU-FINANCE-2024-12"),
    ("MinutesCorrected", CORRECTED | {"meeting": "TU-FINANCE-2024-11"}, "meeting-TU-FINANCE-2024-11"),
    ("TaskReported", DONE | {"meeting": "TU-FINANCE-2024-11", "task": 1}, "meeting-TU-FINANCE-2024-11"),
    ("MeetingScored", SHEET | {"meeting": "TU-FINANCE-2024-11"}, "meeting-TU-FINANCE-2024-11"),
    ("MeetingScheduled", CALL | {"meeting": "TU-FINANCE-2024-12-BT"}, "meeting-TU-FINANCE-2024-12-BT"),
    (
        "MeetingCancelled",
        CANCELLED | {"meeting": "TU-FINANCE-2024-12-BT"},
        "meeting-TU-FINANCE-2024-12-BT",
    ),
    ("SelfAssessmentSubmitted", NOVEMBER, "self-assessment-TU-FINANCE-2024-11"),
    (
        "SelfAssessmentCorrected",
        CORRECTION | {"organization": "TU-FINANCE", "period": "2024-11"},
        "self-assessment-TU-FINANCE-2024-11",
    ),
    ("MovementLaunched", LAUNCH, "movement-THAN-UYEN-268-KH/HU-2024-06-20"),
    ("MovementLaunched", LAUNCH_BELOW, "movement-TU-AGENCIES-45-KH/ĐU-2024-06-28"),
    ("EmulationAgreementSigned", COUNTERSIGN, "agreement-TU-2024-01"),
    ("EmulationAgreementSigned", SIGN | {"complete": False}, "agreement-TU-2024-01"),
    (
        "CellRegistered",
        REGISTER | {"resolution": BOASTED},
        "registration-TU-FINANCE-2025",
    ),
    ("ModelReplicated", REPLICATE, "replication-TU-SCHOOL-01"),
    ("SupervisionAssigned", ASSIGN | {"minimum": 100}, "supervision-TU-FINANCE-2024-TU-M-0900"),
    ("SupervisionEnded", END, "supervision-TU-FINANCE-2024-TU-M-0900"),
    ("SelfAssessmentReturned", RETURN | OF_NOVEMBER, "self-assessment-TU-FINANCE-2024-11"),
    ("SelfAssessmentResubmitted", AGAIN | OF_NOVEMBER, "self-assessment-TU-FINANCE-2024-11"),
    ("SelfAssessmentAccepted", ACCEPTANCE | OF_NOVEMBER, "self-assessment-TU-FINANCE-2024-11"),
    ("SelfAssessmentRestated", RESTATEMENT | OF_NOVEMBER, "self-assessment-TU-FINANCE-2024-11"),
    (
        "SubmissionReopened",
        REOPENING | {"organization": "TU-FINANCE", "period": "2023-11"},
        "submission-lock-TU-FINANCE-2023-11",
    ),
    ("ObligationExcused", EXCUSE, "obligations-TU-FINANCE-2024-11"),
]


def event(name, data):
    return CATALOGUE[f"assessment.{name}.v1"].model_validate(data)


async def test_all_that_not_only_assessment_knows_a_district_may_tell_it(assessment):
    told = set(published_by("assessment")) - NOT_FROM_DISTRICTS

    assert {event.type.split(".")[1] for event in told} == set(handlers(assessment))


async def test_a_cells_year_told_by_its_district_becomes_facts_in_order(assessment, asked):
    hears = handlers(assessment)

    receipts = [await hears[name](event(name, data), asked) for name, data, _ in YEAR]

    positions = [receipt.position for receipt in receipts]
    assert [subject for _, _, subject in YEAR] == [receipt.subject for receipt in receipts]
    assert sorted(set(positions)) == positions


async def test_what_a_district_computed_itself_is_computed_anew(assessment, asked):
    hears = handlers(assessment)
    boasting = NOVEMBER | {
        "results": [{"criterion": "attendance_pct", "value": "85"}],
        "goods": [{"good": "MEETING_QUALITY", "achieved": True}],
        "four_good": True,
    }
    await hears["CriteriaFrameworkIssued"](event("CriteriaFrameworkIssued", ISSUE), asked)

    await hears["SelfAssessmentSubmitted"](SelfAssessmentSubmitted.model_validate(boasting), asked)

    known = await assessment.self_assessments.find("TU-FINANCE", "2024-11")
    assert [{"good": "MEETING_QUALITY", "achieved": False}] == known.latest.goods
    assert not known.latest.four_good


async def test_what_a_sheet_amounts_to_is_computed_here(assessment, asked):
    hears = handlers(assessment)
    await hears["MeetingHeld"](event("MeetingHeld", MEETING), asked)
    boasting = SHEET | {"meeting": "TU-FINANCE-2024-11", "total": "100", "level": "QUALITY_EXCELLENT"}

    await hears["MeetingScored"](event("MeetingScored", boasting), asked)

    [sheet] = (await assessment.meetings.find("TU-FINANCE-2024-11")).sheets
    assert (85, "QUALITY_GOOD") == (sheet.total, sheet.level)


async def test_a_registration_says_what_its_meeting_resolved_whatever_the_district_said(
    assessment, asked, store
):
    hears = handlers(assessment)
    for name, data, _ in YEAR:
        await hears[name](event(name, data), asked)

    facts = [recorded.fact for recorded in await store.read(0, 20)]
    [registered] = [publish(fact) for fact in facts if isinstance(fact, Registration.Registered)]

    assert {"number": "11-NQ/CB", "title": "Year-end accounts"} == registered.resolution.model_dump()


async def test_a_field_of_a_later_version_is_passed_over(assessment, asked):
    newer = MEETING | {"weather": "rain", "summoned": {"full": 18, "probationary": 2, "guests": 3}}

    receipt = await handlers(assessment)["MeetingHeld"](MeetingHeld.model_validate(newer), asked)

    assert 1 == receipt.position


async def test_a_district_speaks_of_its_own_cells_only(rights):
    may_speak = check(rights)

    await may_speak("THAN-UYEN", event("MeetingHeld", MEETING))
    with pytest.raises(NotYours):
        await may_speak("TAM-KY", event("MeetingHeld", MEETING))


DECIDED = [
    ("SelfAssessmentReturned", RETURN, "returned_by"),
    ("SelfAssessmentAccepted", ACCEPTANCE, "accepted_by"),
    ("SelfAssessmentRestated", RESTATEMENT, "decided_by"),
    ("SubmissionReopened", REOPENING, "reopened_by"),
]


@pytest.mark.parametrize(("name", "said", "by"), DECIDED, ids=lambda one: one if isinstance(one, str) else "")
async def test_a_district_tells_decisions_of_its_own_and_of_those_beneath_it(rights, name, said, by):
    may_speak = check(rights)

    await may_speak("THAN-UYEN", event(name, said | OF_NOVEMBER))
    await may_speak("THAN-UYEN", event(name, said | OF_NOVEMBER | {by: "TU-AGENCIES"}))
    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", event(name, said | OF_NOVEMBER | {by: "LAI-CHAU"}))


async def test_an_event_of_a_cell_not_read_about_yet_waits(rights):
    with pytest.raises(UnknownOrganization):
        await check(rights)("THAN-UYEN", event("MeetingHeld", MEETING | {"organization": "TU-NEW"}))


async def test_a_correction_without_its_submission_names_what_it_lacks(assessment, asked):
    hears = handlers(assessment)
    await hears["CriteriaFrameworkIssued"](event("CriteriaFrameworkIssued", ISSUE), asked)
    correction = CORRECTION | {"organization": "TU-FINANCE", "period": "2024-11"}

    with pytest.raises(NothingSubmitted, match="TU-FINANCE has submitted nothing for 2024-11"):
        await hears["SelfAssessmentCorrected"](SelfAssessmentCorrected.model_validate(correction), asked)

"""The life of a self-assessment over HTTP and as districts tell it: who may, and what is shown."""

from random import Random

import pytest

from contracts.catalogue import CATALOGUE
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.bodies import (
    ACCEPTANCE,
    AGAIN,
    CORRECTION,
    FRAMEWORK,
    ISSUE,
    NOVEMBER,
    REOPENING,
    RESTATEMENT,
    RETURN,
)
from tests.edges import bearer

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-FINANCE")
AUDITOR = bearer("auditor", "THAN-UYEN")
OF = "/self-assessments/TU-FINANCE/2024-11"
LONG_AGO = {"number": "01-HD/HU", "date": "2023-05-19"}
LAST_YEAR = NOVEMBER | {"period": "2023-11", "framework": LONG_AGO, "submitted_on": "2024-12-20"}


@pytest.fixture
async def submitted(api):
    await api.post("/frameworks", json=ISSUE, headers=OFFICER)
    return await api.post("/self-assessments", json=NOVEMBER, headers=SECRETARY)


@pytest.fixture
async def long_ago(api):
    """A framework under which last year's November, locked since April, could have been assessed."""
    issue = ISSUE | {"framework": LONG_AGO, "effective_on": "2023-06-01"}
    return await api.post("/frameworks", json=issue, headers=OFFICER)


async def told(api, *steps):
    """Ask each (path, body) of an officer's; return the answers."""
    return [await api.post(f"{OF}/{path}", json=body, headers=OFFICER) for path, body in steps]


LIFE = (
    ("returns", RETURN),
    ("resubmissions", AGAIN),
    ("acceptances", ACCEPTANCE),
    ("restatements", RESTATEMENT),
)


def problem(response):
    return response.status_code, response.json()["title"]


async def test_a_self_assessment_is_returned_answered_accepted_and_restated(api, submitted):
    answers = await told(api, *LIFE)

    assert [201] * 4 == [answer.status_code for answer in answers]
    assert {"self-assessment-TU-FINANCE-2024-11"} == {answer.json()["subject"] for answer in answers}


@pytest.mark.parametrize(
    ("steps", "state", "resubmit_by", "submitted_on"),
    [
        (0, "SUBMITTED", None, "2024-12-02"),
        (1, "RETURNED", "2024-12-12", "2024-12-02"),
        (2, "SUBMITTED", None, "2024-12-09"),
        (3, "ACCEPTED", None, "2024-12-09"),
        (4, "ACCEPTED", None, "2024-12-20"),
    ],
)
async def test_what_stands_is_shown_with_its_state_and_its_days(
    api, submitted, steps, state, resubmit_by, submitted_on
):
    await told(api, *LIFE[:steps])

    shown = (await api.get(OF, headers=AUDITOR)).json()

    assert (state, resubmit_by, submitted_on) == (
        shown["state"],
        shown["resubmit_by"],
        shown["stands"]["submitted_on"],
    )
    assert ("2024-12-05", False, "2025-04-01", "submissions 1") == (
        shown["due_on"],
        shown["late"],
        shown["locked_from"],
        shown["rules"],
    )


async def test_a_form_signed_after_the_5th_is_shown_as_late_however_it_is_answered(api):
    await api.post("/frameworks", json=ISSUE, headers=OFFICER)
    late = NOVEMBER | {"submitted_on": "2024-12-06"}
    await api.post("/self-assessments", json=late, headers=SECRETARY)

    assert (await api.get(OF, headers=AUDITOR)).json()["late"]


@pytest.mark.parametrize(
    ("steps", "path", "body", "why"),
    [
        (0, "resubmissions", AGAIN, "NotReturned"),
        (0, "restatements", RESTATEMENT, "NotAccepted"),
        (0, "acceptances", ACCEPTANCE | {"accepted_on": "2024-12-01"}, "DecidedTooEarly"),
        (0, "returns", RETURN | {"resubmit_by": "2024-12-04"}, "DueBeforeReturned"),
        (0, "corrections", NOVEMBER | {"reason": "typing"}, "NothingCorrected"),
        (1, "acceptances", ACCEPTANCE, "NotResubmitted"),
        (3, "returns", RETURN | {"returned_on": "2024-12-12"}, "AlreadyAccepted"),
        (3, "corrections", CORRECTION | {"submitted_on": "2024-12-12"}, "AlreadyAccepted"),
        (0, "reopenings", REOPENING, "NotLocked"),
    ],
)
async def test_what_the_rules_refuse_is_a_conflict_that_names_them(api, submitted, steps, path, body, why):
    await told(api, *LIFE[:steps])
    asked = {name: body[name] for name in body.keys() - {"organization", "period"}}

    [refused] = await told(api, (path, asked))

    assert (409, why) == problem(refused)


@pytest.mark.parametrize(("path", "body"), LIFE)
async def test_nothing_becomes_of_what_was_not_submitted(api, path, body):
    await api.post("/frameworks", json=ISSUE, headers=OFFICER)

    [refused] = await told(api, (path, body))

    assert (409, "NothingSubmitted") == problem(refused)


DECISIONS = [LIFE[0], *LIFE[2:], ("reopenings", REOPENING)]


@pytest.mark.parametrize(("path", "body"), DECISIONS)
@pytest.mark.parametrize(
    "headers",
    [SECRETARY, AUDITOR, bearer("officer", "TU-AGENCIES"), bearer("officer", "TAM-KY")],
    ids=["the cell itself", "auditor", "officer beneath who decides", "officer of another district"],
)
async def test_only_an_officer_of_who_decides_returns_accepts_restates_and_reopens(
    api, submitted, store, headers, path, body
):
    before = await store.head()

    assert (403, "Forbidden") == problem(await api.post(f"{OF}/{path}", json=body, headers=headers))
    assert before == await store.head()


async def test_a_committee_between_decides_too(api, submitted):
    accepting = ACCEPTANCE | {"accepted_by": "TU-AGENCIES"}
    officer = bearer("officer", "TU-AGENCIES")

    assert 201 == (await api.post(f"{OF}/acceptances", json=accepting, headers=officer)).status_code


@pytest.mark.parametrize(("path", "by"), [("returns", "returned_by"), ("acceptances", "accepted_by")])
async def test_who_does_not_stand_above_the_cell_decides_nothing(api, submitted, path, by):
    body = dict(LIFE)[path] | {by: "TU-SCHOOL"}

    assert (409, "NotASuperior") == problem((await told(api, (path, body)))[0])


async def test_without_a_date_it_is_decided_today_in_the_province(api, submitted):
    returned = {name: RETURN[name] for name in ("returned_by", "reason")} | {"resubmit_by": "2025-01-10"}
    undated = {name: AGAIN[name] for name in ("framework", "results")}

    await told(api, ("returns", returned), ("resubmissions", undated))
    await told(api, ("acceptances", {"accepted_by": "THAN-UYEN"}))

    steps = (await api.get(f"{OF}/history", headers=AUDITOR)).json()
    assert ["2024-12-02", "2024-12-31", "2024-12-31", "2024-12-31"] == [step["on"] for step in steps]


# -- The lock


async def test_a_locked_period_is_assessed_only_once_a_decision_opens_it(api, long_ago):
    path = "/self-assessments/TU-FINANCE/2023-11"
    refused = await api.post("/self-assessments", json=LAST_YEAR, headers=SECRETARY)
    await api.post(f"{path}/reopenings", json=REOPENING, headers=OFFICER)

    admitted = await api.post("/self-assessments", json=LAST_YEAR, headers=SECRETARY)

    assert (409, "Locked") == problem(refused)
    assert 201 == admitted.status_code
    shown = (await api.get(path, headers=AUDITOR)).json()
    assert (REOPENING["decision"], True) == (shown["stands"]["admitted_by"], shown["late"])


async def test_a_period_that_was_opened_and_not_used_has_a_history_of_its_own(api, long_ago):
    path = "/self-assessments/TU-FINANCE/2023-11"
    again = REOPENING | {"decision": {"number": "35-QĐ/HU", "date": "2024-12-27"}, "until": "2024-12-31"}
    for body in (REOPENING, again):
        await api.post(f"{path}/reopenings", json=body, headers=OFFICER)

    assert (404, "NotFound") == problem(await api.get(path, headers=AUDITOR))
    steps = (await api.get(f"{path}/history", headers=AUDITOR)).json()
    assert [REOPENING["decision"], again["decision"]] == [step["event"]["decision"] for step in steps]


async def test_a_decision_opens_a_period_once(api, long_ago):
    answers = [
        await api.post("/self-assessments/TU-FINANCE/2023-11/reopenings", json=REOPENING, headers=OFFICER)
        for _ in range(2)
    ]

    assert (201, 409) == (answers[0].status_code, answers[1].status_code)
    assert "AlreadyReopened" == answers[1].json()["title"]


# -- What was known


async def test_the_history_says_what_was_recorded_when_and_for_which_day(api, submitted):
    await told(api, *LIFE)

    steps = (await api.get(f"{OF}/history", headers=AUDITOR)).json()

    became = ("Submitted", "Returned", "Resubmitted", "Accepted", "Restated")
    assert [f"assessment.SelfAssessment{one}.v1" for one in became] == [step["type"] for step in steps]
    days = ["2024-12-02", "2024-12-05", "2024-12-09", "2024-12-11", "2024-12-20"]
    assert days == [step["on"] for step in steps]
    assert {"2024-12-31T05:00:00Z"} == {step["recorded_at"] for step in steps}
    assert "the minutes were corrected" == steps[-1]["event"]["reason"]


async def test_what_was_reported_before_a_restatement_stays_readable(api, submitted, store):
    await told(api, *LIFE[:3])
    recorded = [one.fact.timestamp for one in await store.read(0, 10)]
    later = recorded[-1].replace(year=2025)
    store.clock = lambda: later
    await told(api, ("restatements", RESTATEMENT))

    async def known(at):
        return (await api.get(OF, params={"known_at": at.isoformat()}, headers=AUDITOR)).json()

    before, after = await known(recorded[-1]), await known(later)
    assert ("90", "85") == (before["stands"]["results"][0]["value"], after["stands"]["results"][0]["value"])
    assert (True, False) == (before["stands"]["four_good"], after["stands"]["four_good"])
    nothing = await api.get(OF, params={"known_at": "2024-12-01T00:00:00Z"}, headers=AUDITOR)
    assert (404, "NotFound") == problem(nothing)


async def test_a_history_of_nothing_is_not_found_and_a_neighbour_sees_none(api, submitted):
    other = "/self-assessments/TU-SCHOOL/2024-11/history"

    assert (404, "NotFound") == problem(await api.get(other, headers=AUDITOR))
    neighbour = bearer("secretary", "TU-SCHOOL")
    assert (403, "Forbidden") == problem(await api.get(f"{OF}/history", headers=neighbour))


# -- As districts tell it

CELL = {"organization": "TU-FINANCE", "period": "2024-11"}
LATE = {"organization": "TU-FINANCE", "period": "2023-11"}
EVENTS = [
    ("CriteriaFrameworkIssued", ISSUE),
    ("CriteriaFrameworkIssued", ISSUE | {"framework": LONG_AGO, "effective_on": "2023-06-01"}),
    ("SelfAssessmentSubmitted", NOVEMBER),
    ("SelfAssessmentCorrected", CORRECTION | CELL),
    ("SelfAssessmentReturned", RETURN | CELL),
    ("SelfAssessmentResubmitted", AGAIN | CELL),
    ("SelfAssessmentAccepted", ACCEPTANCE | CELL),
    ("SelfAssessmentRestated", RESTATEMENT | CELL),
    ("SubmissionReopened", REOPENING | LATE),
    ("SelfAssessmentSubmitted", LAST_YEAR),
]


@pytest.mark.parametrize("seed", range(12))
async def test_districts_news_told_in_any_order_comes_to_the_same_answers(api, assessment, asked, seed):
    """What waits for something on its way is told again, as the intake does."""
    hears = handlers(assessment)
    waiting = Random(seed).sample(EVENTS, len(EVENTS))
    while waiting:
        left = []
        for name, data in waiting:
            try:
                await hears[name](CATALOGUE[f"assessment.{name}.v1"].model_validate(data), asked)
            except NotYetKnown:
                left.append((name, data))
        assert len(left) < len(waiting)
        waiting = left

    november = (await api.get(OF, headers=AUDITOR)).json()
    locked = (await api.get("/self-assessments/TU-FINANCE/2023-11", headers=AUDITOR)).json()
    assert ("ACCEPTED", 1, False, RESTATEMENT["reason"]) == (
        november["state"],
        november["corrections"],
        november["stands"]["four_good"],
        november["stands"]["reason"],
    )
    assert FRAMEWORK == november["stands"]["framework"]
    assert ("SUBMITTED", REOPENING["decision"]) == (locked["state"], locked["stands"]["admitted_by"])

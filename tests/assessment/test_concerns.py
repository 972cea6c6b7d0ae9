"""Concerns over HTTP, from districts in any order, and in the view: Tam Kỳ's way up and down (S002)."""

import random

import pytest

from contracts.catalogue import CATALOGUE
from services.assessment.publication import publish
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.concerns import (
    ACKNOWLEDGE,
    ANSWER,
    ASSIGN,
    CITY,
    CODE,
    CONFIRM,
    ESCALATE,
    HEAR,
    PROVINCE,
    RAISE,
    REOPEN,
    RESOLVE,
    SEPTEMBER,
)
from tests.edges import bearer
from tests.telling import Telling, dissolved, founded, merged

pytestmark = pytest.mark.anyio

SECRETARY = bearer("secretary", "TU-FINANCE")
OFFICER = bearer("officer", CITY)
ABOVE = bearer("officer", PROVINCE)
AUDITOR = bearer("auditor", CITY)
OF = f"/concerns/{CODE}"
RAISED = ("/concerns", RAISE, SECRETARY)
ANSWERED = (f"{OF}/answers", ANSWER, OFFICER)
ESCALATED = (f"{OF}/escalations", ESCALATE, OFFICER)
ACKNOWLEDGED = (f"{OF}/acknowledgement", ACKNOWLEDGE, OFFICER)
HEARD = (f"{OF}/hearings", HEAR, ABOVE)
ASSIGNED = (f"{OF}/assignments", ASSIGN, ABOVE)
RESOLVED = (f"{OF}/resolutions", RESOLVE, ABOVE)
CONFIRMED = (f"{OF}/confirmations", CONFIRM, SECRETARY)
REOPENED = (f"{OF}/reopenings", REOPEN, SECRETARY)
LIFE = [RAISED, ANSWERED, ESCALATED, HEARD, ASSIGNED, RESOLVED, CONFIRMED, REOPENED]


@pytest.fixture
async def api(api):
    await api.post("/meetings", json=SEPTEMBER, headers=SECRETARY)
    return api


@pytest.fixture
def take(api):
    """Return what takes steps one after the other, and says how each was answered."""

    async def taking(*steps):
        answers = [await api.post(path, json=body, headers=by) for path, body, by in steps]
        return [(one.status_code, one.json().get("title", "")) for one in answers]

    return taking


@pytest.fixture
def show(api):
    async def showing(by=AUDITOR):
        return (await api.get(OF, headers=by)).json()

    return showing


@pytest.fixture
def listed(api, views, store):
    """Return what lists the concerns that were told, by code."""

    async def asking(question, by=AUDITOR):
        read = [recorded.fact for recorded in await store.read(0, 1000)]
        await views.concerns.apply(Telling().all(*[publish(fact) for fact in read]))
        answer = await api.get(f"/concerns?{question}", headers=by)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    return asking


DONE = (201, "")


# -- S002: raised → answered by the city → passed up for three reasons → heard → assigned the same day


async def test_a_concern_goes_the_way_of_tam_ky_and_stays_open_until_it_is_solved(take, show):
    assert [DONE] * 5 == await take(*LIFE[:5])

    shown = await show()
    assert ["RAISED", "ANSWERED_LOCALLY", "ESCALATED", "HEARD", "ASSIGNED"] == [
        step["state"] for step in shown["steps"]
    ]
    assert shown["steps"][3]["on"] == shown["steps"][4]["on"]
    assert ("ASSIGNED", PROVINCE) == (shown["state"], shown["holder"])
    assert {"due_on": "2024-10-31", "done_on": None, "state": "OVERDUE"} == shown["solution"]

    assert [DONE] == await take(RESOLVED)
    solved = await show()
    assert ("RESOLVED", "MET") == (solved["state"], solved["solution"]["state"])
    assert [DONE, DONE] == await take(CONFIRMED, REOPENED)
    again = await show()
    assert ("REOPENED", PROVINCE, None) == (again["state"], again["holder"], again["agency"])


async def test_the_reasons_are_five_words_and_at_least_one(take):
    await take(RAISED)
    path, body, by = ESCALATED

    assert [(422, "Unprocessable")] * 2 == await take(
        (path, body | {"reasons": ["BORING"]}, by), (path, body | {"reasons": []}, by)
    )


# -- §8: the acknowledgement, ten working days


@pytest.mark.parametrize(
    ("friday", "tenth"),
    [
        ("2024-09-06", "2024-09-20"),
        ("2024-02-02", "2024-02-23"),
        ("2024-08-30", "2024-09-17"),
        ("2023-09-15", "2023-09-29"),
    ],
)
async def test_a_concern_of_a_friday_is_to_be_acknowledged_by_the_tenth_working_day(
    api, take, show, friday, tenth
):
    meeting = {"meeting": "TU-FINANCE-FRIDAY", "held_at": f"{friday}T19:30:00+07:00"}
    await api.post("/meetings", json=SEPTEMBER | meeting, headers=SECRETARY)
    raised = RAISE | {"meeting": "TU-FINANCE-FRIDAY", "raised_on": friday}

    assert [DONE] == await take(("/concerns", raised, SECRETARY))

    shown = await show()
    assert (tenth, "OVERDUE") == (shown["acknowledgement"]["due_on"], shown["acknowledgement"]["state"])
    assert ("concerns 1", tenth) == (shown["raised"]["rules"], shown["raised"]["acknowledge_by"])
    assert "45/2019/QH14 2019-11-20 2027-2" == shown["raised"]["calendar"]


@pytest.mark.parametrize(("told", "state"), [("2024-09-20", "MET"), ("2024-09-21", "LATE")])
async def test_an_acknowledgement_on_the_last_day_is_in_time(take, show, told, state):
    path, body, by = ACKNOWLEDGED
    assert [DONE, DONE] == await take(RAISED, (path, body | {"acknowledged_on": told}, by))

    shown = await show()
    assert ("ACKNOWLEDGED", state, told) == (
        shown["state"],
        shown["acknowledgement"]["state"],
        shown["acknowledgement"]["done_on"],
    )


# -- Refusals and rights


def other(like, /, **changed):
    path, body, by = like
    return path, body | changed, by


@pytest.mark.parametrize(
    ("told", "step", "why"),
    [
        (0, other(RAISED, meeting="TU-FINANCE-2024-01"), "UnknownMeeting"),
        (0, other(RAISED, raised_on="2024-09-05"), "NotThatDay"),
        (0, other(RAISED, raised_to="TAM-KY"), "NotASuperior"),
        (0, ANSWERED, "UnknownConcern"),
        (1, RAISED, "AlreadyRaised"),
        (1, ASSIGNED, "NotNext"),
        (2, other(ESCALATED, step=2), "StepTaken"),
        (1, other(ANSWERED, step=3), "StepsMissing"),
        (1, other(ANSWERED, answered_on="2024-09-05"), "BeforeLastStep"),
        (1, other(ANSWERED, answered_on="2025-01-01"), "InTheFuture"),
        (1, (f"{OF}/answers", ANSWER | {"by": PROVINCE}, ABOVE), "HeldElsewhere"),
        (1, other(ESCALATED, to="TU-AGENCIES"), "NotASuperior"),
        (1, other(ACKNOWLEDGED, document={"number": "1-CV", "date": "2024-09-05"}), "WrittenOtherwise"),
        (2, (f"{OF}/confirmations", CONFIRM | {"organization": "TU-SCHOOL"}, OFFICER), "NotOfThatCell"),
        (3, other(HEARD, report=False, opinions=False, field_survey=False), "NothingHeard"),
        (4, other(ASSIGNED, due_on="2024-09-09"), "DueBeforeAssigned"),
    ],
)
async def test_a_step_against_the_rules_is_a_conflict_and_nothing_is_stored(take, store, told, step, why):
    await take(*LIFE[:told])
    before = await store.head()

    assert [(409, why)] == await take(step)
    assert before == await store.head()


async def test_a_second_acknowledgement_is_refused(take):
    assert [DONE, DONE, (409, "AlreadyAcknowledged")] == await take(RAISED, ACKNOWLEDGED, ACKNOWLEDGED)


@pytest.mark.parametrize("personal", ["member", "members", "opinion_of", "raised_by"])
async def test_there_is_no_field_for_who_thinks_what(take, personal):
    assert [(422, "Unprocessable")] == await take(other(RAISED, **{personal: "TU-M-0001"}))


@pytest.mark.parametrize("step", [*LIFE, ACKNOWLEDGED], ids=lambda step: step[0])
@pytest.mark.parametrize(
    "headers",
    [AUDITOR, bearer("secretary", "TU-SCHOOL"), bearer("officer", "TAM-KY"), bearer("operator")],
    ids=["auditor", "neighbour", "officer of another district", "operator"],
)
async def test_who_only_looks_and_who_is_elsewhere_changes_nothing(take, step, headers):
    path, body, _ = step

    assert [(403, "Forbidden")] == await take((path, body, headers))


async def test_a_cell_does_not_act_for_the_committees_above_it(take):
    await take(RAISED)

    assert [(403, "Forbidden")] == await take((ANSWERED[0], ANSWER, SECRETARY))
    assert [(403, "Forbidden")] == await take((HEARD[0], HEAR, OFFICER))


async def test_what_nobody_raised_is_not_found_and_what_is_elsewhere_not_shown(api, take):
    missing = await api.get(OF, headers=AUDITOR)
    await take(RAISED)
    elsewhere = await api.get(OF, headers=bearer("auditor", "TAM-KY"))

    assert (404, 403) == (missing.status_code, elsewhere.status_code)


# -- Lists, with their clocks


async def test_concerns_are_listed_with_their_clocks(take, listed):
    await take(*LIFE[:5])

    [concern] = (await listed(f"organization={CITY}"))["concerns"]

    assert (CODE, "ASSIGNED", "2024-09-10", PROVINCE) == (
        concern["concern"],
        concern["state"],
        concern["since_on"],
        concern["holder"],
    )
    assert {"due_on": "2024-09-20", "done_on": None, "state": "OVERDUE"} == concern["acknowledgement"]
    assert {"due_on": "2024-10-31", "done_on": None, "state": "OVERDUE"} == concern["solution"]


async def test_concerns_are_narrowed_by_state_and_by_what_is_overdue(take, listed):
    await take(*LIFE[:6], ACKNOWLEDGED, other(RAISED, concern="TU-ROAD"))

    async def codes(question):
        page = await listed(f"organization={CITY}&{question}")
        return [one["concern"] for one in page["concerns"]]

    assert [CODE] == await codes("state=RESOLVED")
    assert ["TU-ROAD"] == await codes("state=RAISED")
    assert ["TU-ROAD"] == await codes("overdue=true")
    assert [CODE] == await codes("overdue=false")


async def test_concerns_are_paged_in_the_order_in_which_they_were_told(take, listed):
    await take(*[other(RAISED, concern=f"TU-{number}") for number in range(5)])

    first = await listed(f"organization={CITY}&limit=2")
    second = await listed(f"organization={CITY}&limit=2&from={first['next']}")
    third = await listed(f"organization={CITY}&limit=2&from={second['next']}")

    assert [["TU-0", "TU-1"], ["TU-2", "TU-3"], ["TU-4"]] == [
        [one["concern"] for one in page["concerns"]] for page in (first, second, third)
    ]
    assert third["next"] is None
    assert [] == (await listed("organization=TAM-KY", bearer("auditor")))["concerns"]


async def test_the_view_stands_where_the_log_does_after_every_step(take, show, listed):
    for step in [RAISED, ACKNOWLEDGED, *LIFE[1:]]:
        await take(step)
        shown, [row] = await show(), (await listed(f"organization={CITY}"))["concerns"]

        same = ("state", "holder", "agency", "acknowledgement", "solution")
        assert [shown[name] for name in same] == [row[name] for name in same]


# -- Districts, in any order


def event(name, step, body):
    whose = {"organization": "TU-FINANCE", "concern": CODE} | ({"step": step} if step else {})
    return name, CATALOGUE[f"assessment.{name}.v1"].model_validate(whose | body)


TOLD = [
    ("MeetingHeld", CATALOGUE["assessment.MeetingHeld.v1"].model_validate(SEPTEMBER)),
    event("ConcernRaised", None, RAISE),
    event("ConcernAcknowledged", None, ACKNOWLEDGE),
    event("ConcernAnswered", 2, ANSWER),
    event("ConcernReopened", 3, REOPEN | {"reopened_on": "2024-09-07"}),
    event("ConcernAnswered", 4, ANSWER | {"answered_on": "2024-09-07"}),
    event("ConcernEscalated", 5, ESCALATE),
    event("ConcernHeard", 6, HEAR),
    event("ConcernAssigned", 7, ASSIGN),
    event("ConcernResolved", 8, RESOLVE),
    event("ConcernConfirmedToCell", 9, CONFIRM),
]


@pytest.mark.parametrize("seed", range(12))
async def test_told_in_any_order_it_comes_to_the_same(assessment, asked, seed):
    hears, waiting = handlers(assessment), random.Random(seed).sample(TOLD, len(TOLD))
    while waiting:
        later = []
        for name, said in waiting:
            try:
                await hears[name](said, asked)
            except NotYetKnown:
                later.append((name, said))
        assert len(later) < len(waiting)
        waiting = later

    concern = await assessment.concerns.find(CODE)
    assert ("CONFIRMED_TO_CELL", 9, PROVINCE, "2024-09-20", "2024-10-28") == (
        concern.state,
        concern.life[-1].step,
        concern.holder,
        f"{concern.acknowledged_on}",
        f"{concern.resolved_on}",
    )


async def test_a_clock_that_a_district_states_is_computed_anew(assessment, asked):
    hears = handlers(assessment)
    boasting = RAISE | {"acknowledge_by": "2030-01-01", "rules": "ours", "calendar": "ours"}
    await hears["MeetingHeld"](TOLD[0][1], asked)

    await hears["ConcernRaised"](event("ConcernRaised", None, boasting)[1], asked)

    raised = (await assessment.concerns.find(CODE)).raised
    assert ("2024-09-20", "concerns 1") == (raised.acknowledge_by, raised.rules)


async def test_a_step_of_another_cells_concern_is_refused(assessment, asked):
    hears = handlers(assessment)
    for name, said in TOLD[:2]:
        await hears[name](said, asked)

    with pytest.raises(Exception, match="was raised by TU-FINANCE, not by TU-SCHOOL"):
        await hears["ConcernAnswered"](
            CATALOGUE["assessment.ConcernAnswered.v1"].model_validate(
                ANSWER | {"organization": "TU-SCHOOL", "concern": CODE}
            ),
            asked,
        )


# -- Reorganizations: what is open passes to the heir, by the day of each step


async def test_what_a_committee_had_passes_to_what_it_ended_in_from_that_day_on(take, show, tree):
    tell = Telling()
    tell.positions["registry"] = (await tree.positions())["registry"]
    await take(RAISED, ANSWERED)
    await tree.apply(
        tell.all(
            founded("WARD", under=PROVINCE, kind="GRASSROOTS_COMMITTEE", on="2024-10-01"),
            merged("TU-AGENCIES", "2024-11-01", into="WARD"),
            dissolved("THAN-UYEN", "2024-11-02"),
        )
    )

    assert PROVINCE == (await show(ABOVE))["holder"]
    assert [(409, "HeldElsewhere")] == await take(
        (f"{OF}/hearings", HEAR | {"by": CITY, "heard_on": "2024-11-05"}, OFFICER)
    )
    assert [DONE] == await take((f"{OF}/hearings", HEAR | {"by": CITY, "heard_on": "2024-10-05"}, OFFICER))
    assert [DONE] == await take(
        (f"{OF}/assignments", ASSIGN | {"assigned_on": "2024-11-05", "due_on": "2024-12-31"}, ABOVE)
    )


async def test_it_is_raised_with_who_was_above_the_cell_on_that_day(take, tree):
    tell = Telling()
    tell.positions["registry"] = (await tree.positions())["registry"]
    await tree.apply(
        tell.all(
            founded("WARD", under=PROVINCE, kind="GRASSROOTS_COMMITTEE", on="2024-10-01"),
            merged("TU-AGENCIES", "2024-11-01", into="WARD"),
        )
    )

    assert [(409, "NotASuperior"), DONE] == await take(other(RAISED, raised_to="WARD"), RAISED)


def test_the_tests_above_know_every_step():
    handled = {name for name in CATALOGUE if name.startswith("assessment.Concern")}

    assert {f"assessment.{name}.v1" for name, _ in TOLD[1:]} == handled

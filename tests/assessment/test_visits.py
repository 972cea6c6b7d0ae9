"""Visits over HTTP: planned, confirmed by both sides, disputed, decided, reported on; in any order."""

from random import Random

import jwt
import pytest

from contracts.catalogue import CATALOGUE
from services.assessment.reactions import check, handlers
from services.chassis.edge.rights import NotYours
from services.chassis.errors import NotYetKnown
from tests.assessment.concerns import RAISE
from tests.assessment.supervision import (
    OFFICER,
    assignment,
    attendance,
    ending,
    held,
    post,
    supervision,
    visit,
)
from tests.edges import KEY, bearer
from tests.telling import Telling, restricted

pytestmark = pytest.mark.anyio

WHO = {"organization": "TK-CELL", "superior": "TAM-KY", "supervisor": "TK-M-1"}


def plan(planned_for="2024-03-05", registered_on="2024-02-20", **changed):
    return WHO | {"planned_for": planned_for, "registered_on": registered_on} | changed


def saying(side, attended, day="2024-03-06", **changed):
    return WHO | {"side": side, "attended": attended, "confirmed_at": f"{day}T02:00:00Z"} | changed


def reporting(**changed):
    return WHO | {"reported_on": "2024-03-10", "quality": "QUALITY_GOOD"} | changed


CONFIRMATIONS = "/meetings/TK-CELL-2024-03-05/confirmations"
REPORTS = "/meetings/TK-CELL-2024-03-05/visit-reports"


@pytest.fixture
async def followed(api):
    await post(api, "/supervision", assignment())


@pytest.fixture
async def disputed(api, followed):
    await visit(api, "TK-CELL", "2024-03-05")
    await post(api, CONFIRMATIONS, saying("CELL", attended=False))


async def one(ask):
    _, by_code = await supervision(ask)
    return by_code["TK-M-1"], by_code["TK-M-1"]["cells"][0]


async def mismatches(ask, organization="TAM-KY", more=""):
    return (await ask(f"/visits/mismatches?organization={organization}{more}")).json()


# -- Plans: registered before the visit, and shown beside what was done (S003)


async def test_what_was_planned_is_shown_beside_what_was_done(api, ask, followed):
    for month in ("03", "04", "12"):
        await post(api, "/visits/plans", plan(f"2024-{month}-05"))
    await visit(api, "TK-CELL", "2024-03-20")

    shown, cell = await one(ask)

    assert (3, 1, 1) == (shown["planned"], shown["kept"], shown["done"])
    assert [
        ("2024-03-05", "KEPT", "TK-CELL-2024-03-20"),
        ("2024-04-05", "MISSED", None),
        ("2024-12-05", "OPEN", None),
    ] == [(plan["planned_for"], plan["state"], plan["meeting"]) for plan in cell["plans"]]


async def test_one_visit_keeps_one_plan_and_only_one_registered_before_it(api, ask, followed):
    await post(api, "/visits/plans", plan("2024-03-25", "2024-03-20"))
    await post(api, "/visits/plans", plan("2024-03-28", "2024-03-01"))
    await visit(api, "TK-CELL", "2024-03-05")

    shown, cell = await one(ask)

    assert (2, 1) == (shown["planned"], shown["kept"])
    assert ["MISSED", "KEPT"] == [plan["state"] for plan in cell["plans"]]


async def test_a_plan_lapses_with_the_assignment(api, ask, followed):
    await post(api, "/visits/plans", plan("2024-11-05"))
    await post(api, "/supervision/endings", ending(ended_on="2024-10-01"))

    shown, cell = await one(ask)

    assert (0, ["LAPSED"]) == (shown["planned"], [plan["state"] for plan in cell["plans"]])


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"supervisor": "TK-M-2"}, "NotAssigned"),
        ({"planned_for": "2025-03-05"}, "NotAssigned"),
        ({"registered_on": "2024-03-05"}, "PlannedTooLate"),
        ({"organization": "NOWHERE"}, "UnknownOrganization"),
        ({"superior": "THAN-UYEN"}, "NotASuperior"),
        ({"registered_on": "2025-01-01", "planned_for": "2025-02-01"}, "InTheFuture"),
        ({}, "AlreadyPlanned"),
    ],
)
async def test_a_plan_that_breaks_a_rule_is_a_conflict_that_names_it(api, store, followed, changed, refusal):
    await post(api, "/visits/plans", plan())

    response = await api.post("/visits/plans", json=plan() | changed, headers=bearer("officer"))

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 2 == await store.head()


# -- Both sides


async def test_a_visit_that_the_cell_denies_does_not_count_until_it_is_settled(api, ask, disputed):
    shown, cell = await one(ask)
    listed = await mismatches(ask)
    meeting = (await ask("/meetings/TK-CELL-2024-03-05")).json()
    await post(api, CONFIRMATIONS, saying("CELL", attended=True, day="2024-03-07"))
    again, after = await one(ask)

    assert (0, 1, ["TK-CELL-2024-03-05"]) == (shown["done"], shown["uncounted"], cell["disputed"])
    assert ("TK-M-1", "TAM-KY", "CELL") == tuple(
        listed["mismatches"][0][name] for name in ("supervisor", "superior", "denied_by")
    )
    assert (True, False, None, True) == tuple(
        meeting["visits"][0][name] for name in ("by_supervisor", "by_cell", "attended", "disputed")
    )
    assert (1, 0, ["TK-CELL-2024-03-05"]) == (again["done"], again["uncounted"], after["confirmed"])
    assert [] == (await mismatches(ask))["mismatches"]


@pytest.mark.parametrize(("decided", "done"), [(True, 1), (False, 0)])
async def test_the_superior_decides_where_the_two_differ(api, ask, disputed, decided, done):
    await post(api, CONFIRMATIONS, saying("SUPERIOR", decided, day="2024-03-08"))

    shown, cell = await one(ask)

    assert (done, []) == (shown["done"], cell["disputed"])
    assert [] == (await mismatches(ask))["mismatches"]


async def test_a_supervisor_may_take_a_visit_back(api, ask, followed):
    await visit(api, "TK-CELL", "2024-03-05")
    await post(api, CONFIRMATIONS, saying("SUPERVISOR", attended=False))

    shown, _ = await one(ask)

    assert (0, 1, 2) == (shown["done"], shown["uncounted"], shown["missing"])


@pytest.mark.parametrize(
    ("guests", "done", "confirmed"),
    [(["TK-M-1"], 1, 1), (None, 1, 0), ([], 0, 0), (["TK-M-2"], 0, 0)],
)
async def test_minutes_speak_for_the_cell_where_they_say_who_came(
    api, ask, followed, guests, done, confirmed
):
    minutes = held("TK-CELL", "2024-03-05")
    await post(api, "/meetings", minutes | ({} if guests is None else {"supervisors": guests}))
    await visit(api, "TK-CELL", "2024-03-05", hold=False)

    shown, cell = await one(ask)

    assert (done, confirmed) == (shown["done"], len(cell["confirmed"]))


async def test_minutes_put_right_settle_a_mismatch(api, ask, followed):
    minutes = held("TK-CELL", "2024-03-05") | {"supervisors": []}
    await post(api, "/meetings", minutes)
    await visit(api, "TK-CELL", "2024-03-05", hold=False)
    right = {key: minutes[key] for key in minutes.keys() - {"meeting"}} | {"supervisors": ["TK-M-1"]}
    why = {"corrected_at": "2024-03-09T02:00:00Z", "reason": "one was forgotten"}
    await post(api, "/meetings/TK-CELL-2024-03-05/corrections", right | why)

    shown, cell = await one(ask)

    assert (1, ["TK-CELL-2024-03-05"]) == (shown["done"], cell["confirmed"])
    assert [] == (await mismatches(ask))["mismatches"]


async def test_mismatches_come_page_by_page(api, ask, followed):
    for month in ("03", "04", "05"):
        await visit(api, "TK-CELL", f"2024-{month}-05")
        body = saying("CELL", attended=False, day=f"2024-{month}-06")
        await post(api, f"/meetings/TK-CELL-2024-{month}-05/confirmations", body)

    first = await mismatches(ask, more="&limit=2")
    rest = await mismatches(ask, more=f"&limit=2&from={first['next']}")

    assert [2, 1] == [len(page["mismatches"]) for page in (first, rest)]
    assert rest["next"] is None
    assert [] == (await mismatches(ask, "THAN-UYEN"))["mismatches"]


async def test_of_a_mismatch_nobody_is_shown_who_restricts_the_use_of_their_data(ask, disputed, restrictions):
    await restrictions.apply(Telling().all(restricted("TK-M-1", "TK-CELL", "2024-11-01")))

    listed = await mismatches(ask)
    meeting = (await ask("/meetings/TK-CELL-2024-03-05")).json()

    assert [None] == [row["supervisor"] for row in listed["mismatches"]]
    assert ([], 1) == (meeting["visits"], meeting["withheld"])


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (saying("CELL", attended=True), "AlreadyConfirmed"),
        (saying("CELL", attended=True, day="2024-03-04"), "BeforeMeeting"),
        (saying("CELL", attended=True, day="2025-03-04"), "InTheFuture"),
        (saying("CELL", attended=True, superior="THAN-UYEN"), "NotASuperior"),
        (saying("CELL", attended=True, organization="TU-SCHOOL", superior="THAN-UYEN"), "NotHeldThere"),
        (saying("SUPERVISOR", attended=True, supervisor="TK-M-2"), "NotAttended"),
        (saying("SUPERIOR", attended=True, supervisor="TK-M-2"), "NothingDisputed"),
    ],
)
async def test_a_word_that_breaks_a_rule_is_a_conflict_that_names_it(api, store, disputed, said, refusal):
    before = await store.head()

    response = await api.post(CONFIRMATIONS, json=said, headers=bearer("officer"))

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert before == await store.head()


# -- Reports


async def test_a_visit_not_reported_on_in_time_is_shown_until_it_is(api, ask, followed):
    await visit(api, "TK-CELL", "2024-03-05")
    _, before = await one(ask)
    await post(api, "/concerns", RAISE | concern())
    body = reporting(concerns=["TK-ROAD"], findings="papers were sent ahead")
    await post(api, REPORTS, body)

    _, after = await one(ask)
    meeting = (await ask("/meetings/TK-CELL-2024-03-05")).json()

    assert (["TK-CELL-2024-03-05"], []) == (before["unreported"], after["unreported"])
    report = meeting["visits"][0]["report"]
    assert ("2024-03-15", ["TK-ROAD"], "visit-reports") == (
        report["due_on"],
        report["concerns"],
        report["rules"]["name"],
    )


def concern(meeting="TK-CELL-2024-03-05", day="2024-03-05"):
    where = {"concern": "TK-ROAD", "organization": "TK-CELL", "raised_to": "TAM-KY"}
    return where | {"meeting": meeting, "raised_on": day}


async def test_a_report_names_concerns_that_were_raised_there(api, followed):
    await visit(api, "TK-CELL", "2024-03-05")
    unknown = await api.post(REPORTS, json=reporting(concerns=["TK-ROAD"]), headers=OFFICER)
    await post(api, "/meetings", held("TK-CELL", "2024-04-05"), bearer("officer"))
    await post(api, "/concerns", RAISE | concern("TK-CELL-2024-04-05", "2024-04-05"))
    elsewhere = await api.post(REPORTS, json=reporting(concerns=["TK-ROAD"]), headers=OFFICER)

    assert ["UnknownConcern", "NotRaisedThere"] == [unknown.json()["title"], elsewhere.json()["title"]]


async def test_when_a_report_is_due_is_a_rule_with_its_source(api):
    rules = (await api.get("/visits/rules", headers=bearer("auditor"))).json()["rules"]

    assert [("report_days", 10, "LOCAL_POLICY")] == [
        (rule["parameter"], rule["value"], rule["legal_tag"]) for rule in rules
    ]


# -- Who may


@pytest.mark.parametrize(
    ("path", "body", "who", "status"),
    [
        ("/visits/plans", plan(), bearer("officer", "TK-CELL"), 403),
        ("/visits/plans", plan(), bearer("secretary", "TK-CELL"), 403),
        (CONFIRMATIONS, saying("CELL", attended=True, day="2024-03-07"), bearer("secretary", "TK-CELL"), 201),
        (CONFIRMATIONS, saying("SUPERVISOR", attended=False), bearer("secretary", "TK-CELL"), 403),
        (CONFIRMATIONS, saying("SUPERIOR", attended=False), bearer("secretary", "TK-CELL"), 403),
        (REPORTS, reporting(), bearer("secretary", "TK-CELL"), 403),
        (REPORTS, reporting(), bearer("officer", "TAM-KY"), 201),
    ],
)
async def test_each_side_speaks_for_itself(api, disputed, path, body, who, status):
    assert status == (await api.post(path, json=body, headers=who)).status_code


@pytest.mark.parametrize(("member", "status"), [("TK-M-1", 201), ("TK-M-2", 403)])
async def test_a_supervisor_plans_and_reports_for_themselves(api, followed, member, status):
    claims = {"iss": "fourgood", "aud": "fourgood", "exp": 4_000_000_000, "sub": member, "member": member}
    token = {"Authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='EdDSA')}"}

    assert status == (await api.post("/visits/plans", json=plan(), headers=token)).status_code


async def test_mismatches_are_listed_within_the_callers_subtree_only(api):
    codes = [
        (
            await api.get("/visits/mismatches?organization=TAM-KY", headers=bearer("auditor", where))
        ).status_code
        for where in ("TAM-KY", "THAN-UYEN")
    ]

    assert [200, 403] == codes


async def test_a_district_decides_for_no_committee_above_it(rights):
    may_speak, decided = check(rights), saying("SUPERIOR", attended=True, superior="LAI-CHAU")
    meeting = {"organization": "TU-FINANCE", "meeting": "TU-FINANCE-2024-03"}
    event = CATALOGUE["assessment.VisitConfirmed.v1"].model_validate(decided | meeting)

    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", event)
    await may_speak("THAN-UYEN", event.model_copy(update={"side": "SUPERVISOR"}))


# -- Districts tell it in any order


HELD = {"meeting": "TK-CELL-2024-03-05"}
TOLD = [
    ("SupervisionAssigned", assignment() | {"minimum": 99}),
    ("VisitPlanned", plan()),
    ("MeetingHeld", held("TK-CELL", "2024-03-05")),
    ("SupervisorAttended", attendance("TK-CELL", "2024-03-05")),
    ("VisitConfirmed", saying("CELL", attended=False) | HELD),
    (
        "VisitConfirmed",
        saying("SUPERVISOR", attended=True, day="2024-03-07") | HELD,
    ),
    (
        "VisitConfirmed",
        saying("SUPERIOR", attended=True, day="2024-03-09") | HELD,
    ),
    ("VisitReported", reporting(due_on="2099-01-01") | HELD),
]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_order_a_district_tells_it_in_the_answer_is_the_same(assessment, asked, ask, seed):
    hears, waiting = handlers(assessment), Random(seed).sample(TOLD, len(TOLD))
    for _ in TOLD:
        later = []
        for name, data in waiting:
            try:
                await hears[name](CATALOGUE[f"assessment.{name}.v1"].model_validate(data), asked)
            except NotYetKnown:
                later.append((name, data))
        waiting = later

    shown, cell = await one(ask)

    assert [] == waiting
    assert (1, 1, 1, 0) == (shown["done"], shown["planned"], shown["kept"], shown["uncounted"])
    assert ([], [], ["KEPT"]) == (
        cell["disputed"],
        cell["unreported"],
        [one["state"] for one in cell["plans"]],
    )
    assert "2024-03-15" == (await ask("/meetings/TK-CELL-2024-03-05")).json()["visits"][0]["report"]["due_on"]

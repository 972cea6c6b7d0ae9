"""Supervision over HTTP as the articles tell it (S002), with other numbers, and in any order."""

from random import Random

import pytest

from contracts.catalogue import CATALOGUE
from contracts.registry import MemberTransferred
from services.assessment.domain.supervision import NotAssigned
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.supervision import (
    ASSIGN,
    END,
    KON_TUM,
    OFFICER,
    assignment,
    attendance,
    ending,
    held,
    post,
    supervision,
    visit,
)
from tests.edges import bearer
from tests.telling import Telling, admitted, founded, merged, restricted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def more(told):
    await told(
        founded("TK-WARD", under="TAM-KY", kind="GRASSROOTS_COMMITTEE"),
        *[founded(f"TK-{number}", under="TK-WARD") for number in range(1, 4)],
    )
    return told


# -- S002: at least two a year, in the cell that each is assigned to


@pytest.mark.parametrize(("visits", "missing"), [(0, 2), (1, 1), (2, 0), (3, 0)])
async def test_two_visits_a_year_are_asked_in_tam_ky(api, ask, visits, missing):
    await post(api, "/supervision", assignment())
    for month in range(3, 3 + visits):
        await visit(api, "TK-CELL", f"2024-{month:02}-05")

    shown, by_code = await supervision(ask)

    one = by_code["TK-M-1"]
    assert (2, visits, missing, 0) == (one["minimum"], one["done"], one["missing"], one["uncounted"])
    assert [f"TK-CELL-2024-{month:02}-05" for month in range(3, 3 + visits)] == one["cells"][0]["meetings"]
    [cell] = [cell for cell in shown["cells"] if cell["organization"] == "TK-CELL"]
    assert (["TK-M-1"], visits) == (cell["supervisors"], cell["done"])


async def test_a_visit_to_a_cell_not_assigned_does_not_count(api, ask, more):
    await post(api, "/supervision", assignment())
    await visit(api, "TK-1", "2024-03-05")
    await visit(api, "TK-CELL", "2024-03-06")

    _, by_code = await supervision(ask)

    assert (1, 1, 1) == tuple(by_code["TK-M-1"][name] for name in ("done", "missing", "uncounted"))


@pytest.mark.parametrize(
    ("superior", "rules", "asked"),
    [("TAM-KY", KON_TUM, 6), ("TK-WARD", KON_TUM, 6), ("TAM-KY", None, 2)],
)
async def test_each_level_asks_its_own_number(api, ask, more, superior, rules, asked):
    body = assignment("TK-1", superior=superior)
    await post(api, "/supervision", body | {"rules": rules or body["rules"]})

    _, by_code = await supervision(ask)

    assert (asked, asked) == (by_code["TK-M-1"]["minimum"], by_code["TK-M-1"]["missing"])


async def test_what_is_asked_is_asked_of_the_person_over_all_their_cells(api, ask, more):
    for cell in ("TK-1", "TK-2"):
        await post(api, "/supervision", assignment(cell))
        await visit(api, cell, "2024-05-05")

    _, by_code = await supervision(ask)
    _, of_one = await supervision(ask, "TK-1")

    assert (2, 0) == (by_code["TK-M-1"]["done"], by_code["TK-M-1"]["missing"])
    assert (2, ["TK-1"]) == (
        of_one["TK-M-1"]["done"],
        [cell["organization"] for cell in of_one["TK-M-1"]["cells"]],
    )


async def test_a_visit_before_the_assignment_or_in_another_year_does_not_count(api, ask):
    await post(api, "/supervision", assignment(assigned_on="2024-02-01"))
    for day in ("2023-12-05", "2024-01-31", "2024-02-01"):
        await visit(api, "TK-CELL", day)

    _, by_code = await supervision(ask)

    assert (1, 1) == (by_code["TK-M-1"]["done"], by_code["TK-M-1"]["uncounted"])


# -- Own cell


async def test_meetings_of_ones_own_cell_never_count(api, ask, homes, more):
    telling = Telling()
    await homes.apply(telling.all(admitted("TK-M-1", "TK-1", "2020-01-01")))
    await post(api, "/supervision", assignment("TK-2"))
    await visit(api, "TK-2", "2024-03-05")
    # told only now: the member had gone to TK-2 before
    await homes.apply(telling.all(admitted("TK-M-1", "TK-2", "2024-03-01")))
    await visit(api, "TK-1", "2024-04-05")

    _, by_code = await supervision(ask)

    assert (0, 2) == (by_code["TK-M-1"]["done"], by_code["TK-M-1"]["uncounted"])


async def test_a_cell_that_ones_own_was_merged_into_is_ones_own(api, ask, homes, more, store):
    await post(api, "/supervision", assignment("TK-2", assigned_on="2024-01-15"))
    await homes.apply(Telling().all(admitted("TK-M-1", "TK-1", "2020-01-01")))
    await more(merged("TK-1", "2024-06-01", into="TK-2"))
    await visit(api, "TK-2", "2024-05-05")
    await visit(api, "TK-2", "2024-07-05")

    _, by_code = await supervision(ask)
    again = await api.post(
        "/supervision", json=assignment("TK-2", year="2025", assigned_on="2024-12-01"), headers=OFFICER
    )

    assert (1, 1) == (by_code["TK-M-1"]["done"], by_code["TK-M-1"]["uncounted"])
    assert (409, "OwnCell") == (again.status_code, again.json()["title"])
    assert 5 == await store.head()


def went(origin, to, on, reason="TRANSFER"):
    where = {"organization": to, "origin": origin, "kind": "TEMPORARY", "reason": reason}
    decision = {"decision": {"number": "31-QĐ/TK", "date": on}, "transferred_on": on}
    return MemberTransferred.model_validate({"member": "TK-M-1", **where, **decision, "standing": "FULL"})


async def test_whoever_is_elsewhere_for_a_while_belongs_to_their_cell_too(api, ask, homes, more):
    telling = Telling()
    await homes.apply(telling.all(admitted("TK-M-1", "TK-3", "2020-01-01")))
    for cell in ("TK-2", "TK-CELL"):
        await post(api, "/supervision", assignment(cell))
    later = went("TK-3", "TK-2", "2024-03-01"), went("TK-2", "TK-3", "2024-06-01", reason="RETURN")
    await homes.apply(telling.all(*later))
    for cell, day in (("TK-2", "2024-02-05"), ("TK-2", "2024-04-05"), ("TK-2", "2024-07-05")):
        await visit(api, cell, day)
    again = assignment("TK-3", assigned_on="2024-04-01")
    own = await api.post("/supervision", json=again, headers=OFFICER)

    _, by_code = await supervision(ask)

    assert (2, 1) == (by_code["TK-M-1"]["done"], by_code["TK-M-1"]["uncounted"])
    assert "OwnCell" == own.json()["title"]


# -- Replaced


async def test_whoever_is_replaced_keeps_the_visits_made_and_owes_no_more(api, ask):
    await post(api, "/supervision", assignment())
    await visit(api, "TK-CELL", "2024-03-05")
    await post(api, "/supervision/endings", ending(ended_on="2024-06-01", replaced_by="TK-M-2"))
    await post(api, "/supervision", assignment(supervisor="TK-M-2", assigned_on="2024-06-01"))
    await visit(api, "TK-CELL", "2024-07-05")
    await visit(api, "TK-CELL", "2024-07-05", "TK-M-2", hold=False)

    shown, by_code = await supervision(ask)

    before, after = by_code["TK-M-1"], by_code["TK-M-2"]
    assert (1, 0, 1) == (before["done"], before["missing"], before["uncounted"])
    assert ("2024-06-01", "TK-M-2") == (before["cells"][0]["ended_on"], before["cells"][0]["replaced_by"])
    assert (1, 1, 0) == (after["done"], after["missing"], after["uncounted"])
    [cell] = [cell for cell in shown["cells"] if cell["organization"] == "TK-CELL"]
    assert (["TK-M-2"], 2) == (cell["supervisors"], cell["done"])
    assert (2, 2, 1) == (shown["minimum"], shown["done"], shown["missing"])


async def test_a_cell_that_merged_keeps_its_past(api, ask, more):
    await post(api, "/supervision", assignment("TK-1"))
    await visit(api, "TK-1", "2024-03-05")
    await more(merged("TK-1", "2024-06-01", into="TK-2"))

    _, by_code = await supervision(ask)

    assert ["TK-1"] == [cell["organization"] for cell in by_code["TK-M-1"]["cells"]]
    assert 1 == by_code["TK-M-1"]["done"]


# -- Who is shown to whom


async def test_a_member_who_restricts_the_use_of_their_data_is_only_counted(api, ask, restrictions):
    await post(api, "/supervision", assignment())
    await post(api, "/supervision/endings", ending(replaced_by="TK-M-2"))
    await post(api, "/supervision", assignment(supervisor="TK-M-2", assigned_on="2024-10-01"))
    await restrictions.apply(Telling().all(restricted("TK-M-2", "TK-CELL", "2024-11-01")))

    shown, by_code = await supervision(ask)

    assert (["TK-M-1"], 1) == (list(by_code), shown["withheld"])
    assert by_code["TK-M-1"]["cells"][0]["replaced_by"] is None
    assert "TK-M-2" not in str(shown)
    assert (2, 2) == (shown["minimum"], shown["missing"])


async def test_supervision_is_answered_within_the_callers_subtree_only(api):
    codes = [
        (
            await api.get("/supervision?organization=TAM-KY&year=2024", headers=bearer(role, subtree))
        ).status_code
        for role, subtree in (("auditor", "TAM-KY"), ("auditor", "THAN-UYEN"), ("operator", "TAM-KY"))
    ]

    assert [200, 403, 403] == codes


@pytest.mark.parametrize(("path", "body"), [("/supervision", ASSIGN), ("/supervision/endings", END)])
async def test_only_an_officer_over_the_committee_assigns_and_ends(api, path, body):
    strangers = bearer("officer", "TAM-KY"), bearer("officer", "TU-AGENCIES"), bearer("secretary")

    assert [403, 403, 403] == [
        (await api.post(path, json=body, headers=who)).status_code for who in strangers
    ]


async def test_the_rules_are_listed_with_the_source_of_each_number(api):
    rules = (await api.get("/supervision/rules", headers=bearer("auditor"))).json()

    numbers = {one["name"]: {row["parameter"]: row["value"] for row in one["rules"]} for one in rules}
    assert {"776-QĐ/TU": {"province": 2, "district": 6, "commune": 6}, "tam-ky": {"district": 2}} == numbers
    assert all(row["source"] for one in rules for row in one["rules"])


# -- What is refused


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, "AlreadyAssigned"),
        ({"supervisor": "TK-M-9", "organization": "TK-1"}, "OwnCell"),
        ({"organization": "TK-1", "rules": {"name": "tam-ky", "version": "9"}}, "UnknownVisitRules"),
        ({"organization": "TK-1", "superior": "TK-WARD"}, "NoMinimum"),
        ({"organization": "TK-WARD"}, "NotACell"),
        ({"organization": "NOWHERE"}, "UnknownOrganization"),
        ({"organization": "TU-FINANCE"}, "NotASuperior"),
        ({"organization": "TK-1", "year": "2026"}, "NotOfTheYear"),
        ({"organization": "TK-1", "assigned_on": "2025-01-01", "year": "2025"}, "InTheFuture"),
        ({"organization": "TK-1", "assigned_on": "2000-12-31", "year": "2001"}, "BeforeFounding"),
    ],
)
async def test_an_assignment_that_breaks_a_rule_is_a_conflict_that_names_it(
    api, store, homes, more, changed, refusal
):
    await homes.apply(Telling().all(admitted("TK-M-9", "TK-1", "2020-01-01")))
    await post(api, "/supervision", assignment())

    response = await api.post("/supervision", json=assignment() | changed, headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 1 == await store.head()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"supervisor": "TK-M-2"}, "NotAssigned"),
        ({"year": "2023"}, "NotAssigned"),
        ({"ended_on": "2024-01-14"}, "EndedBeforeAssigned"),
        ({"ended_on": "2025-01-01"}, "InTheFuture"),
        ({"replaced_by": "TK-M-1"}, "ReplacedByThemselves"),
        ({"organization": "NOWHERE"}, "UnknownOrganization"),
    ],
)
async def test_an_end_that_breaks_a_rule_is_a_conflict_that_names_it(api, store, changed, refusal):
    await post(api, "/supervision", assignment())

    response = await api.post("/supervision/endings", json=ending() | changed, headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 1 == await store.head()


async def test_an_assignment_ends_once(api):
    await post(api, "/supervision", assignment())
    await post(api, "/supervision/endings", ending())

    response = await api.post("/supervision/endings", json=ending(), headers=OFFICER)

    assert (409, "EndedAlready") == (response.status_code, response.json()["title"])


# -- Districts tell it in any order


TOLD = [
    ("SupervisionAssigned", assignment() | {"minimum": 99}),
    ("SupervisionEnded", ending(ended_on="2024-06-01", replaced_by="TK-M-2")),
    ("SupervisionAssigned", assignment(supervisor="TK-M-2", assigned_on="2024-06-01")),
    ("MeetingHeld", held("TK-CELL", "2024-03-05")),
    ("MeetingHeld", held("TK-CELL", "2024-07-05")),
    ("SupervisorAttended", attendance("TK-CELL", "2024-03-05")),
    ("SupervisorAttended", attendance("TK-CELL", "2024-07-05")),
    ("SupervisorAttended", attendance("TK-CELL", "2024-07-05", "TK-M-2")),
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

    _, by_code = await supervision(ask)

    assert [] == waiting
    assert {"TK-M-1": (0, 1, 0, 1), "TK-M-2": (2, 1, 1, 0)} == {
        code: tuple(one[name] for name in ("minimum", "done", "missing", "uncounted"))
        for code, one in by_code.items()
    }


async def test_an_end_that_comes_before_the_assignment_says_what_it_lacks(assessment, asked):
    event = CATALOGUE["assessment.SupervisionEnded.v1"].model_validate(END)

    with pytest.raises(NotAssigned):
        await handlers(assessment)["SupervisionEnded"](event, asked)

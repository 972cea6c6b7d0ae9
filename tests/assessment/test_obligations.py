"""What cells owe, opened and ended by the clock, judged anew by late news, shown and previewed over HTTP."""

from random import Random

import pytest

from contracts.assessment_concerns import ConcernAcknowledged, ConcernRaised
from contracts.assessment_visits import SupervisionAssigned
from contracts.registry import MemberAdmitted, MemberRecognized
from tests.assessment.duties import EXCUSE
from tests.assessment.owed import Hearing
from tests.assessment.supervision import assignment
from tests.telling import (
    attended,
    founded,
    issued,
    lifted,
    merged,
    met,
    restricted,
    submitted,
)

pytestmark = pytest.mark.anyio

CELLS = ["TK-CELL", "TU-FINANCE", "TU-SCHOOL"]
MEETING, THEMATIC = ("MEETING", "2024-12"), ("THEMATIC_MEETING", "2024-Q4")


@pytest.fixture
async def heard(api, assessment, views, tree, homes, restrictions):
    return await Hearing(api, assessment, views, tree, homes, restrictions).begin()


# -- By the clock


async def test_on_the_first_start_the_present_month_opens_for_every_cell(heard):
    await heard.sweep("2024-12-02")

    assert ["Begun", "Opened"] * 3 == await heard.events()
    assert {MEETING: None, THEMATIC: None} == await heard.month("TU-FINANCE", "2024-12")
    assert {} == await heard.month("TU-FINANCE", "2024-11")


async def test_it_begins_with_the_month_that_an_operator_names(heard):
    await heard.sweep("2024-12-02", first="2024-10")

    assert {("MEETING", "2024-10"): "MISSED"} == await heard.month("TU-SCHOOL", "2024-10")
    assert {("MEETING", "2024-11"): None} == await heard.month("TU-SCHOOL", "2024-11")


async def test_a_second_look_records_nothing(heard):
    await heard.sweep("2024-12-02")
    before = await heard.store.head()
    await heard.sweep("2024-12-02")
    await heard.sweep("2024-12-03")

    assert before == await heard.store.head()


async def test_where_no_news_came_nothing_is_even_read(heard, monkeypatch):
    await heard.sweep("2024-12-02")
    await heard.sweep("2024-12-02")
    monkeypatch.setattr(heard.duties.owing, "cells", None)

    await heard.sweep("2024-12-02")


async def test_it_waits_until_everything_told_is_read(heard, owing):
    async def not_yet():
        return False

    owing._caught_up = not_yet
    await heard.sweep("2024-12-02")

    assert [] == await heard.events()


async def test_what_was_not_done_is_missed_after_the_days_of_grace(heard):
    await heard.sweep("2024-12-02")
    for day, outcome in [("2024-12-31", None), ("2025-01-05", None), ("2025-01-06", "MISSED")]:
        await heard.sweep(day)
        assert outcome == (await heard.month("TU-FINANCE", "2024-12"))[MEETING]


async def test_late_news_judges_a_month_anew_by_the_day_stated(heard):
    await heard.sweep("2024-12-02")
    await heard.sweep("2025-01-06")
    await heard.tell(met("TU-FINANCE", "2024-12-28"))
    await heard.sweep()

    assert {MEETING: "MET", THEMATIC: "MISSED"} == await heard.month("TU-FINANCE", "2024-12")
    assert {MEETING: "MISSED", THEMATIC: "MISSED"} == await heard.month("TU-SCHOOL", "2024-12")


async def test_news_of_an_older_month_waits_for_the_next_day(heard):
    await heard.sweep("2024-12-02")
    await heard.sweep("2025-03-10")
    await heard.tell(met("TU-FINANCE", "2024-12-28"))
    await heard.sweep("2025-03-10")
    the_same_day = await heard.month("TU-FINANCE", "2024-12")
    await heard.sweep("2025-03-11")

    assert ("MISSED", "MET") == (the_same_day[MEETING], (await heard.month("TU-FINANCE", "2024-12"))[MEETING])


async def test_a_cell_founded_in_the_month_owes_from_the_next(heard):
    await heard.tell(founded("TK-NEW", under="TAM-KY", on="2024-12-10"))
    await heard.sweep("2024-12-11")
    await heard.sweep("2025-01-01")

    assert {} == await heard.month("TK-NEW", "2024-12")
    assert {("MEETING", "2025-01"): None} == await heard.month("TK-NEW", "2025-01")


async def test_a_cell_that_merged_owes_no_more_and_what_it_did_stays(heard):
    await heard.sweep("2024-12-02")
    await heard.tell(met("TU-SCHOOL", "2024-12-03"), merged("TU-SCHOOL", "2024-12-10", into="TU-FINANCE"))
    await heard.sweep("2025-01-06")

    assert {MEETING: "MET", THEMATIC: "EXCUSED"} == await heard.month("TU-SCHOOL", "2024-12")
    assert {} == await heard.month("TU-SCHOOL", "2025-01")


async def test_a_month_opened_before_it_was_told_that_the_cell_had_ended_is_owed_no_more(heard):
    await heard.sweep("2024-12-02")
    await heard.tell(merged("TU-SCHOOL", "2024-11-15", into="TU-FINANCE"))
    await heard.sweep("2024-12-03")

    assert {MEETING: "EXCUSED", THEMATIC: "EXCUSED"} == await heard.month("TU-SCHOOL", "2024-12")


# -- Each duty, from what was recorded


async def test_a_self_assessment_is_owed_beneath_whoever_issued_a_framework(heard):
    await heard.tell(issued("THAN-UYEN", effective_on="2024-06-01"))
    await heard.sweep("2024-12-02", first="2024-11")
    await heard.tell(submitted("TU-FINANCE", "2024-11"))
    await heard.sweep("2024-12-11")
    owed = ("SELF_ASSESSMENT", "2024-11")

    assert ["MET", "MISSED"] == [(await heard.month(cell, "2024-11"))[owed] for cell in CELLS[1:]]
    assert owed not in await heard.month("TK-CELL", "2024-11")


async def test_the_visits_of_a_year_are_owed_in_december_by_whoever_follows_the_cell(heard):
    await heard.tell(SupervisionAssigned.model_validate(assignment() | {"minimum": 2}))
    await heard.tell(met("TK-CELL", "2024-03-05"), attended("TK-CELL", "2024-03-05"))
    await heard.sweep("2024-12-02")
    before = await heard.month("TK-CELL", "2024-12")
    await heard.tell(met("TK-CELL", "2024-12-05"), attended("TK-CELL", "2024-12-05"))
    await heard.sweep("2024-12-06")
    owed = ("VISIT", "TK-M-1")

    assert (None, "MET") == (before[owed], (await heard.month("TK-CELL", "2024-12"))[owed])


RAISED = {
    "organization": "TU-FINANCE",
    "concern": "TU-ROAD",
    "meeting": "TU-FINANCE-2024-11-28",
    "raised_on": "2024-11-28",
    "raised_to": "THAN-UYEN",
    "matter": "Đường ngập",
    "category": "ROADS",
    "hot_spot_risk": False,
    "acknowledge_by": "2024-12-12",
    "rules": "concerns 1",
    "calendar": "x",
}
ACKNOWLEDGED = {
    "organization": "TU-FINANCE",
    "concern": "TU-ROAD",
    "by": "THAN-UYEN",
    "document": {"number": "1-CV/HU", "date": "2024-12-13"},
}


@pytest.mark.parametrize(("on", "outcome"), [("2024-12-12", "MET"), ("2024-12-13", "LATE")])
async def test_a_concern_is_to_be_acknowledged_in_the_month_of_its_last_day(heard, on, outcome):
    await heard.tell(ConcernRaised.model_validate(RAISED))
    await heard.sweep("2024-12-18")
    before = await heard.month("TU-FINANCE", "2024-12")
    await heard.tell(ConcernAcknowledged.model_validate(ACKNOWLEDGED | {"acknowledged_on": on}))
    await heard.sweep("2024-12-18")
    owed = ("ACKNOWLEDGEMENT", "TU-ROAD")

    assert ("MISSED", outcome) == (before[owed], (await heard.month("TU-FINANCE", "2024-12"))[owed])


async def test_what_a_committee_had_to_acknowledge_its_heir_owes(heard):
    ward = founded("WARD", under="THAN-UYEN", kind="GRASSROOTS_COMMITTEE", on="2024-01-01")
    await heard.tell(ward, ConcernRaised.model_validate(RAISED | {"raised_to": "TU-AGENCIES"}))
    await heard.tell(merged("TU-AGENCIES", "2024-12-05", into="WARD"))
    await heard.sweep("2024-12-11")
    shown = await heard.get("/obligations?organization=TU-FINANCE&period=2024-12")

    assert ["WARD"] == [one["owed_by"] for one in shown["obligations"] if one["duty"] == "ACKNOWLEDGEMENT"]


def on_probation(member="TU-M-7", cell="TU-FINANCE", on="2023-11-05"):
    decision = {"number": "12-QĐ/HU", "date": "2023-10-20"}
    return MemberAdmitted.model_validate(
        {"organization": cell, "member": member, "decision": decision}
        | {"ceremony_on": on, "standing": "PROBATIONARY"}
    )


def recognized(member="TU-M-7", cell="TU-FINANCE", on="2024-12-10"):
    return MemberRecognized.model_validate(
        {"organization": cell, "member": member, "full_from": "2024-11-05"}
        | {"decision": {"number": "40-QĐ/HU", "date": on}}
    )


RECOGNITION = ("RECOGNITION", "TU-M-7")


@pytest.mark.parametrize(("on", "outcome"), [("2024-12-10", "MET"), ("2024-12-30", "LATE")])
async def test_a_recognition_is_due_30_working_days_after_probation(heard, on, outcome):
    await heard.tell(on_probation())
    await heard.sweep("2024-12-02")
    shown = await heard.get("/obligations?organization=TU-FINANCE&period=2024-12")
    [one] = [one for one in shown["obligations"] if one["duty"] == "RECOGNITION"]
    await heard.tell(recognized(on=on))
    await heard.sweep("2024-12-31")

    assert ("2024-11-05", "2024-12-17", None) == (one["opens_on"], one["due_on"], one["outcome"])
    assert outcome == (await heard.month("TU-FINANCE", "2024-12"))[RECOGNITION]


async def test_of_a_member_who_restricts_the_use_of_their_data_nothing_is_shown_or_recorded(heard):
    await heard.tell(on_probation(), on_probation("TU-M-8"))
    await heard.sweep("2024-12-02")
    await heard.tell(restricted("TU-M-7", "TU-FINANCE", "2024-12-03"))
    await heard.sweep("2025-01-06")
    hidden = await heard.month("TU-FINANCE", "2024-12")
    await heard.tell(lifted("TU-M-7", "TU-FINANCE", "2025-01-07"))
    await heard.sweep("2025-01-07")

    assert (False, True) == (RECOGNITION in hidden, ("RECOGNITION", "TU-M-8") in hidden)
    assert "MISSED" == (await heard.month("TU-FINANCE", "2024-12"))[RECOGNITION]


# -- Excuses


async def test_a_superior_excuses_a_cell(heard):
    await heard.sweep("2024-12-11", first="2024-11")
    before = await heard.month("TU-FINANCE", "2024-11")
    await heard.post("/obligations/excuses", EXCUSE, subtree="THAN-UYEN", status=201)
    await heard.hear()
    await heard.sweep("2024-12-12")

    assert {("MEETING", "2024-11"): "MISSED"} == before
    assert {("MEETING", "2024-11"): "EXCUSED"} == await heard.month("TU-FINANCE", "2024-11")


async def test_only_an_officer_over_the_committee_that_decides_excuses(heard):
    refused = await heard.post("/obligations/excuses", EXCUSE, subtree="TU-FINANCE", status=403)

    assert "Forbidden" == refused["title"] or "NotYours" == refused["title"]


# -- Lists


async def test_a_committee_sees_how_many_are_owed_by_cell_and_goes_on_by_code(heard):
    await heard.tell(met("TU-SCHOOL", "2024-12-01"))
    await heard.sweep("2024-12-02")
    path = "/obligations?organization=THAN-UYEN&period=2024-12&limit=1"
    first = await heard.get(path)
    second = await heard.get(f"{path}&start={first['next']}")

    open_ones = {"MEETING": {"OPEN": 1}, "THEMATIC_MEETING": {"OPEN": 1}}
    assert [("TU-FINANCE", open_ones)] == [(one["organization"], one["owed"]) for one in first["items"]]
    assert [("TU-SCHOOL", open_ones | {"MEETING": {"MET": 1}})] == [
        (one["organization"], one["owed"]) for one in second["items"]
    ]
    assert (None, []) == (second["next"], second["obligations"])


async def test_what_is_missing_is_listed_by_cell(heard):
    await heard.tell(met("TU-SCHOOL", "2024-11-20"))
    await heard.sweep("2024-12-06", first="2024-11")
    shown = await heard.get("/obligations/missing?organization=LAI-CHAU&period=2024-11")

    assert [("TU-FINANCE", ["MEETING"])] == [
        (one["organization"], [each["duty"] for each in one["missing"]]) for one in shown["items"]
    ]


@pytest.mark.parametrize("path", ["/obligations", "/obligations/missing"])
async def test_another_province_is_not_shown(heard, path):
    answer = await heard.api.get(
        f"{path}?organization=TAM-KY&period=2024-11", headers=_bearer("auditor", "LAI-CHAU")
    )

    assert 403 == answer.status_code


def _bearer(*who):
    from tests.edges import bearer

    return bearer(*who)


async def test_the_rules_are_listed_with_their_sources(heard):
    [pack] = await heard.get("/obligations/rules")

    assert ("obligations", "2018-08") == (pack["name"], pack["effective_from"])
    assert {"meetings_per_month_min", "thematic_per_quarter_min", "grace_days"} == {
        rule["parameter"] for rule in pack["rules"] if rule["source"]
    }


# -- On request


async def test_a_month_of_the_past_is_judged_on_request_and_twice_changes_nothing(heard):
    await heard.tell(met("TU-FINANCE", "2022-03-28"))
    body = {"organization": "LAI-CHAU", "period": "2022-03"}
    first = await heard.post("/obligations/recompute", body)
    await heard.hear()
    second = await heard.post("/obligations/recompute", body)

    assert {"cells": 2, "changed": 2, "position": await heard.store.head()} == first
    assert {"cells": 2, "changed": 0, "position": None} == second
    assert "MET" == (await heard.month("TU-FINANCE", "2022-03"))["MEETING", "2022-03"]
    assert {} == await heard.month("TK-CELL", "2022-03")


async def test_who_asks_too_early_is_told_so(heard, owing):
    async def not_yet():
        return False

    owing._caught_up = not_yet
    refused = await heard.post(
        "/obligations/recompute", {"organization": "LAI-CHAU", "period": "2022-03"}, status=409
    )

    assert "StillReading" == refused["title"]


async def test_before_there_were_rules_nothing_was_owed(heard):
    body = {"organization": "LAI-CHAU", "period": "2018-07"}

    assert {"cells": 0, "changed": 0, "position": None} == await heard.post("/obligations/recompute", body)


# -- By other rules


async def preview(heard, **rules):
    body = {"organization": "LAI-CHAU", "year": "2024", "rules": rules}
    return await heard.post("/obligations/preview", body, role="auditor")


async def test_other_rules_show_what_would_change_and_record_nothing(heard):
    held = [met("TU-FINANCE", f"2024-{month:02}-28") for month in range(1, 12)]
    await heard.tell(*held, met("TU-FINANCE", "2024-11-03"))
    before = await heard.store.head()

    shown = await preview(heard, meetings_per_month_min=2)

    [meetings] = [one for one in shown["duties"] if one["duty"] == "MEETING"]
    assert {"MET": 11, "MISSED": 11, "OPEN": 2} == meetings["now"]
    assert {"MET": 1, "MISSED": 21, "OPEN": 2} == meetings["then"]
    assert (1, 10, 10) == (shown["cells"], shown["obligations"], len(shown["changed"]))
    assert {("TU-FINANCE", "MET", "MISSED")} == {
        (one["organization"], one["now"], one["then"]) for one in shown["changed"]
    }
    assert before == await heard.store.head()


@pytest.mark.parametrize(
    ("rules", "changed"),
    [
        ({}, set()),
        ({"grace_days": 40}, {("MEETING", "MISSED", None)}),
        ({"thematic_per_quarter_min": 0}, {("THEMATIC_MEETING", "MISSED", None)}),
        ({"due_days": 60}, {("SELF_ASSESSMENT", "MISSED", None)}),
    ],
)
async def test_each_parameter_may_be_tried(heard, rules, changed):
    await heard.tell(issued("THAN-UYEN", effective_on="2024-06-01"))

    shown = await preview(heard, **rules)

    assert changed <= {
        (one["duty"], one["now"], None if one["then"] == "OPEN" else one["then"]) for one in shown["changed"]
    }
    assert bool(changed) == bool(shown["obligations"])


async def test_a_rule_that_there_is_not_cannot_be_tried(heard):
    body = {"organization": "LAI-CHAU", "year": "2024", "rules": {"meetings_per_week": 1}}

    assert "Unprocessable" == (await heard.post("/obligations/preview", body, status=422))["title"]


# -- In any order


@pytest.mark.parametrize("seed", range(6))
async def test_in_whatever_order_news_comes_and_the_clock_looks_a_month_ends_the_same(heard, seed):
    random = Random(seed)
    await heard.sweep("2024-12-02", first="2024-11")
    news = [
        met("TU-FINANCE", "2024-11-28"),
        met("TU-FINANCE", "2024-12-28", kind="THEMATIC"),
        issued("THAN-UYEN", effective_on="2024-06-01"),
        submitted("TU-FINANCE", "2024-11"),
        ConcernRaised.model_validate(RAISED),
        on_probation(),
        recognized(),
    ]
    random.shuffle(news)
    held_back = [one for one in news if one.type.endswith("Recognized.v1")]
    for one in [one for one in news if one not in held_back] + held_back:
        await heard.tell(one)
        if random.random() < 0.5:
            await heard.sweep("2025-01-20")
    await heard.sweep("2025-01-21")

    assert {("MEETING", "2024-11"): "MET", ("SELF_ASSESSMENT", "2024-11"): "MET"} == await heard.month(
        "TU-FINANCE", "2024-11"
    )
    assert {
        MEETING: "MET",
        THEMATIC: "MET",
        ("SELF_ASSESSMENT", "2024-12"): "MISSED",
        ("ACKNOWLEDGEMENT", "TU-ROAD"): "MISSED",
        RECOGNITION: "MET",
    } == await heard.month("TU-FINANCE", "2024-12")

"""Meetings over HTTP as the seeds tell them: called, held, put right, followed up, scored."""

import pytest

from services.assessment import api as place
from services.assessment.publication import publish
from services.chassis.edge.examples import story
from tests.assessment.bodies import (
    BINH_THUAN,
    CALL,
    CANCELLED,
    CORRECTED,
    DECEMBER,
    DONE,
    MEETING,
    SHEET,
)
from tests.edges import bearer
from tests.telling import Telling, admitted, merged, restricted

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-FINANCE")
NEIGHBOUR = bearer("secretary", "TU-SCHOOL")
AUDITOR = bearer("auditor", "THAN-UYEN")
NOVEMBER = "/meetings/TU-FINANCE-2024-11"
WINTER = "/meetings/TU-FINANCE-2024-12"


@pytest.fixture
async def held(api):
    return await api.post("/meetings", json=MEETING, headers=SECRETARY)


@pytest.fixture
async def read(store, views):
    """Return what brings the view of meetings up to date with the log."""
    telling = Telling()
    seen = 0

    async def on() -> None:
        nonlocal seen
        facts = await store.read(seen, 500)
        seen = facts[-1].position
        await views.meetings.apply(telling.all(*[publish(recorded.fact) for recorded in facts]))

    return on


def problem(response):
    return response.status_code, response.json()["title"]


async def said(api, path, body, headers=SECRETARY):
    response = await api.post(path, json=body, headers=headers)
    assert 201 == response.status_code, response.text
    return response


async def ask(api, path, headers=AUDITOR):
    response = await api.get(path, headers=headers)
    assert 200 == response.status_code, response.text
    return response.json()


# -- Called and called off


async def test_a_meeting_that_was_called_is_shown_before_it_is_held(api):
    await said(api, f"{WINTER}/announcements", CALL)

    shown = await ask(api, WINTER)

    assert ("2024-12-28T07:00:00Z", "the meeting room") == (
        shown["called"]["scheduled_for"],
        shown["called"]["place"],
    )
    assert (None, None, []) == (shown["held"], shown["cancelled"], shown["tasks"])
    assert (404, "NotFound") == problem(await api.get(f"{WINTER}/quality", headers=AUDITOR))


async def test_a_new_time_replaces_the_old_and_minutes_follow(api):
    await said(api, f"{WINTER}/announcements", CALL)
    moved = {"scheduled_for": "2024-12-29T14:00:00+07:00", "announced_at": "2024-12-21T08:00:00+07:00"}
    await said(api, f"{WINTER}/announcements", CALL | moved)
    await said(api, "/meetings", DECEMBER)

    shown = await ask(api, WINTER)

    assert "2024-12-29T07:00:00Z" == shown["called"]["scheduled_for"]
    assert "December" == shown["held"]["topic"]


async def test_minutes_of_a_meeting_that_was_called_off_are_refused(api):
    await said(api, f"{WINTER}/announcements", CALL)
    await said(api, f"{WINTER}/cancellation", CANCELLED)

    assert (409, "MeetingCancelledAlready") == problem(
        await api.post("/meetings", json=DECEMBER, headers=SECRETARY)
    )
    assert "the storm" == (await ask(api, WINTER))["cancelled"]["reason"]


async def test_a_meeting_nobody_called_cannot_be_called_off(api):
    response = await api.post(f"{WINTER}/cancellation", json=CANCELLED, headers=SECRETARY)

    assert (409, "UnknownMeeting") == problem(response)


# -- Bad input


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"present": 21}, "DoesNotAddUp"),
        ({"present": 0, "excused": 20}, "NobodyPresent"),
        ({"absences": [{"member": "M-1", "excused": False}]}, "DoesNotAddUp"),
        ({"supervisors": ["M-1", "M-1"]}, "NamedTwice"),
        ({"absences": [{"member": "M-1", "excused": True}], "chaired_by": "M-1"}, "ChairAbsent"),
        (
            {"votes": [{"matter": "m", "summoned": 20, "in_favour": 14, "secret": True}]},
            "VotesDoNotAddUp",
        ),
        ({"held_at": "2025-01-28T14:00:00+07:00"}, "InTheFuture"),
        ({"organization": "TU-AGENCIES"}, "NotACell"),
    ],
)
async def test_minutes_that_cannot_be_are_refused_with_their_rule_and_nothing_is_stored(
    api, store, changed, why
):
    response = await api.post("/meetings", json=MEETING | changed, headers=OFFICER)

    assert (409, why) == problem(response)
    assert response.json()["rule"]
    assert 0 == await store.head()


# -- Put right


async def test_corrected_minutes_are_shown_and_the_figures_follow(api, held, read):
    await read()
    before = await ask(api, "/figures?organization=TU-FINANCE&period=2024-11")
    worse = {"present": 17, "excused": 3, "duration_min": 80}
    await said(api, f"{NOVEMBER}/corrections", CORRECTED | worse)
    await read()
    shown = await ask(api, NOVEMBER)
    after = await ask(api, "/figures?organization=TU-FINANCE&period=2024-11")

    assert (17, 1, "it ended earlier") == (
        shown["held"]["present"],
        shown["corrections"],
        shown["held"]["reason"],
    )
    assert ("90.00", "95") == (before["ATTENDANCE_PCT"]["value"], before["DURATION_MIN"]["value"])
    assert ("85.00", "80") == (after["ATTENDANCE_PCT"]["value"], after["DURATION_MIN"]["value"])


async def test_the_same_again_corrects_nothing(api, held):
    response = await api.post(
        f"{NOVEMBER}/corrections", json=CORRECTED | {"duration_min": 95}, headers=SECRETARY
    )

    assert (409, "NothingCorrected") == problem(response)


# -- Quảng Ninh: a thematic meeting of 22, one resolution, a task for each responsible, told next month

BIEU_NGHI = MEETING | {
    "meeting": "TU-FINANCE-2024-11-CD",
    "kind": "THEMATIC",
    "topic": "stable production after the storm",
    "summoned": {"full": 20, "probationary": 2},
    "present": 22,
    "excused": 0,
    "resolution": {"number": "11-NQ/CB", "title": "Stable production"},
    "tasks": [
        {"member": f"QN-M-{n}", "what": what, "due_on": "2024-12-15"}
        for n, what in ((3, "the crop calendar"), (8, "farm waste"), (14, "field protection"))
    ],
}


async def test_next_months_meeting_shows_what_became_of_each_task(api):
    await said(api, "/meetings", BIEU_NGHI)
    await said(api, "/meetings", DECEMBER)
    for task, state in ((1, "DONE"), (3, "UNDER_WAY")):
        await said(api, f"/meetings/TU-FINANCE-2024-11-CD/tasks/{task}/reports", DONE | {"state": state})

    shown = await ask(api, "/meetings/TU-FINANCE-2024-11-CD")

    assert [("QN-M-3", "DONE"), ("QN-M-8", "OPEN"), ("QN-M-14", "UNDER_WAY")] == [
        (task["member"], task["state"]) for task in shown["tasks"]
    ]
    assert "TU-FINANCE-2024-12" == shown["tasks"][0]["at_meeting"]


@pytest.mark.parametrize(
    ("task", "changed", "why"),
    [
        (2, {}, "UnknownTask"),
        (1, {"at_meeting": "TU-FINANCE-2025-01"}, "UnknownMeeting"),
        (1, {"at_meeting": "TU-FINANCE-2024-11", "reported_on": "2024-11-28"}, "NotALaterMeeting"),
        (1, {"reported_on": "2024-12-29"}, "NotReportedThatDay"),
        (1, {"organization": "TU-SCHOOL"}, "NotHeldThere"),
    ],
)
async def test_a_report_against_the_rules_is_a_conflict(api, held, task, changed, why):
    await said(api, "/meetings", DECEMBER)

    response = await api.post(f"{NOVEMBER}/tasks/{task}/reports", json=DONE | changed, headers=OFFICER)

    assert (409, why) == problem(response)


# -- Than Uyên: every month on the 28th, half of them on solutions


@pytest.mark.parametrize(("solving", "share"), [(6, "50.00"), (5, "41.67"), (9, "75.00")])
async def test_twelve_meetings_on_the_28th_and_half_of_them_on_solutions(api, read, solving, share):
    for month in range(1, 13):
        on = f"2023-{month:02}-28"
        await said(
            api,
            "/meetings",
            MEETING
            | {
                "meeting": f"TU-FINANCE-{on}",
                "held_at": f"{on}T14:00:00+07:00",
                "discusses_solutions": month <= solving,
                "tasks": [],
            },
        )
    await read()

    year = await ask(api, "/figures?organization=TU-FINANCE&period=2023")

    assert (share, 12) == (
        year["SOLUTION_MEETINGS_PCT"]["value"],
        len(year["SOLUTION_MEETINGS_PCT"]["meetings"]),
    )
    assert "12" == year["REGULAR_MEETINGS"]["value"]
    none = await ask(api, "/figures?organization=TU-SCHOOL&period=2023")
    assert {"value": None, "meetings": []} == none["SOLUTION_MEETINGS_PCT"]


# -- One meeting, each pack's own verdict


def in_binh_thuan(attendance, contents):
    full = {"DURATION": 10, "MEMBERS_SPEAKING": 10, "MINUTES": 10}
    points = {"ATTENDANCE": attendance, **full, "CONTENTS": contents}
    sheet = [{"component": component, "points": str(value)} for component, value in points.items()]
    return SHEET | {"pack": BINH_THUAN, "points": sheet}


@pytest.mark.parametrize(
    ("attendance", "contents", "total"), [(10, 45, "85"), (5, 60, "95")], ids=["85 points", "95 points"]
)
async def test_three_packs_judge_the_same_meeting_each_in_its_way(api, read, attendance, contents, total):
    named = [{"member": member, "excused": True} for member in ("M-1", "M-2")]
    await said(api, "/meetings", MEETING | {"absences": named})
    await read()
    await said(api, f"{NOVEMBER}/scores", SHEET, OFFICER)
    await said(api, f"{NOVEMBER}/scores", in_binh_thuan(attendance, contents), OFFICER)

    verdicts = await ask(api, f"{NOVEMBER}/quality")

    assert [
        ("12-HD/BTCTW", "RECORD", None, "QUALITY_MET"),
        ("08-QĐ/TU", "SUPERIOR", "85", "QUALITY_GOOD"),
        ("Bình Thuận, Khối các cơ quan", "SUPERIOR", total, "QUALITY_FAIR"),
        ("generic-sheet", "CELL", None, None),
    ] == [(one["pack"]["name"], one["by"], one["total"], one["level"]) for one in verdicts]


TOO_MANY = {"component": "ATTENDANCE", "points": "11"}


async def test_both_columns_of_a_sheet_stand_side_by_side(api, held):
    own = {name: value for name, value in SHEET.items() if name != "superior"}
    await said(api, f"{NOVEMBER}/scores", own | {"scored_at": "2024-11-28T17:00:00+07:00"})
    await said(api, f"{NOVEMBER}/scores", SHEET, OFFICER)

    shown = await ask(api, NOVEMBER)

    assert ["THAN-UYEN", None] == [sheet["superior"] for sheet in shown["scores"]]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"pack": {"name": "27-QĐ/TU", "version": "2023-10-30"}}, "UnknownScoringPack"),
        ({"points": SHEET["points"][1:]}, "NotFilledIn"),
        ({"points": [*SHEET["points"], {"component": "SONGS", "points": "1"}]}, "NotOnTheSheet"),
        ({"points": [*SHEET["points"][:1], TOO_MANY, *SHEET["points"][2:]]}, "OverTheMaximum"),
        ({"pack": {"name": "12-HD/BTCTW", "version": "2018-07-06"}}, "NoPoints"),
        ({"scored_at": "2024-11-28T13:00:00+07:00"}, "BeforeMeeting"),
    ],
)
async def test_a_sheet_against_the_rules_is_a_conflict(api, held, changed, why):
    response = await api.post(f"{NOVEMBER}/scores", json=SHEET | changed, headers=OFFICER)

    assert (409, why) == problem(response)


async def test_a_secretary_does_not_score_for_the_superior(api, held):
    assert (403, "Forbidden") == problem(await api.post(f"{NOVEMBER}/scores", json=SHEET, headers=SECRETARY))


async def test_packs_are_listed_with_the_source_of_each_row_and_a_new_one_is_checked(api):
    packs = await ask(api, "/scoring-packs")
    nghe_an = next(pack for pack in packs if pack["name"] == "08-QĐ/TU")

    sound = await api.post("/scoring-packs/check", json=nghe_an, headers=AUDITOR)
    bad = await api.post("/scoring-packs/check", json=nghe_an | {"levels": []}, headers=AUDITOR)

    assert {"08-QĐ/TU Nghệ An, 2021-09-15"} == {line["source"] for line in nghe_an["components"]}
    assert (200, "08-QĐ/TU") == (sound.status_code, sound.json()["name"])
    assert (409, "BadPack") == problem(bad)


# -- Absence with reason, three times running


async def test_who_is_excused_three_times_running_is_shown_until_they_restrict_it(api, read, restrictions):
    for month in ("08", "09", "10", "11"):
        away = [{"member": "M-7", "excused": True}] if month != "08" else []
        await said(
            api,
            "/meetings",
            MEETING
            | {
                "meeting": f"TU-FINANCE-2024-{month}",
                "held_at": f"2024-{month}-28T14:00:00+07:00",
                "absences": away,
                "tasks": [],
            },
        )
    await read()

    shown = await ask(api, NOVEMBER)
    await restrictions.apply(Telling().all(restricted("M-7", "TU-FINANCE", "2024-12-30")))
    hidden = await ask(api, NOVEMBER)

    three = [f"TU-FINANCE-2024-{month}" for month in ("09", "10", "11")]
    assert [{"member": "M-7", "meetings": three}] == shown["excused_running"]
    assert [] == (await ask(api, "/meetings/TU-FINANCE-2024-10"))["excused_running"]
    assert ([], [], 1) == (hidden["excused_running"], hidden["held"]["absences"], hidden["withheld"])


# -- The roll of that day


async def test_a_meeting_is_shown_beside_the_roll_of_its_day(api, held, views):
    full = [admitted(f"M-{n}", "TU-FINANCE", "2020-01-01") for n in range(18)]
    new = [admitted(f"P-{n}", "TU-FINANCE", "2024-11-28") for n in range(3)]
    probationary = [one.model_copy(update={"standing": "PROBATIONARY"}) for one in new]
    later = admitted("L-1", "TU-FINANCE", "2024-11-29")
    await views.roll.apply(Telling().all(*full, *probationary[:2], later))
    same = await ask(api, NOVEMBER)
    await views.roll.repair(Telling()(probationary[2]))
    more = await ask(api, NOVEMBER)

    assert {"full": 18, "probationary": 2, "differs": False} == same["roll"]
    assert {"full": 18, "probationary": 3, "differs": True} == more["roll"]


async def test_those_of_a_cell_that_merged_are_on_the_roll_of_where_they_went(api, held, views, tree):
    tell = Telling()
    tell.positions["registry"] = (await tree.positions())["registry"]
    await tree.apply([tell(merged("TU-SCHOOL", "2024-11-01", into="TU-FINANCE"))])
    await views.roll.apply(Telling().all(admitted("S-1", "TU-SCHOOL", "2020-01-01")))

    assert 1 == (await ask(api, NOVEMBER))["roll"]["full"]


# -- Who may


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{WINTER}/announcements", CALL),
        (f"{WINTER}/cancellation", CANCELLED),
        (f"{NOVEMBER}/corrections", CORRECTED),
        (f"{NOVEMBER}/tasks/1/reports", DONE),
        (f"{NOVEMBER}/scores", SHEET),
    ],
)
@pytest.mark.parametrize(
    "headers", [AUDITOR, NEIGHBOUR, bearer("officer", "TAM-KY")], ids=["auditor", "neighbour", "elsewhere"]
)
async def test_who_only_looks_and_who_is_elsewhere_changes_nothing(api, store, path, body, headers):
    assert (403, "Forbidden") == problem(await api.post(path, json=body, headers=headers))
    assert 0 == await store.head()


async def test_a_neighbour_sees_no_quality(api, held):
    assert (403, "Forbidden") == problem(await api.get(f"{NOVEMBER}/quality", headers=NEIGHBOUR))


async def test_every_command_has_an_example(api):
    paths = (await api.get("/openapi.json")).json()["paths"]
    commands = {
        path: operation["requestBody"]["content"]["application/json"]
        for path, operations in paths.items()
        for operation in operations.values()
        if "requestBody" in operation
    }

    assert len(story(place.__file__)) >= len(commands)
    assert [] == [path for path, content in commands.items() if not content.get("examples")]

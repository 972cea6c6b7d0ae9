"""Meetings' rows of the acceptance table, told over HTTP and read back; each then with other numbers."""

import pytest

from tests.assessment.bodies import BINH_THUAN, NGHE_AN
from tests.registry.files import MEMBERS, as_csv
from tests.system.clerk import held

MONTHS = [f"{month:02}" for month in range(1, 13)]
CENTRAL = {"name": "12-HD/BTCTW", "version": "2018-07-06"}


# -- S000: a thematic meeting, its resolution, its tasks, and what the next meeting hears of them


@pytest.mark.parametrize(
    ("code", "members", "on", "following", "states"),
    [
        ("THEME-A", 22, "2024-11-15", "2024-12-05", ["DONE", "UNDER_WAY", "NOT_DONE"]),
        ("THEME-B", 3, "2025-02-26", "2025-03-03", ["DONE"]),
    ],
)
async def test_a_thematic_meeting_sets_tasks_whose_state_the_next_meeting_shows(
    clerk, ask, code, members, on, following, states
):
    await clerk.found(code)
    row = "7-QĐ/TU", "2020-01-02", "2020-02-03", "FULL", "", "", ""
    everyone = [(f"{code}-M{n}", code, *row) for n in range(members)]
    run = await ask.imported(as_csv(*everyone, header=MEMBERS))
    assert ("DONE", 0) == (run["state"], run["problems_total"])
    await ask.settled()
    tasks = [
        {"member": f"{code}-M{n}", "what": "the crop calendar", "due_on": following}
        for n, _ in enumerate(states)
    ]
    resolution = {"number": "11-NQ/CB", "title": "Ổn định sản xuất"}
    theme = await clerk.meet(code, on, of=members, kind="THEMATIC", resolution=resolution, tasks=tasks)
    later = await clerk.meet(code, following, of=members)
    for number, state in enumerate(states, 1):
        report = {"organization": code, "state": state, "at_meeting": later, "reported_on": following}
        await clerk.tell("assessment", f"/meetings/{theme}/tasks/{number}/reports", report)

    shown = await clerk.read("assessment", f"/meetings/{theme}")
    await ask.settled()
    state = await ask.json("reporting", f"/cells/{code}/state?on={following}")

    assert ("THEMATIC", "11-NQ/CB") == (shown["held"]["kind"], shown["held"]["resolution"]["number"])
    assert {"full": members, "probationary": 0, "differs": False} == shown["roll"]
    assert [(n, f"{code}-M{n - 1}", state, later) for n, state in enumerate(states, 1)] == [
        (task["number"], task["member"], task["state"], task["at_meeting"]) for task in shown["tasks"]
    ]
    [told] = [one for one in state["meetings"] if one["kind"] == "THEMATIC"]
    assert (len(states), members) == (told["tasks"], sum(state["members"].values()))


# -- S001: the 28th of every month, and what half of the meetings must discuss


@pytest.mark.parametrize(
    ("code", "year", "day", "number", "solutions", "share", "passes"),
    [
        ("DAY-28-A", "2024", "28", 12, 6, "50.00", True),
        ("DAY-28-B", "2025", "28", 12, 5, "41.67", False),
        ("DAY-28-C", "2023", "28", 0, 0, None, None),
        ("DAY-03-A", "2025", "03", 7, 4, "57.14", True),
        ("DAY-03-B", "2025", "03", 7, 3, "42.86", False),
    ],
)
async def test_half_of_the_years_meetings_discuss_solutions_or_it_is_not_passed(
    clerk, code, year, day, number, solutions, share, passes
):
    _, committee = await clerk.found_beneath_its_own(code)
    await clerk.tell("assessment", "/frameworks", asking_for_solutions(committee))
    for place, month in enumerate(MONTHS[:number]):
        await clerk.meet(code, f"{year}-{month}-{day}", discusses_solutions=place < solutions)

    figures = await clerk.read("assessment", f"/figures?organization={code}&period={year}")
    draft = await clerk.read("assessment", f"/self-assessments/{code}/{year}/draft")

    regular = figures["REGULAR_MEETINGS"]["meetings"]
    assert [f"{code}-{year}-{month}-{day}" for month in MONTHS[:number]] == regular
    assert (share, passes) == (draft["results"][0]["value"], draft["results"][0]["achieved"])
    submission = {
        "organization": code,
        "period": year,
        "framework": draft["framework"],
        "results": [{"criterion": "solution_meetings_pct"}],
        "submitted_on": f"{year}-12-30",
    }
    await clerk.tell("assessment", "/self-assessments", submission)
    stands = (await clerk.read("assessment", f"/self-assessments/{code}/{year}"))["stands"]
    assert (passes, bool(passes)) == (stands["results"][0]["achieved"], stands["four_good"])


def asking_for_solutions(committee):
    criterion = {
        "criterion": "solution_meetings_pct",
        "name_vi": "Tỷ lệ cuộc họp bàn giải pháp",
        "name_en": "Meetings that discuss solutions",
        "kind": "MEASURED",
        "test": {"op": "gte", "value": "50"},
        "unit": "%",
        "period": "YEAR",
        "measured_by": "SOLUTION_MEETINGS_PCT",
        "source": "161-KH/HU Than Uyên, 2022-10-31 (S001)",
        "legal_tag": "LOCAL_POLICY",
    }
    good = {"good": "MEETING_QUALITY", "name_vi": "Sinh hoạt", "name_en": "Meetings", "criteria": [criterion]}
    return {
        "organization": committee,
        "framework": {"number": "161-KH/HU", "date": "2022-10-31"},
        "title": "Chi bộ bốn tốt",
        "period": "YEAR",
        "effective_on": "2022-11-01",
        "goods": [good],
    }


# -- S002: nine of ten are present


@pytest.mark.parametrize(
    ("code", "of", "present", "percent", "passes"),
    [
        ("PRESENT-A", 20, 18, "90.00", True),
        ("PRESENT-B", 20, 17, "85.00", False),
        ("PRESENT-C", 7, 6, "85.71", True),
        ("PRESENT-D", 60, 51, "85.00", False),
        ("PRESENT-E", 3, 2, "66.67", False),
    ],
)
async def test_exactly_85_of_a_hundred_are_not_over_85(clerk, code, of, present, percent, passes):
    meeting = await clerk.meet(await clerk.found(code), "2024-09-06", of=of, present=present)

    figures = await clerk.read("assessment", f"/figures?organization={code}&period=2024-09")
    [central] = [one for one in await quality(clerk, meeting) if one["pack"] == CENTRAL]

    assert (percent, [meeting]) == tuple(figures["ATTENDANCE_PCT"].values())
    assert ("RECORD", passes) == (central["by"], central["criteria"]["ATTENDANCE"])


# -- Section 5.2: the same meeting by three scoring packs


def nghe_an(points):
    names = "PREPARATION", "ATTENDANCE", "RUNNING", "PRINCIPLES", "CONCLUSION"
    return points_of(NGHE_AN, names, points)


def binh_thuan(points):
    names = "ATTENDANCE", "DURATION", "MEMBERS_SPEAKING", "MINUTES", "CONTENTS"
    return points_of(BINH_THUAN, names, points)


def points_of(pack, names, points):
    given = [{"component": name, "points": point} for name, point in zip(names, points.split(), strict=True)]
    return {"pack": pack, "points": given}


async def quality(clerk, meeting):
    return await clerk.read("assessment", f"/meetings/{meeting}/quality")


@pytest.mark.parametrize(
    ("code", "meeting", "sheets", "verdicts"),
    [
        (
            "SCORED-A",
            {"of": 20, "present": 18, "resolution": {"number": "9-NQ/CB", "title": "Tháng 9"}},
            [nghe_an("18 10 38 12 7"), binh_thuan("10 10 10 10 45")],
            {"12-HD/BTCTW": "QUALITY_MET", "08-QĐ/TU": "QUALITY_GOOD", BINH_THUAN["name"]: "QUALITY_FAIR"},
        ),
        (
            "SCORED-B",
            {"of": 20, "present": 17, "resolution": {"number": "9-NQ/CB", "title": "Tháng 9"}},
            [nghe_an("20 5 45 15 10"), binh_thuan("5 10 10 10 60")],
            {
                "12-HD/BTCTW": "QUALITY_NOT_MET",
                "08-QĐ/TU": "QUALITY_GOOD",
                BINH_THUAN["name"]: "QUALITY_FAIR",
            },
        ),
        (
            "SCORED-C",
            {"of": 10, "present": 9, "duration_min": 89},
            [nghe_an("15 10 29.5 10 5"), binh_thuan("10 10 10 10 50")],
            {
                "12-HD/BTCTW": "QUALITY_NOT_MET",
                "08-QĐ/TU": "QUALITY_AVERAGE",
                BINH_THUAN["name"]: "QUALITY_GOOD",
            },
        ),
    ],
    ids=["85 points", "95 without full marks for attendance", "one minute short"],
)
async def test_three_packs_have_their_own_verdict_of_the_same_meeting(clerk, code, meeting, sheets, verdicts):
    met = await clerk.meet(await clerk.found(code), "2024-09-06", **meeting)
    for sheet in sheets:
        scored = {"organization": code, "scored_at": "2024-09-06T17:00:00+07:00"} | sheet
        await clerk.tell("assessment", f"/meetings/{met}/scores", scored)

    judged = {one["pack"]["name"]: one["level"] for one in await quality(clerk, met)}

    assert verdicts == {name: judged[name] for name in verdicts}


# -- What is refused


async def test_minutes_that_do_not_add_up_and_those_of_a_meeting_called_off_are_refused(clerk):
    cell = await clerk.found("REFUSED-A")
    call = {
        "organization": cell,
        "kind": "REGULAR",
        "scheduled_for": "2024-09-28T14:00:00+07:00",
        "announced_at": "2024-09-20T08:00:00+07:00",
    }
    off = {"organization": cell, "cancelled_at": "2024-09-25T08:00:00+07:00", "reason": "bão số 4"}
    named = f"{cell}-2024-09-28"
    await clerk.tell("assessment", f"/meetings/{named}/announcements", call)
    await clerk.tell("assessment", f"/meetings/{named}/cancellation", off)

    too_many = held(cell, "2024-10-28", of=20) | {"present": 21}
    assert (409, "DoesNotAddUp") == await clerk.refused("assessment", "/meetings", too_many)
    called_off = held(cell, "2024-09-28")
    assert (409, "MeetingCancelledAlready") == await clerk.refused("assessment", "/meetings", called_off)

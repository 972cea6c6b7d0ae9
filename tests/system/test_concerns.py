"""Concerns' rows of the acceptance table, told over HTTP and read back; then with other numbers."""

import pytest

CITY, PROVINCE = "TAM-KY", "QUANG-NAM"
REASONS = ["LONG_RUNNING", "HARDSHIP", "BEYOND_COMPETENCE"]


def raised(cell, on, **said):
    body = {"concern": f"{cell}-1", "organization": cell, "meeting": f"{cell}-{on}", "raised_on": on}
    about = {"matter": "Khu đô thị kiểu mẫu Tây Bắc", "category": "PLANNING", "hot_spot_risk": True}
    return body | about | {"raised_to": CITY} | said


@pytest.mark.parametrize(
    ("cell", "on", "heard", "due", "solved", "reasons", "clock"),
    [
        ("RAISED-A", "2024-09-06", "2024-09-07", "2024-10-31", "2024-10-28", REASONS, "MET"),
        ("RAISED-B", "2025-11-05", "2025-11-20", "2025-11-20", "2025-12-15", ["MULTI_AGENCY"], "LATE"),
    ],
)
async def test_a_concern_goes_up_with_its_reasons_and_stays_open_until_it_is_resolved(
    clerk, ask, cell, on, heard, due, solved, reasons, clock
):
    await clerk.found(cell)
    await clerk.meet(cell, on, of=20, present=18)
    path, states = f"/concerns/{cell}-1", []

    async def step(named, body):
        await clerk.tell("assessment", f"{path}/{named}", body)
        shown = await clerk.read("assessment", path)
        states.append((shown["state"], shown["holder"]))
        return shown

    await clerk.tell("assessment", "/concerns", raised(cell, on))
    await step("answers", {"by": CITY, "answered_on": on, "answer": "Thành ủy đã giải thích."})
    up = {"by": CITY, "to": PROVINCE, "escalated_on": on, "reasons": reasons}
    await step("escalations", up)
    flags = {"report": True, "opinions": True, "field_survey": True}
    await step("hearings", {"by": PROVINCE, "heard_on": heard} | flags)
    told = {"by": PROVINCE, "assigned_on": heard, "agency": "Ủy ban nhân dân tỉnh", "due_on": due}
    assigned = await step("assignments", told)
    open_still = await clerk.read("assessment", f"/concerns?organization={cell}&state=ASSIGNED")
    solution = {"by": PROVINCE, "resolved_on": solved, "outcome": "Đã phê duyệt điều chỉnh quy hoạch."}
    resolved = await step("resolutions", solution)
    await step("confirmations", {"organization": cell, "confirmed_on": solved})
    await ask.settled()
    timeline = (await ask.json("reporting", f"/cells/{cell}/timeline"))["entries"]
    escalated = [one["data"] for one in timeline if "ConcernEscalated" in one["type"]]

    assert states == [
        ("ANSWERED_LOCALLY", CITY),
        ("ESCALATED", PROVINCE),
        ("HEARD", PROVINCE),
        ("ASSIGNED", PROVINCE),
        ("RESOLVED", PROVINCE),
        ("CONFIRMED_TO_CELL", PROVINCE),
    ]
    assert [f"{cell}-1"] == [one["concern"] for one in open_still["concerns"]]
    assert (due, None) == (assigned["solution"]["due_on"], assigned["solution"]["done_on"])
    assert clock == resolved["solution"]["state"]
    assert [(PROVINCE, reasons)] == [(one["to"], one["reasons"]) for one in escalated]


@pytest.mark.parametrize(
    ("cell", "on", "by"),
    [
        ("CLOCK-A", "2024-09-06", "2024-09-20"),
        ("CLOCK-B", "2025-01-17", "2025-02-07"),
        ("CLOCK-C", "2026-02-06", "2026-02-27"),
        ("CLOCK-D", "2024-04-12", "2024-05-02"),
        ("CLOCK-E", "2024-04-19", "2024-05-07"),
    ],
    ids=["two weeks", "Tết 2025", "Tết 2026", "Hùng Kings and the holidays", "a Saturday made up"],
)
async def test_what_is_raised_on_a_friday_is_acknowledged_by_the_tenth_working_day(clerk, cell, on, by):
    await clerk.found(cell)
    await clerk.meet(cell, on)
    await clerk.tell("assessment", "/concerns", raised(cell, on))
    written = {"by": CITY, "acknowledged_on": by, "document": {"number": "211-CV/TU", "date": by}}

    before = await clerk.read("assessment", f"/concerns/{cell}-1")
    await clerk.tell("assessment", f"/concerns/{cell}-1/acknowledgement", written)
    after = await clerk.read("assessment", f"/concerns/{cell}-1")

    assert (by, "OVERDUE") == (before["acknowledgement"]["due_on"], before["acknowledgement"]["state"])
    assert (by, "MET") == (after["acknowledgement"]["done_on"], after["acknowledgement"]["state"])


async def test_who_does_not_have_a_concern_settles_nothing_of_it(clerk):
    cell = await clerk.found("RAISED-C")
    await clerk.meet(cell, "2024-09-06")
    await clerk.tell("assessment", "/concerns", raised(cell, "2024-09-06"))
    answer = {"by": PROVINCE, "answered_on": "2024-09-09", "answer": "Tỉnh trả lời."}
    away = raised(cell, "2024-09-06", concern=f"{cell}-2", meeting=f"{cell}-2024-09-13")

    assert (409, "HeldElsewhere") == await clerk.refused("assessment", f"/concerns/{cell}-1/answers", answer)
    assert (409, "UnknownMeeting") == await clerk.refused("assessment", "/concerns", away)

"""Supervision's rows of the acceptance table (S002, S003), told and read back; then with other numbers."""

import pytest

from tests.system.clerk import held
from tests.system.district import District

TAM_KY = {"name": "tam-ky", "version": "1"}
KON_TUM = {"name": "776-QĐ/TU", "version": "2023-01-16"}


@pytest.fixture
async def follow(clerk):
    """Return how a member of Tam Kỳ's committee is assigned to a cell of their own, and visits cells."""

    async def assigned(code, supervisor, rules, superior="TAM-KY"):
        cell = await clerk.found(code)
        body = {"organization": cell, "superior": superior, "supervisor": supervisor, "year": "2025"}
        await clerk.tell("assessment", "/supervision", body | {"assigned_on": "2025-01-02", "rules": rules})
        return cell

    return assigned


async def visit(clerk, cell, supervisor, *months, superior="TAM-KY"):
    for month in months:
        on = f"2025-{month:02}-05"
        body = {"supervisor": supervisor, "superior": superior, "organization": cell, "attended_on": on}
        meeting = await clerk.meet(cell, on)
        await clerk.tell("assessment", f"/meetings/{meeting}/attendances", body)


def plan(cell, supervisor, month, superior="TAM-KY"):
    days = {"planned_for": f"2025-{month:02}-05", "registered_on": f"2025-{month - 1:02}-20"}
    return {"organization": cell, "superior": superior, "supervisor": supervisor} | days


@pytest.mark.parametrize(
    ("code", "rules", "visits", "minimum", "missing"),
    [
        ("VISITED-A", TAM_KY, 0, 2, 2),
        ("VISITED-B", TAM_KY, 1, 2, 1),
        ("VISITED-C", TAM_KY, 2, 2, 0),
        ("VISITED-D", KON_TUM, 4, 6, 2),
        ("VISITED-E", KON_TUM, 7, 6, 0),
    ],
)
async def test_visits_to_the_assigned_cell_count_towards_the_minimum_and_no_others(
    clerk, follow, code, rules, visits, minimum, missing
):
    who, elsewhere = f"{code}-M", await clerk.found(f"{code}-X")
    cell = await follow(code, who, rules)
    await visit(clerk, cell, who, *range(1, visits + 1))
    await visit(clerk, elsewhere, who, 3, 4)

    shown = await clerk.read("assessment", f"/supervision?organization={cell}&year=2025")

    [one] = shown["supervisors"]
    assert (minimum, visits, missing, 2) == (one["minimum"], one["done"], one["missing"], one["uncounted"])
    assert [f"{cell}-2025-{month:02}-05" for month in range(1, visits + 1)] == one["cells"][0]["meetings"]


async def test_who_sat_in_is_from_above_and_in_a_meeting_that_was_held(clerk, follow):
    cell = await follow("VISITED-F", "VISITED-F-M", TAM_KY)
    aside, _ = await clerk.found_beneath_its_own("VISITED-G")
    body = {"supervisor": "VISITED-F-M", "organization": cell, "attended_on": "2025-05-05"}
    path = f"/meetings/{cell}-2025-05-05/attendances"

    never_held = await clerk.refused("assessment", path, body | {"superior": "TAM-KY"})
    await clerk.meet(cell, "2025-05-05")
    from_aside = await clerk.refused("assessment", path, body | {"superior": f"{aside}-CT"})
    another_day = await clerk.refused(
        "assessment", path, body | {"superior": "TAM-KY", "attended_on": "2025-05-06"}
    )

    assert [(409, "UnknownMeeting"), (409, "NotASuperior"), (409, "NotThatDay")] == [
        never_held,
        from_aside,
        another_day,
    ]


@pytest.mark.parametrize(
    ("code", "planned", "visited", "kept"),
    [
        ("PLANNED-A", (3, 6, 9), (3, 9), 2),
        ("PLANNED-B", (2, 4), (), 0),
        ("PLANNED-C", (5, 7), (5, 7, 8), 2),
    ],
)
async def test_plans_are_shown_beside_the_visits_that_were_made(clerk, follow, code, planned, visited, kept):
    who = f"{code}-M"
    cell = await follow(code, who, TAM_KY)
    for month in planned:
        await clerk.tell("assessment", "/visits/plans", plan(cell, who, month))
    await visit(clerk, cell, who, *visited)

    shown = await clerk.read("assessment", f"/supervision?organization={cell}&year=2025")

    [one] = shown["supervisors"]
    assert (len(planned), kept, len(visited)) == (one["planned"], one["kept"], one["done"])
    states = {month: "KEPT" if month in visited else "MISSED" for month in planned}
    assert states == {int(p["planned_for"][5:7]): p["state"] for p in one["cells"][0]["plans"]}


async def test_a_plan_is_registered_before_the_visit_and_by_who_is_assigned(clerk, follow):
    cell = await follow("PLANNED-D", "PLANNED-D-M", TAM_KY)
    late = plan(cell, "PLANNED-D-M", 4) | {"registered_on": "2025-04-05"}

    assert [(409, "PlannedTooLate"), (409, "NotAssigned")] == [
        await clerk.refused("assessment", "/visits/plans", late),
        await clerk.refused("assessment", "/visits/plans", plan(cell, "PLANNED-X-M", 4)),
    ]


async def test_a_district_plans_over_nats_before_and_after_it_tells_of_the_visit(province, clerk):
    await clerk.found("PLANS", "DISTRICT_COMMITTEE", under="QUANG-NAM")
    cell, who = await clerk.found("PLANNED-E", under="PLANS"), "PLANNED-E-M"
    of = {"organization": cell, "superior": "PLANS", "supervisor": who}
    on = {"attended_on": "2025-03-05", "meeting": f"{cell}-2025-03-05"}
    assigned = {"year": "2025", "assigned_on": "2025-01-02", "rules": TAM_KY, "minimum": 2}
    told = [
        ("VisitPlanned", plan(cell, who, 4, "PLANS")),
        ("SupervisorAttended", of | on),
        ("MeetingHeld", held(cell, "2025-03-05")),
        ("VisitPlanned", plan(cell, who, 3, "PLANS")),
        ("SupervisionAssigned", of | assigned),
    ]
    async with District(province.nats_url("QUANG-NAM"), "QUANG-NAM") as district:
        events = [district.event(f"assessment.{name}.v1", said) for name, said in told]
        outcomes = [(one["outcome"], one.get("reason")) for one in await district.tell(*events)]
    await clerk.ask.settled()

    [one] = (await clerk.read("assessment", f"/supervision?organization={cell}&year=2025"))["supervisors"]

    assert [("accepted", None)] * len(told) == outcomes
    assert (2, 1, 1) == (one["planned"], one["kept"], one["done"])
    assert ["KEPT", "MISSED"] == [p["state"] for p in one["cells"][0]["plans"]]

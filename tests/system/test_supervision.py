"""Supervision's row of the acceptance table, told over HTTP and read back; then with other numbers."""

import pytest

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

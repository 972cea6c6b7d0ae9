"""Lists of a subtree's meetings and concerns, and what the tree of its day says of what is told late."""

import pytest

from tests.assessment.bodies import ISSUE, MEETING, NOVEMBER
from tests.assessment.concerns import CITY, ESCALATE, RAISE, SEPTEMBER
from tests.assessment.movement import post
from tests.edges import bearer
from tests.telling import dissolved, founded, merged, moved

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer")


def called(day, announced="2024-11-01"):
    instants = {"scheduled_for": f"{day}T14:00:00+07:00", "announced_at": f"{announced}T08:00:00+07:00"}
    return {"organization": "TU-FINANCE", "kind": "REGULAR"} | instants


async def listed(ask, organization="TU-FINANCE", period="2024-11", more=""):
    response = await ask(f"/meetings?organization={organization}&period={period}{more}")
    assert 200 == response.status_code, response.text
    return response.json()


# -- Meetings


@pytest.fixture
async def november(api):
    await post(api, "/meetings", MEETING, OFFICER)
    await post(api, "/meetings/M-CALLED/announcements", called("2024-11-20"), OFFICER)
    await post(api, "/meetings/M-CALLED/announcements", called("2024-11-22", "2024-11-05"), OFFICER)
    await post(api, "/meetings/M-OFF/announcements", called("2024-11-10"), OFFICER)
    off = {"organization": "TU-FINANCE", "cancelled_at": "2024-11-06T08:00:00+07:00", "reason": "the storm"}
    await post(api, "/meetings/M-OFF/cancellation", off, OFFICER)
    await post(api, "/meetings/M-LATER/announcements", called("2024-12-20"), OFFICER)


async def test_a_months_meetings_are_listed_held_called_and_called_off(ask, november):
    rows = (await listed(ask))["items"]

    assert [
        ("M-CALLED", "CALLED", "2024-11-22", None),
        ("M-OFF", "CALLED_OFF", "2024-11-10", None),
        ("TU-FINANCE-2024-11", "HELD", "2024-11-28", 18),
    ] == [(row["meeting"], row["state"], row["day"], row["present"]) for row in rows]


async def test_meetings_are_listed_page_by_page_of_a_year_and_of_a_subtree(ask, november):
    first = await listed(ask, "THAN-UYEN", "2024", "&limit=3")
    rest = await listed(ask, "THAN-UYEN", "2024", f"&limit=3&start={first['next']}")

    assert ["M-CALLED", "M-LATER", "M-OFF"] == [row["meeting"] for row in first["items"]]
    assert (["TU-FINANCE-2024-11"], None) == ([row["meeting"] for row in rest["items"]], rest["next"])
    assert [] == (await listed(ask, "TAM-KY"))["items"]


async def test_a_meeting_that_was_called_and_held_is_listed_once_by_the_day_it_was_held(api, ask):
    code = MEETING["meeting"]
    await post(api, f"/meetings/{code}/announcements", called("2024-12-02"), OFFICER)
    await post(api, "/meetings", MEETING, OFFICER)

    [row] = (await listed(ask))["items"]

    assert ("HELD", "2024-11-28", "2024-12-02T07:00:00Z") == (
        row["state"],
        row["held_on"],
        row["scheduled_for"],
    )
    assert [] == (await listed(ask, period="2024-12"))["items"]


async def test_meetings_are_listed_within_the_callers_subtree_only(ask):
    answer = await ask("/meetings?organization=TU-FINANCE&period=2024", **bearer("auditor", "TAM-KY"))

    assert 403 == answer.status_code


# -- Concerns, by who has them


async def test_concerns_are_listed_by_the_committee_that_has_them(api, ask, told):
    await post(api, "/meetings", SEPTEMBER, OFFICER)
    await post(api, "/concerns", RAISE, OFFICER)
    await post(api, "/concerns", RAISE | {"concern": "TU-OTHER"}, OFFICER)
    await post(api, f"/concerns/{RAISE['concern']}/escalations", ESCALATE, OFFICER)

    async def held_by(holder):
        body = (await ask(f"/concerns?organization=LAI-CHAU&holder={holder}")).json()
        return [one["concern"] for one in body["concerns"]]

    before = [await held_by("LAI-CHAU"), await held_by(CITY), await held_by("TU-AGENCIES")]
    await told(moved("TU-AGENCIES", "2024-11-01", under="LAI-CHAU"), dissolved(CITY, "2024-11-01"))

    assert [[RAISE["concern"]], ["TU-OTHER"], []] == before
    assert [RAISE["concern"], "TU-OTHER"] == await held_by("LAI-CHAU")


# -- Judged by the tree of its day


async def test_minutes_told_late_are_of_the_cell_that_there_was(api, told):
    await told(founded("TU-NEXT", under="TU-AGENCIES"), merged("TU-FINANCE", "2024-12-01", into="TU-NEXT"))

    late = await api.post("/meetings", json=MEETING, headers=OFFICER)
    after = MEETING | {"meeting": "M-AFTER", "held_at": "2024-12-02T14:00:00+07:00", "tasks": []}
    ended = await api.post("/meetings", json=after, headers=OFFICER)

    assert (201, "OrganizationEnded") == (late.status_code, ended.json()["title"])


async def test_a_period_is_answered_by_the_framework_that_applied_to_the_cell_then(api, told):
    await post(api, "/frameworks", ISSUE, OFFICER)
    await told(moved("TU-AGENCIES", "2024-12-01", under="LAI-CHAU"))

    late = await api.post("/self-assessments", json=NOVEMBER, headers=OFFICER)
    december = NOVEMBER | {"period": "2024-12", "submitted_on": "2024-12-31"}
    after = await api.post("/self-assessments", json=december, headers=OFFICER)

    assert (201, "UnknownFramework") == (late.status_code, after.json()["title"])

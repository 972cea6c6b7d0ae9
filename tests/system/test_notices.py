"""What is to come in a cell, or came to a committee, is told over the bus to those it concerns, once."""

from datetime import datetime, timedelta

from contracts.days import PROVINCE_TIME
from tests.system.clerk import ROOT

YESTERDAY = f"{datetime.now(PROVINCE_TIME).date() - timedelta(days=1)}"


def just_now():
    return datetime.now(PROVINCE_TIME) - timedelta(seconds=1)


def call(cell, scheduled_for):
    body = {"organization": cell, "kind": "REGULAR", "announced_at": just_now().isoformat()}
    return body | {"scheduled_for": scheduled_for.isoformat()}


async def told(ask, cell, recipient):
    """Return what `recipient` was told of a cell, oldest first: rule, day, role, member, and about what."""
    await ask.settled()
    inbox = await ask.json("notification", f"/inbox?organization={recipient}")
    of_it = sorted([one for one in inbox if one["organization"] == cell], key=lambda one: one["sent_at"])
    return [(one["rule"], one["period"], one["role"], one["holder"], one["about"]) for one in of_it]


async def test_a_meeting_called_changed_and_called_off_is_told_to_its_cell_and_who_follows_it(clerk, ask):
    cell, today = await clerk.found("NOTICE-A"), just_now()
    soon, later = today + timedelta(minutes=30), today + timedelta(minutes=50)
    year, rules = f"{soon.year}", {"name": "tam-ky", "version": "1"}
    follows = {"organization": cell, "superior": ROOT, "supervisor": "NOTICE-M", "year": year, "rules": rules}
    await clerk.tell("assessment", "/supervision", follows | {"assigned_on": f"{today.date()}"})
    for scheduled_for in (soon, later):
        await clerk.tell("assessment", f"/meetings/{cell}-SOON/announcements", call(cell, scheduled_for))
        await ask.settled()
    off = {"organization": cell, "cancelled_at": just_now().isoformat(), "reason": "a flood"}
    await clerk.tell("assessment", f"/meetings/{cell}-SOON/cancellation", off)

    news = [
        ("MEETING_CALLED", f"{soon.date()}"),
        ("MEETING_CHANGED", f"{later.date()}"),
        ("MEETING_CANCELLED", f"{later.date()}"),
    ]
    about = f"{cell}-SOON"
    assert [(*one, "SECRETARY", None, about) for one in news] == await told(ask, cell, cell)
    assert [(*one, "SUPERVISOR", "NOTICE-M", about) for one in news] == await told(ask, cell, ROOT)


async def test_a_concern_is_told_to_the_committee_that_it_is_raised_with(clerk, ask):
    cell = await clerk.found("NOTICE-B")
    raised = {"concern": "NOTICE-B-KN-1", "organization": cell, "raised_on": YESTERDAY, "raised_to": ROOT}
    about = {"meeting": await clerk.meet(cell, YESTERDAY), "matter": "a road", "category": "ROADS"}
    await clerk.tell("assessment", "/concerns", raised | about)

    assert [("CONCERN_RECEIVED", YESTERDAY, "COMMITTEE", None, "NOTICE-B-KN-1")] == await told(
        ask, cell, ROOT
    )


async def test_a_concern_that_was_not_acknowledged_is_told_to_who_owed_it_however_often_it_is_judged(
    clerk, ask
):
    cell, code = await clerk.found("NOTICE-C"), "NOTICE-C-KN-1"
    raised_on = f"{datetime.now(PROVINCE_TIME).date() - timedelta(days=35)}"
    raised = {"concern": code, "organization": cell, "raised_on": raised_on, "raised_to": ROOT}
    about = {"meeting": await clerk.meet(cell, raised_on), "matter": "a road", "category": "ROADS"}
    await clerk.tell("assessment", "/concerns", raised | about)
    shown = await clerk.read("assessment", f"/concerns/{code}")
    period = shown["acknowledgement"]["due_on"][:7]
    await ask.settled()
    for _ in ("once", "twice"):
        judged = {"organization": cell, "period": period}
        await ask.json("assessment", "/obligations/recompute", method="POST", json=judged)

    missed = ("ACKNOWLEDGEMENT_MISSED", period)
    assert (*missed, "COMMITTEE", None, code) in await told(ask, cell, ROOT)
    assert [(*missed, "SECRETARY", None, code)] == [
        one for one in await told(ask, cell, cell) if one[0] == missed[0]
    ]

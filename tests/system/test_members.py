"""Members' rows of the acceptance table, lived through the province: told over HTTP, read from reporting."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest

from contracts.days import PROVINCE_TIME
from tests.system.clerk import ROOT

YESTERDAY = datetime.now(PROVINCE_TIME).date() - timedelta(days=1)


@pytest.fixture
def tell(clerk):
    """Return how to tell the registry."""
    return partial(clerk.tell, "registry")


@pytest.fixture
def count(ask):
    """Return how to count: (full, probationary) at the end of a day."""

    async def on(organization, day):
        await ask.settled()
        counted = await ask.json("reporting", f"/organizations/{organization}/headcount?on={day}")
        return counted["full"], counted["probationary"]

    return on


def cell(code, founded_on="2015-01-01"):
    return {
        "organization": code,
        "name": f"Chi bộ {code}",
        "kind": "GRASSROOTS_CELL",
        "parent": ROOT,
        "founded_on": founded_on,
    }


def admission(code, place, standing="FULL", decided="2020-01-02", ceremony="2020-01-20"):
    return {
        "member": code,
        "organization": place,
        "decision": decision(decided),
        "ceremony_on": ceremony,
        "standing": standing,
    }


def decision(day, number="12-QĐ/TU"):
    return {"number": number, "date": day}


async def with_full_members(tell, code, full):
    await tell("/organizations", cell(code))
    for number in range(full):
        await tell("/members", admission(f"{code}-{number}", code))


@pytest.mark.parametrize(
    ("code", "decided", "ceremony", "voted", "full_from", "full", "needed"),
    [
        ("PROBATION-A", "2025-02-25", "2025-03-15", "2026-04-20", "2026-03-15", 20, 14),
        ("PROBATION-B", "2024-02-01", "2024-02-29", "2025-02-28", "2025-02-28", 7, 5),
        ("PROBATION-C", "2023-06-30", "2023-08-01", "2026-01-09", "2024-08-01", 3, 2),
    ],
)
async def test_who_is_recognised_is_full_from_the_day_probation_ends(
    ask, tell, count, code, decided, ceremony, voted, full_from, full, needed
):
    await with_full_members(tell, code, full)
    for number in (1, 2):
        await tell("/members", admission(f"{code}-P{number}", code, "PROBATIONARY", decided, ceremony))
    ends = date.fromisoformat(full_from)
    assert (full, 2) == await count(code, ends)
    paper = {"organization": code, "decision": decision(voted)}

    too_few = paper | {"vote": {"summoned": full, "in_favour": needed - 1}}
    refused = await ask("registry", f"/members/{code}-P1/recognition", method="POST", json=too_few)
    assert (409, "TooFewInFavour") == (refused.status_code, refused.json()["title"])
    await tell(f"/members/{code}-P1/recognition", paper | {"vote": {"summoned": full, "in_favour": needed}})

    assert (full, 2) == await count(code, ends - timedelta(days=1))
    assert (full + 1, 1) == await count(code, ends)
    member = await ask.json("registry", f"/members/{code}-P1")
    assert (decided, full_from, "FULL") == (
        member["party_age_from"],
        member["full_from"],
        member["standing"],
    )


@pytest.mark.parametrize(
    ("code", "full", "short_of", "voted", "ceremony", "full_from"),
    [
        ("VOTES-A", 20, 13, ["2026-04-20", "2026-05-20", "2026-06-22"], "2025-03-15", "2026-03-15"),
        ("VOTES-B", 7, 4, ["2025-03-03", "2025-03-04", "2025-03-05"], "2024-02-29", "2025-02-28"),
    ],
)
async def test_three_votes_a_district_tells_of_fail_and_the_superior_decides(
    ask, tell, count, district, code, full, short_of, voted, ceremony, full_from
):
    await with_full_members(tell, code, full)
    await tell("/members", admission(f"{code}-P", code, "PROBATIONARY", ceremony, ceremony))
    here = {"organization": code, "member": f"{code}-P"}

    async def send(name, **said):
        [receipt] = await district.tell(district.event(f"registry.{name}.v1", here | said))
        return receipt["outcome"], receipt.get("reason")

    def vote(in_favour):
        return {"summoned": full, "in_favour": in_favour}

    impossible = await send("RecognitionVoteFailed", voted_on=voted[0], vote=vote(full + 1))
    carried = await send("RecognitionVoteFailed", voted_on=voted[0], vote=vote(short_of + 1))
    assert [("rejected", "MoreInFavourThanSummoned"), ("rejected", "VoteCarried")] == [impossible, carried]
    for day in voted:
        assert ("accepted", None) == await send("RecognitionVoteFailed", voted_on=day, vote=vote(short_of))
    fourth = await send("RecognitionVoteFailed", voted_on=f"{YESTERDAY}", vote=vote(short_of))
    of_cell = {"full_from": full_from, "decision": decision(voted[-1]), "vote": vote(short_of + 1)}
    by_superior = {"full_from": full_from, "decision": decision(voted[-1]), "decided_by": ROOT}
    assert ("rejected", "SuperiorDecides") == fourth == await send("MemberRecognized", **of_cell)
    assert ("accepted", None) == await send("MemberRecognized", **by_superior)

    ends = date.fromisoformat(full_from)
    assert (full, 1) == await count(code, ends - timedelta(days=1))
    assert (full + 1, 0) == await count(code, ends)
    timeline = await ask.json("reporting", f"/cells/{code}/timeline")
    told = [one["data"] for one in timeline["entries"] if "RecognitionVoteFailed" in one["type"]]
    assert [(day, short_of) for day in voted] == [(one["voted_on"], one["vote"]["in_favour"]) for one in told]


async def test_a_transfer_has_two_sides_and_a_member_one_cell_on_every_day(ask, tell, count):
    origin, other = "TRANSFER-A", "TRANSFER-B"
    await with_full_members(tell, origin, 5)
    await with_full_members(tell, other, 3)
    leave = {"organization": origin, "to": other, "kind": "OFFICIAL", "released_on": "2026-05-04"}

    await tell(f"/members/{origin}-0/release", leave | {"decision": decision("2026-05-04")})
    assert [(5, 0), (3, 0)] == [await count(code, "2026-05-10") for code in (origin, other)]

    arrival = {"organization": other, "transferred_on": "2026-05-11", "decision": decision("2026-05-11")}
    await tell(f"/members/{origin}-0/transfer", arrival)
    again = await ask("registry", f"/members/{origin}-0/transfer", method="POST", json=arrival)

    assert (409, "NotReleased") == (again.status_code, again.json()["title"])
    assert [(5, 0), (3, 0)] == [await count(code, "2026-05-10") for code in (origin, other)]
    assert [(4, 0), (4, 0)] == [await count(code, "2026-05-11") for code in (origin, other)]


async def test_a_cell_left_with_two_full_members_is_flagged_decides_nothing_and_its_superior_is_told(
    ask, tell
):
    cell, other = "SMALL-A", "SMALL-B"
    await with_full_members(tell, cell, 3)
    await with_full_members(tell, other, 3)
    await tell("/members", admission(f"{cell}-P", cell, "PROBATIONARY"))
    leave = {"organization": cell, "to": other, "kind": "OFFICIAL", "released_on": f"{YESTERDAY}"}
    await tell(f"/members/{cell}-0/release", leave | {"decision": decision(f"{YESTERDAY}")})
    arrival = {"organization": other, "transferred_on": f"{YESTERDAY}", "decision": decision(f"{YESTERDAY}")}
    await tell(f"/members/{cell}-0/transfer", arrival)
    await ask.settled()
    await ask.settled()  # what was found out of what had settled

    sizes = await ask.json("reporting", f"/organizations/{cell}/sizes")
    assert [("BELOW_MINIMUM", 2, 1)] == [(c["flag"], c["full"], c["probationary"]) for c in sizes["cells"]]
    recognition = {"organization": cell, "decision": decision(f"{YESTERDAY}")}
    refused = await ask("registry", f"/members/{cell}-P/recognition", method="POST", json=recognition)
    assert (409, "TooFewFullMembers") == (refused.status_code, refused.json()["title"])
    inbox = await ask.json("notification", f"/inbox?organization={ROOT}")
    notices = [(one["rule"], one["period"], one["role"]) for one in inbox if one["organization"] == cell]
    assert [("CELL_BELOW_MINIMUM", f"{YESTERDAY}", "SUPERIOR")] == notices


async def test_a_merger_changes_no_total_and_leaves_the_day_before_as_it_was(ask, tell, count):
    ends, goes_on = "MERGER-A", "MERGER-B"
    await with_full_members(tell, ends, 4)
    await with_full_members(tell, goes_on, 6)
    merger = {"into": goes_on, "effective_on": "2026-07-01", "decision": decision("2026-06-20")}

    await tell(f"/organizations/{ends}/merger", merger)

    assert [(4, 0), (6, 0)] == [await count(code, "2026-06-30") for code in (ends, goes_on)]
    assert (10, 0) == await count(goes_on, "2026-07-01")
    now = await ask.json(
        "reporting", f"/organizations/{goes_on}/headcount", params={"on": "2026-06-30", "structure": "now"}
    )
    assert 10 == now["total"]


async def test_next_years_targets_ask_for_524_of_the_698_and_2000_admissions(ask, tell):
    await tell(
        "/targets",
        {
            "organization": "BINH-THUAN",
            "year": "2025",
            "measure": "GOOD_OR_BETTER",
            "percent": "75",
            "set_on": "2025-01-10",
        },
    )
    await ask.settled()

    goal = (await ask.json("reporting", "/organizations/BINH-THUAN/classes?year=2025"))["goal"]
    admissions = await ask.json("reporting", "/organizations/BINH-THUAN/admissions?year=2025")
    assert (698, 524, False) == (goal["base"], goal["needed"], goal["met"])
    assert (2_000, False, False) == (admissions["target"], admissions["met"], admissions["exceeded"])

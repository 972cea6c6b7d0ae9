"""The page of a member: by code, by role, over a life with a transfer, an exemption and an end."""

from datetime import date

import pytest
from starlette.requests import Request

from contracts.registry import (
    MemberExempted,
    MemberRecognized,
    MemberReleased,
    MembershipEnded,
    MemberTransferred,
    OfficialAppointed,
    OfficialRelieved,
)
from services.chassis.clock import utc_now
from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import Rights
from services.chassis.errors import Forbidden, NotFound
from services.chassis.parked import ParkingLot
from services.chassis.views.officials import Officials
from services.reporting.console.answers import Answers
from services.reporting.console.member import member
from services.reporting.console.reader import Reader
from services.reporting.console.sign_in import SignIn
from services.reporting.known import Known
from services.reporting.replay import Replay
from services.reporting.views import Views
from tests.reporting.story import Publisher, admitted, founded
from tests.telling import restricted

TODAY = date(2026, 11, 22)
BY = {"number": "12-QĐ/ĐU", "date": date(2026, 1, 1)}
STORY = (
    founded("G-1", "GRASSROOTS_COMMITTEE"),
    founded("C-1", parent="G-1"),
    founded("C-2", parent="G-1"),
    admitted("M-1", "C-1", date(2024, 5, 19), "PROBATIONARY"),
    admitted("M-2", "C-1", date(2020, 5, 19)),
    MemberRecognized(organization="C-1", member="M-1", full_from=date(2025, 5, 19), decision=BY),
    OfficialAppointed(
        organization="C-1", member="M-2", position="SECRETARY", from_on=date(2022, 1, 1), decision=BY
    ),
    MemberReleased(
        organization="C-1",
        member="M-1",
        to="C-2",
        kind="OFFICIAL",
        released_on=date(2026, 2, 1),
        accept_by=date(2026, 3, 1),
        decision=BY,
    ),
    MemberTransferred(
        organization="C-2",
        member="M-1",
        origin="C-1",
        kind="OFFICIAL",
        transferred_on=date(2026, 2, 9),
        decision=BY,
        reason="TRANSFER",
        standing="FULL",
    ),
    MemberExempted(organization="C-2", member="M-1", exempted_on=date(2026, 3, 1), decision=BY),
    MembershipEnded(
        organization="C-1",
        member="M-2",
        ended_on=date(2026, 10, 2),
        reason="LEFT",
        decision=BY,
        standing="FULL",
    ),
    OfficialRelieved(organization="C-1", member="M-2", position="SECRETARY", relieved_on=date(2026, 10, 2)),
)


@pytest.fixture
async def answers(
    tree, headcount, completeness, classes, structure, roster, officials, obligations, ledger, pool
):
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    deliveries = Publisher().tell(*STORY)
    for view in (ledger, *views.all):
        await view.apply(deliveries)
    return Answers(Known(views, ledger, utc_now), Replay(ledger, tree, headcount), ParkingLot(pool), dict)


async def shown(answers, code):
    life = await answers.life(code)
    return await member(answers, life, await answers.find(life.organization), today=TODAY)


async def test_a_member_is_shown_where_they_are_and_were(answers):
    page = await shown(answers, "M-1")

    assert ("FULL", "C-2", date(2026, 3, 1)) == (
        page["standing"],
        page["node"].code,
        page["exempted"].from_on,
    )
    assert [("C-2", None), ("C-1", date(2026, 2, 9))] == [
        (stay.code, stay.until_on) for stay in page["life"].stays
    ]
    assert None is page["waiting"]


async def test_what_was_told_of_a_member_is_listed_from_every_cell_the_latest_first(answers):
    assert [
        "MemberExempted",
        "MemberTransferred",
        "MemberReleased",
        "MemberRecognized",
        "MemberAdmitted",
    ] == [entry.name for entry in (await shown(answers, "M-1"))["entries"]]


async def test_a_history_writes_no_code_of_who_restricts_the_use_of_their_data(answers, roster):
    restricting = Publisher().tell(*STORY, restricted("M-2", "C-1", "2026-11-20"))[-1:]
    await roster.apply(restricting)

    timeline = await answers.timeline("C-1")

    said = {entry.data["member"] for entry in timeline if "member" in entry.data}
    assert {"M-1", "[restricted]"} == said
    assert "M-2" in {entry.message.data.get("member") for entry in timeline}
    assert None is await answers.life("M-2")


async def test_party_age_counts_from_the_decision_until_the_end(answers):
    assert (2, 6) == (
        (await shown(answers, "M-1"))["party_years"],
        (await shown(answers, "M-2"))["party_years"],
    )


async def test_of_who_left_the_page_remains(answers):
    page = await shown(answers, "M-2")

    assert ("ENDED", "LEFT", []) == (page["standing"], page["life"].reason, page["positions"])


async def test_who_reads_a_member_keeps_files_or_audits_them_and_only_within_the_subtree(answers, tree):
    async def read(role, subtree, code="M-1"):
        asking = Reader(
            SignIn(lambda _: Caller("x", frozenset({role}), subtree)),
            Rights(tree, Officials(tree.pool)),
            answers,
        )
        return await asking.member(Request({"type": "http", "headers": [], "query_string": b""}), code)

    assert "C-2" == (await read("auditor", "G-1"))[2].code
    with pytest.raises(Forbidden):
        await read("operator", "*")
    with pytest.raises(Forbidden):
        await read("secretary", "C-1")
    with pytest.raises(NotFound):
        await read("officer", "*", "M-9")

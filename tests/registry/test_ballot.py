"""Votes on a probationary member: of whom two thirds are needed, and who decides when three have failed."""

from datetime import date

import pytest

from contracts.registry import RecognitionVoteFailed
from contracts.vocabulary import Vote as Counted
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.inbox import Inbox
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry.api import routes
from services.registry.application import RecognizeMember
from services.registry.domain.ballot import (
    Ballot,
    CellStillDecides,
    NotASuperior,
    SuperiorDecides,
    VoteCarried,
    who_decides,
)
from services.registry.domain.member import (
    Member,
    MoreInFavourThanSummoned,
    NobodyLeftToVote,
    NoLongerMember,
    NotAtThisCell,
    NotProbationary,
    ProbationNotOver,
    Recognition,
    TooFewInFavour,
    Vote,
)
from services.registry.domain.words import DateInFuture, Overtaken
from services.registry.publication import publish
from tests.edges import AUTH, bearer, edge_of
from tests.logs import prepared
from tests.registry.test_memberships import (
    NOW,
    PAPER,
    RULES,
    admitted,
    but,
    ended,
    members,
    recognized,
    recognizing,
)
from tests.registry.test_memberships_application import HERE, body, lan  # noqa: F401 - a fixture
from tests.spec import fact, spec, taken
from tests.telling import Telling

pytestmark = pytest.mark.anyio
given = spec(Ballot)
LAN = members(admitted).aggregate()
CELL = "TU-C-001"

begun = fact(Ballot.Begun, member="M-0042")
failed = fact(
    Ballot.Failed,
    organization=CELL,
    voted_on="2026-04-20",
    summoned=20,
    in_favour=13,
    away=0,
    exempted_absent=0,
    rules="membership 2",
)


def voting(on="2026-04-20", vote=Vote(20, 13), member=LAN, place=CELL):  # noqa: B008 - immutable
    return taken(Ballot.fail, member, place, vote, date.fromisoformat(on), rules=RULES, at=NOW)


def after(*votes):
    return given(begun, *votes)


def refused(before, decision, why):
    before.when(decision.verb, *decision.args, **decision.kwargs).refused(why)


# -- Of whom two thirds


@pytest.mark.parametrize(
    ("vote", "carries"),
    [
        (Vote(20, 14), True),
        (Vote(20, 13), False),
        (Vote(20, 12, away=2), True),
        (Vote(20, 11, away=2), False),
        (Vote(20, 10, away=2, exempted_absent=3), True),
        (Vote(20, 9, away=2, exempted_absent=3), False),
        (Vote(3, 2), True),
        (Vote(3, 1), False),
        (Vote(3, 1, away=2), True),
    ],
)
def test_two_thirds_are_of_those_summoned_but_for_the_away_and_the_exempted_who_are_absent(vote, carries):
    assert carries is RULES.carries(vote)


def test_a_vote_that_cannot_be_is_refused():
    with pytest.raises(NobodyLeftToVote):
        RULES.carries(Vote(3, 0, away=2, exempted_absent=1))
    with pytest.raises(MoreInFavourThanSummoned):
        RULES.carries(Vote(20, 19, away=2))


def test_a_recognition_counts_alike():
    refused(members(admitted), recognizing(vote=Vote(20, 11, away=2)), TooFewInFavour)
    carried = recognizing(vote=Vote(20, 12, away=2))
    decided = but(recognized, vote_in_favour=12, vote_away=2)
    members(admitted).when(carried.verb, *carried.args, **carried.kwargs).then(decided)

    told = publish(decided.stamped("member-M-0042", 2, Member))

    assert Counted(summoned=20, in_favour=12, away=2, exempted_absent=0) == told.vote


# -- Votes that fail


def test_a_failed_vote_is_recorded_and_told_by_the_members_code():
    vote = voting(vote=Vote(20, 11, away=2, exempted_absent=1))
    counted = {"summoned": 20, "in_favour": 11, "away": 2, "exempted_absent": 1}
    stated = but(failed, **counted)
    after().when(vote.verb, *vote.args, **vote.kwargs).then(stated)

    nobody, told = (publish(one.stamped("ballot-M-0042", 1, Ballot)) for one in (begun, stated))

    said = {"organization": CELL, "member": "M-0042", "voted_on": "2026-04-20", "vote": counted}
    assert (None, RecognitionVoteFailed.model_validate(said)) == (nobody, told)


def test_what_is_no_failed_vote_is_not_recorded():
    full, gone = members(admitted, recognized).aggregate(), members(admitted, ended).aggregate()

    refused(after(), voting(vote=Vote(20, 14)), VoteCarried)
    refused(after(), voting(vote=Vote(20, 21)), MoreInFavourThanSummoned)
    refused(after(), voting(on="2026-03-14"), ProbationNotOver)
    refused(after(), voting(on="2027-01-01"), DateInFuture)
    refused(after(), voting(place="TU-C-002"), NotAtThisCell)
    refused(after(), voting(member=full), NotProbationary)
    refused(after(), voting(member=gone), NoLongerMember)
    refused(after(failed), voting(), Overtaken)


def test_after_three_failed_votes_the_cell_votes_no_more():
    thrice = after(voting("2026-04-20"), voting("2026-05-20"), voting("2026-06-20"))

    refused(thrice, voting("2026-07-20"), SuperiorDecides)


def test_the_superior_decides_after_three_failed_votes_and_not_before():
    by_cell = Recognition(CELL, PAPER)
    by_superior = Recognition(CELL, PAPER, decided_by="THAN-UYEN")

    who_decides(2, by_cell, RULES)
    who_decides(3, by_superior, RULES)
    with pytest.raises(CellStillDecides):
        who_decides(2, by_superior, RULES)
    with pytest.raises(SuperiorDecides):
        who_decides(3, by_cell, RULES)


# -- On a real log and over HTTP


@pytest.fixture
async def api(registry, store, lan):  # noqa: F811
    tree = await prepared(Tree(store.pool))
    tell = Telling()
    await tree.apply([tell(publish(recorded.fact)) for recorded in await store.read(0, 4)])
    router = routes(registry, Rights(tree, Officials(tree.pool)), AUTH)
    async with edge_of("registry", router, Inbox(store.pool)) as client:
        yield client


async def vote(api, on, headers=None):
    stated = {"organization": CELL, "voted_on": on, "vote": {"summoned": 20, "in_favour": 13}}
    headers = headers or bearer("secretary", CELL)
    return await api.post("/members/M-0042/votes", json=stated, headers=headers)


async def test_three_votes_fail_and_the_superior_recognises(api, registry, asked, store):
    assert [201] * 3 == [(await vote(api, f"2024-12-0{day}")).status_code for day in (1, 2, 3)]

    with pytest.raises(SuperiorDecides):
        await registry.memberships.recognize(RecognizeMember(**HERE), asked)
    with pytest.raises(NotASuperior):
        await registry.memberships.recognize(RecognizeMember(**HERE, decided_by=CELL), asked)
    with pytest.raises(NotASuperior):
        await registry.memberships.recognize(RecognizeMember(**HERE, decided_by="TU-C-002"), asked)
    stated = body(HERE) | {"decided_by": "THAN-UYEN"}
    of_cell = await api.post("/members/M-0042/recognition", json=stated, headers=bearer("secretary", CELL))
    of_superior = await api.post(
        "/members/M-0042/recognition", json=stated, headers=bearer("officer", "THAN-UYEN")
    )

    assert (403, 201) == (of_cell.status_code, of_superior.status_code)
    told = publish((await store.read(of_superior.json()["position"] - 1, 1))[0].fact)
    assert ("THAN-UYEN", None) == (told.decided_by, told.vote)


async def test_a_vote_rests_on_the_member_its_client_has_seen_and_is_recorded_once_under_its_name(api, store):
    seen = (await api.get("/members/M-0042", headers=bearer("officer"))).headers["ETag"]
    secretary, before = bearer("secretary", CELL) | {"Idempotency-Key": "vote-1"}, await store.head()

    stale = await vote(api, "2024-12-01", secretary | {"If-Match": '"9"'})
    first = await vote(api, "2024-12-01", secretary | {"If-Match": seen})
    again = await vote(api, "2024-12-01", secretary | {"If-Match": seen})

    assert (412, "ChangedSince") == (stale.status_code, stale.json()["title"])
    assert [(201, before + 2)] * 2 == [(one.status_code, one.json()["position"]) for one in (first, again)]
    assert ("ballot-M-0042", before + 2) == (first.json()["subject"], await store.head())


async def test_a_cell_may_still_recognise_after_two(api, registry, asked):
    assert [201] * 2 == [(await vote(api, f"2024-12-0{day}")).status_code for day in (1, 2)]

    await registry.memberships.recognize(RecognizeMember(**HERE | {"decision": LATER}), asked)


LATER = {"number": "8-QĐ/ĐU", "date": "2024-12-03"}


async def test_only_the_cell_or_an_officer_tells_of_a_vote(api):
    assert 403 == (await vote(api, "2024-12-01", bearer("secretary", "TU-C-002"))).status_code
    assert 403 == (await vote(api, "2024-12-01", bearer("auditor"))).status_code


async def test_the_person_is_given_the_votes_on_them(api):
    await vote(api, "2024-12-01")

    response = await api.get("/members/M-0042/person/export", headers=bearer("officer"))

    said = [
        one["says"] for one in response.json()["facts"] if one["source"]["fact"] == "registry.Ballot.Failed"
    ]
    assert [("2024-12-01", 13, 20)] == [(one["voted_on"], one["in_favour"], one["summoned"]) for one in said]

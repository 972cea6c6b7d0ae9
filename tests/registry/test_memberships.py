"""What may become of a member, each rule as a story: decided on 2025-02-25, ceremony on 2025-03-15."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from services.registry.application import membership_rules
from services.registry.domain.member import (
    AlreadyReleased,
    Arrival,
    AwayForAWhile,
    DeadlineOutOfRange,
    DestinationNotFounded,
    EndReason,
    Leave,
    Member,
    MembershipRules,
    MoreInFavourThanSummoned,
    NotACell,
    NotAsReleased,
    NotAtThisCell,
    NotAway,
    NotProbationary,
    NotReleased,
    NotTheDayProbationEnds,
    OnlyInASplit,
    Paper,
    ProbationNotOver,
    Recognition,
    ReleasedToItself,
    ReleaseLapsed,
    TooFewInFavour,
    TransferKind,
    TransferReason,
    Vote,
)
from services.registry.domain.member.recognition import place_on
from services.registry.domain.organization import Organization
from services.registry.domain.words import DateInFuture, Decision
from tests.registry.test_domain import DISTRICT, founded
from tests.spec import fact, spec, taken

NOW = datetime(2026, 12, 31, 5, tzinfo=UTC)
members, organizations = spec(Member), spec(Organization)

HOME = organizations(founded("TU-C-001", "GRASSROOTS_CELL", "THAN-UYEN")).aggregate()
OTHER = organizations(founded("TU-C-002", "GRASSROOTS_CELL", "THAN-UYEN", on="2004-01-01")).aggregate()
THIRD = organizations(founded("TU-C-003", "GRASSROOTS_CELL", "THAN-UYEN")).aggregate()
YOUNG = organizations(founded("TU-C-004", "GRASSROOTS_CELL", "THAN-UYEN", on="2026-05-04")).aggregate()

RULES = MembershipRules("membership 2", 12, Fraction(2, 3), 30, 3)
PAPER = Decision("7-QĐ/ĐU", date(2026, 4, 20))

admitted = fact(
    Member.Admitted,
    code="M-0042",
    organization="TU-C-001",
    decision_number="31-QĐ/HU",
    decision_dated="2025-02-25",
    ceremony_on="2025-03-15",
    standing="PROBATIONARY",
    age_rule=None,
    person=None,
)
recognized = fact(
    Member.Recognized,
    organization="TU-C-001",
    full_from="2026-03-15",
    decision_number="7-QĐ/ĐU",
    decision_dated="2026-04-20",
    vote_summoned=20,
    vote_in_favour=14,
    vote_away=0,
    vote_exempted_absent=0,
    decided_by=None,
    rules="membership 2",
)
released = fact(
    Member.Released,
    organization="TU-C-001",
    to="TU-C-002",
    kind="OFFICIAL",
    released_on="2026-05-01",
    accept_by="2026-05-31",
    decision_number="7-QĐ/ĐU",
    decision_dated="2026-04-20",
    rules="membership 2",
)
transferred = fact(
    Member.Transferred,
    organization="TU-C-002",
    came_from="TU-C-001",
    kind="OFFICIAL",
    standing="PROBATIONARY",
    transferred_on="2026-05-31",
    decision_number="7-QĐ/ĐU",
    decision_dated="2026-04-20",
    reason="TRANSFER",
)
followed = fact(Member.Followed, merged="TU-C-001", into="TU-C-003", followed_on="2026-05-01")
exempted = fact(
    Member.Exempted,
    organization="TU-C-001",
    exempted_on="2026-05-01",
    ground=None,
    decision_number="7-QĐ/ĐU",
    decision_dated="2026-04-20",
)
reinstated = fact(
    Member.Reinstated,
    organization="TU-C-001",
    reinstated_on="2026-06-01",
    decision_number="7-QĐ/ĐU",
    decision_dated="2026-04-20",
)
ended = fact(
    Member.Ended,
    organization="TU-C-001",
    standing="PROBATIONARY",
    ended_on="2026-06-01",
    reason="LEFT",
    decision_number=None,
    decision_dated=None,
)


def but(stated, **fields):
    return fact(stated.kind, **stated.fields | fields)


def recognizing(**fields):
    paper = {"place": "TU-C-001", "decision": PAPER, "vote": Vote(20, 14)} | fields
    return taken(Member.recognize, Recognition(**paper), rules=RULES, at=NOW)


def releasing(to=OTHER, place="TU-C-001", kind="OFFICIAL", on="2026-05-01", by=None):
    last = date.fromisoformat(by) if by else None
    leave = Leave(place, TransferKind(kind), date.fromisoformat(on), PAPER, last)
    return taken(Member.release, to, leave, rules=RULES, at=NOW)


def accepting(cell=OTHER, on="2026-05-31", reason="TRANSFER", **stated):
    arrival = Arrival(date.fromisoformat(on), PAPER, TransferReason(reason), **stated)
    return taken(Member.accept, cell, arrival, at=NOW)


def exempting(on="2026-05-01", place="TU-C-001"):
    paper = Paper(date.fromisoformat(on), PAPER)
    return taken(Member.exempt, place, paper, at=NOW)


def reinstating(on="2026-06-01", place="TU-C-001"):
    return taken(Member.reinstate, place, Paper(date.fromisoformat(on), PAPER), at=NOW)


def ending(reason="LEFT", on="2026-06-01", decision=None, place="TU-C-001"):
    return taken(Member.end, place, EndReason(reason), Paper(date.fromisoformat(on), decision), at=NOW)


def given(*history):
    """Return what follows an admission; a decision is taken by `.when` through `now`."""
    return members(admitted, *history)


def then(scenario, decision, *facts):
    scenario.when(decision.verb, *decision.args, **decision.kwargs).then(*facts)


def refused(scenario, decision, why, saying=""):
    scenario.when(decision.verb, *decision.args, **decision.kwargs).refused(why, saying)


# -- Recognition -----------------------------------------------------------------------------------


def test_a_member_is_full_on_the_day_probation_ends_though_the_vote_was_five_weeks_later():
    then(given(), recognizing(), recognized)

    member = given(recognizing()).aggregate()
    assert ("FULL", "2026-03-15", "2025-02-25") == (member.standing, member.full_from, member.decision_dated)


@pytest.mark.parametrize(
    ("ceremony", "ends"),
    [
        ("2025-03-15", "2026-03-15"),
        ("2024-02-29", "2025-02-28"),
        ("2023-02-28", "2024-02-28"),
        ("2024-12-31", "2025-12-31"),
    ],
)
def test_probation_ends_on_the_same_day_a_year_later_or_on_the_last_of_its_month(ceremony, ends):
    assert date.fromisoformat(ends) == RULES.probation_ends(date.fromisoformat(ceremony))


def test_nobody_is_recognized_before_probation_is_over():
    refused(given(), recognizing(decision=Decision("7", date(2026, 3, 14))), ProbationNotOver)
    then(
        given(),
        recognizing(decision=Decision("7", date(2026, 3, 15))),
        but(recognized, decision_number="7", decision_dated="2026-03-15"),
    )


def test_no_other_day_than_the_one_probation_ends_on_is_accepted():
    then(given(), recognizing(full_from=date(2026, 3, 15)), recognized)
    refused(given(), recognizing(full_from=date(2026, 4, 20)), NotTheDayProbationEnds, "ends 2026-03-15")


@pytest.mark.parametrize(("summoned", "needed"), [(20, 14), (3, 2), (21, 14), (22, 15), (1, 1)])
def test_two_thirds_of_all_full_members_summoned_are_needed(summoned, needed):
    assert needed == RULES.needed(summoned)
    RULES.count(Vote(summoned, needed))
    with pytest.raises(TooFewInFavour):
        RULES.count(Vote(summoned, needed - 1))


def test_of_twenty_summoned_with_17_present_13_in_favour_are_too_few():
    refused(given(), recognizing(vote=Vote(20, 13)), TooFewInFavour, "needed 14")


def test_more_in_favour_than_were_summoned_cannot_be():
    refused(given(), recognizing(vote=Vote(20, 21)), MoreInFavourThanSummoned)


def test_who_is_full_already_is_not_recognized():
    refused(given(recognizing()), recognizing(), NotProbationary)


def test_a_recognition_that_will_be_decided_tomorrow_is_not_recorded():
    refused(given(), recognizing(decision=Decision("7", date(2027, 1, 1))), DateInFuture)


def test_only_the_cell_of_the_member_recognizes():
    refused(given(), recognizing(place="TU-C-002"), NotAtThisCell)


def test_a_late_recognition_counts_where_the_member_was_when_probation_ended():
    moved = (releasing(on="2026-04-01"), accepting(on="2026-04-02"))

    then(given(*moved), recognizing(place="TU-C-002"), recognized)
    then(given(*moved), recognizing(place="TU-C-001"), recognized)


# -- Transfer --------------------------------------------------------------------------------------


def test_a_release_waits_thirty_days_and_the_member_stays():
    then(given(), releasing(), released)

    assert "TU-C-001" == given(releasing()).aggregate().organization


def test_accepted_by_the_last_day_a_member_belongs_to_the_other_cell():
    then(given(releasing()), accepting(), transferred)

    member = given(releasing(), accepting()).aggregate()
    assert ("TU-C-002", None, None) == (member.organization, member.released, member.home)


def test_a_day_later_the_release_has_lapsed_and_the_member_is_where_they_were():
    refused(given(releasing()), accepting(on="2026-06-01"), ReleaseLapsed)
    assert "TU-C-001" == given(releasing()).aggregate().organization


def test_a_shorter_deadline_may_be_stated_and_no_longer_one():
    then(given(), releasing(by="2026-05-10"), but(released, accept_by="2026-05-10"))
    refused(given(), releasing(by="2026-06-01"), DeadlineOutOfRange, "at most until 2026-05-31")
    refused(given(), releasing(by="2026-04-30"), DeadlineOutOfRange)


def test_a_member_already_released_is_not_released_again():
    refused(given(releasing()), releasing(to=THIRD), AlreadyReleased)
    refused(given(releasing()), releasing(to=THIRD, on="2026-05-31"), AlreadyReleased)


def test_when_a_release_has_lapsed_the_cell_may_release_anew():
    again = releasing(to=THIRD, on="2026-06-01")

    then(
        given(releasing()),
        again,
        but(released, to="TU-C-003", released_on="2026-06-01", accept_by="2026-07-01"),
    )
    refused(given(releasing(), again), accepting(on="2026-06-02"), NotReleased)


def test_a_cell_takes_nobody_who_was_not_released_to_it():
    refused(given(), accepting(), NotReleased)
    refused(given(releasing()), accepting(cell=THIRD), NotReleased)


def test_a_cell_takes_a_member_on_the_terms_of_the_release():
    refused(given(releasing()), accepting(kind=TransferKind.TEMPORARY), NotAsReleased)
    refused(given(releasing()), accepting(origin="TU-C-003"), NotAsReleased)
    then(given(releasing()), accepting(origin="TU-C-001", kind=TransferKind.OFFICIAL), transferred)


def test_only_the_own_cell_releases_and_not_to_itself():
    refused(given(), releasing(place="TU-C-002"), NotAtThisCell)
    refused(given(), releasing(to=HOME), ReleasedToItself)


def test_nobody_is_sent_where_members_are_not_kept_or_not_yet():
    refused(given(), releasing(to=DISTRICT), NotACell)
    refused(given(), releasing(to=YOUNG), DestinationNotFounded)
    then(
        given(),
        releasing(to=YOUNG, on="2026-05-04"),
        but(released, to="TU-C-004", released_on="2026-05-04", accept_by="2026-06-03"),
    )


def test_who_goes_for_a_while_comes_back_to_the_own_cell_without_being_released():
    away = (releasing(kind="TEMPORARY"), accepting())

    assert ("TU-C-002", "TU-C-001") == (
        given(*away).aggregate().organization,
        given(*away).aggregate().home,
    )
    then(
        given(*away),
        accepting(cell=HOME, on="2026-08-01", reason="RETURN"),
        but(
            transferred,
            organization="TU-C-001",
            came_from="TU-C-002",
            kind="TEMPORARY",
            transferred_on="2026-08-01",
            reason="RETURN",
        ),
    )


def test_who_is_away_goes_nowhere_else_before_coming_back():
    refused(
        given(releasing(kind="TEMPORARY"), accepting()),
        releasing(to=THIRD, place="TU-C-002", on="2026-08-01"),
        AwayForAWhile,
    )


def test_who_is_not_away_does_not_return_and_nobody_returns_elsewhere():
    refused(given(), accepting(cell=HOME, reason="RETURN"), NotAway)
    refused(
        given(releasing(kind="TEMPORARY"), accepting()),
        accepting(cell=THIRD, on="2026-08-01", reason="RETURN"),
        NotAway,
    )


def test_a_split_takes_members_along_without_a_release_and_nothing_else_does():
    refused(given(), accepting(reason="SPLIT"), OnlyInASplit)
    then(given(), accepting(reason="SPLIT", split_of="TU-C-001"), but(transferred, reason="SPLIT"))


def test_a_split_takes_only_those_along_who_are_at_what_is_split():
    refused(given(), accepting(reason="SPLIT", split_of="TU-C-003"), NotAtThisCell)


def test_who_is_away_for_a_while_goes_along_for_a_while_and_still_returns_home():
    away = (releasing(kind="TEMPORARY"), accepting())
    split = accepting(cell=THIRD, on="2026-06-01", reason="SPLIT", split_of="TU-C-002")

    moved = but(transferred, organization="TU-C-003", came_from="TU-C-002", transferred_on="2026-06-01")
    then(given(*away), split, but(moved, kind="TEMPORARY", reason="SPLIT"))
    assert "TU-C-001" == given(*away, split).aggregate().home


def test_who_comes_where_they_were_released_to_or_at_home_waits_for_nothing_any_more():
    """However they came there: by a split, or since what they were at or belong to merged into it."""
    split = accepting(reason="SPLIT", split_of="TU-C-001")
    merger = taken(Member.follow, "TU-C-001", "TU-C-002", date(2026, 6, 1), at=NOW)
    away = (releasing(kind="TEMPORARY"), accepting())

    for ways in ([releasing(), split], [releasing(), merger], [*away, merger]):
        member = given(*ways).aggregate()
        assert ("TU-C-002", None, None) == (member.organization, member.released, member.home)


def test_after_a_merger_the_member_is_where_the_organization_went():
    merger = taken(Member.follow, "TU-C-001", "TU-C-003", date(2026, 5, 1), at=NOW)
    then(given(), merger, followed)

    member = given(merger).aggregate()
    assert ("TU-C-003", "TU-C-001") == (member.organization, place_on(member, date(2026, 4, 30)))


def test_a_home_and_a_destination_that_merged_are_followed_too():
    away = given(
        releasing(kind="TEMPORARY"),
        accepting(),
        taken(Member.follow, "TU-C-001", "TU-C-003", date(2026, 6, 1), at=NOW),
    ).aggregate()
    waiting = given(
        releasing(), taken(Member.follow, "TU-C-002", "TU-C-003", date(2026, 5, 2), at=NOW)
    ).aggregate()

    assert ("TU-C-002", "TU-C-003") == (away.organization, away.home)
    assert ("TU-C-001", "TU-C-003") == (waiting.organization, waiting.released.to)


def test_the_rules_are_read_from_their_pack():
    assert membership_rules() == RULES

"""Exempted, reinstated and ended memberships, and the order of the days on which members change."""

import pytest

from services.registry.domain.member import (
    AlreadyExempted,
    EndedWithoutDecision,
    NoLongerMember,
    NotAtThisCell,
    NotExempted,
    ProbationaryNotExpelled,
)
from services.registry.domain.words import DateInFuture, Overtaken
from tests.registry.test_memberships import (
    PAPER,
    accepting,
    but,
    ended,
    ending,
    exempted,
    exempting,
    given,
    recognizing,
    refused,
    reinstated,
    reinstating,
    releasing,
    then,
)

# -- Exempted, reinstated, ended -------------------------------------------------------------------


def test_an_exempted_member_remains_one_and_may_be_reinstated():
    then(given(), exempting(), exempted)
    then(given(exempting()), reinstating(), reinstated)
    then(
        given(exempting(), reinstating()), exempting(on="2026-07-01"), but(exempted, exempted_on="2026-07-01")
    )


def test_nobody_is_exempted_twice_nor_reinstated_without_being_exempted():
    refused(given(exempting()), exempting(on="2026-05-02"), AlreadyExempted)
    refused(given(), reinstating(), NotExempted)
    refused(given(exempting(), reinstating()), reinstating(), NotExempted)


def test_a_membership_ends_and_nothing_changes_of_it_after():
    then(given(), ending(), ended)
    for late in (
        recognizing(),
        releasing(on="2026-06-01"),
        accepting(on="2026-06-01"),
        exempting(on="2026-06-01"),
        reinstating(),
        ending(),
    ):
        refused(given(ending()), late, NoLongerMember, "since 2026-06-01")


def test_who_was_released_and_died_arrives_nowhere():
    refused(given(releasing(), ending("DECEASED", on="2026-05-20")), accepting(), NoLongerMember)


@pytest.mark.parametrize("reason", ["REMOVED", "EXPELLED"])
def test_removal_and_expulsion_need_a_decision(reason):
    refused(given(recognizing()), ending(reason), EndedWithoutDecision)
    given(recognizing(), ending(reason, decision=PAPER)).aggregate()


def test_a_probationary_member_is_removed_and_not_expelled():
    refused(given(), ending("EXPELLED", decision=PAPER), ProbationaryNotExpelled)
    given(ending("REMOVED", decision=PAPER)).aggregate()


# -- The order of days -----------------------------------------------------------------------------


def test_changes_of_one_member_come_in_the_order_of_their_days():
    for late in (
        releasing(on="2026-04-30"),
        exempting(on="2026-04-30"),
        reinstating(on="2026-04-30"),
        ending(on="2026-04-30"),
    ):
        refused(given(exempting()), late, Overtaken, "2026-05-01")
    refused(given(releasing()), accepting(on="2026-04-30"), Overtaken)
    refused(given(), releasing(on="2025-03-14"), Overtaken)


def test_who_is_recognised_has_no_change_told_of_a_day_before_probation_ended():
    ends = "2026-03-15"
    refused(given(recognizing()), releasing(on="2026-03-14"), Overtaken, ends)
    assert ends == given(recognizing(), releasing(on=ends)).aggregate().released.on.isoformat()


def test_several_changes_may_come_on_one_day():
    there = {"on": "2026-05-01", "place": "TU-C-002"}

    day = given(releasing(), accepting(on="2026-05-01"), exempting(place="TU-C-002"), ending(**there))
    assert "2026-05-01" == day.aggregate().ended_on


def test_what_lies_ahead_is_not_recorded():
    for ahead in (
        releasing(on="2027-01-01"),
        accepting(on="2027-01-01"),
        exempting(on="2027-01-01"),
        reinstating(on="2027-01-01"),
        ending(on="2027-01-01"),
    ):
        refused(given(), ahead, DateInFuture)


def test_only_the_cell_a_member_is_at_speaks_of_them():
    for elsewhere in (exempting(place="TU-C-002"), reinstating(place="TU-C-002"), ending(place="TU-C-002")):
        refused(given(), elsewhere, NotAtThisCell)

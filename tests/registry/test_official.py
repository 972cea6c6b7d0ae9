"""Officials, from the rule to the wire, each as a story."""

from dataclasses import replace
from datetime import date
from typing import get_args

from contracts import registry as public
from services.registry.domain.member import Member
from services.registry.domain.official import (
    AlreadyHolds,
    AppointedBeforeFounding,
    BelongsElsewhere,
    Cause,
    EndsBeforeItBegins,
    HoldsNoSuchPosition,
    NotAFullMember,
    Officials,
    Position,
    SecretaryInOffice,
)
from services.registry.domain.organization import Organization, OrganizationEnded
from services.registry.domain.words import DateInFuture, Decision, Overtaken
from services.registry.publication import publish
from tests.registry.test_domain import CELL, PROVINCE, admitted, founded
from tests.spec import fact, spec, stamped, taken

officials, members, organizations = spec(Officials), spec(Member), spec(Organization)
SECRETARY, DEPUTY = Position.SECRETARY, Position.DEPUTY_SECRETARY


recognized = fact(
    Member.Recognized,
    organization="TU-C-001",
    full_from="2023-06-16",
    decision_number="7",
    decision_dated="2023-07-01",
    vote_summoned=None,
    vote_in_favour=None,
    vote_away=None,
    vote_exempted_absent=None,
    decided_by=None,
    rules="membership 2",
)
ended = fact(
    Member.Ended,
    organization="TU-C-001",
    standing="FULL",
    ended_on="2024-05-01",
    reason="LEFT",
    decision_number=None,
    decision_dated=None,
)
ENDED = organizations(
    founded("TU-C-001", "GRASSROOTS_CELL", "THAN-UYEN"),
    fact(
        Organization.Dissolved,
        code="TU-C-001",
        effective_on="2024-07-01",
        decision_number="9",
        decision_dated="2024-06-20",
    ),
).aggregate()


def member(code, standing="FULL", ceremony_on="2010-05-19", *history):
    """A member of TU-C-001."""
    fields = {"code": code, "standing": standing, "ceremony_on": ceremony_on, "decision_dated": "2010-05-01"}
    return members(replace(admitted, fields=admitted.fields | fields), *history).aggregate()


NGOC, BINH = member("M-0001"), member("M-0002")
DECISION = Decision("118-QĐ/HU", date(2022, 6, 10))
TERM = {
    "organization": CELL,
    "belongs": True,
    "from_on": date(2022, 6, 15),
    "until_on": None,
    "decision": DECISION,
}
begun = fact(Officials.Begun, organization="TU-C-001")
appointed = fact(
    Officials.Appointed,
    organization="TU-C-001",
    member="M-0001",
    position="SECRETARY",
    from_on="2022-06-15",
    until_on=None,
    decision_number="118-QĐ/HU",
    decision_dated="2022-06-10",
)
relieved = fact(
    Officials.Relieved,
    organization="TU-C-001",
    member="M-0001",
    position="SECRETARY",
    relieved_on="2024-03-01",
    decision_number=None,
    decision_dated=None,
    caused_by=None,
)
took_office = fact(Member.Appointed, organization="TU-C-001", from_on="2022-06-15")


def until(last, first="2022-06-15"):
    """The same appointment for a term with a last day."""
    return replace(appointed, fields=appointed.fields | {"from_on": first, "until_on": last})


def of(stated, **fields):
    return replace(stated, fields=stated.fields | fields)


def from_(day, **other):
    return TERM | {"from_on": date.fromisoformat(day)} | other


def relief(day):
    return {"relieved_on": date.fromisoformat(day), "decision": None}


# -- Who, and where


def test_the_list_of_an_organization_begins_empty():
    officials().when(Officials.begin, CELL).then(begun)


def test_an_appointment_is_recorded_with_what_was_stated():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM).then(appointed)


def test_a_term_may_have_a_last_day_that_lies_ahead():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM | {"until_on": date(2025, 6, 14)}).then(
        until("2025-06-14")
    )


def test_a_probationary_member_holds_no_position():
    new = member("M-0003", "PROBATIONARY", "2024-05-19")

    officials(begun).when(Officials.appoint, new, SECRETARY, **from_("2024-06-01")).refused(
        NotAFullMember, "M-0003 is no full member from 2024-06-01 on"
    )


def test_who_was_not_a_member_yet_held_no_position():
    officials(begun).when(
        Officials.appoint, NGOC, SECRETARY, **from_("2010-05-18", until_on=date(2012, 1, 1))
    ).refused(NotAFullMember)


def test_a_position_may_begin_on_the_day_of_full_membership():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **from_("2010-05-19")).then(
        of(appointed, from_on="2010-05-19")
    )


def test_who_was_recognised_late_may_hold_a_position_from_the_day_probation_ended():
    late = member("M-0003", "PROBATIONARY", "2022-06-16", recognized)
    seat = of(appointed, member="M-0003")

    officials(begun).when(Officials.appoint, late, SECRETARY, **from_("2023-06-15")).refused(NotAFullMember)
    officials(begun).when(Officials.appoint, late, SECRETARY, **from_("2023-06-16")).then(
        of(seat, from_on="2023-06-16")
    )


def test_a_term_lasts_no_longer_than_the_membership():
    gone = member("M-0003", "FULL", "2010-05-19", ended)
    seat = of(appointed, member="M-0003", until_on="2024-04-30")

    for last in (None, date(2024, 5, 1)):
        officials(begun).when(Officials.appoint, gone, DEPUTY, **TERM | {"until_on": last}).refused(
            NotAFullMember, "M-0003 is no full member from 2022-06-15"
        )
    officials(begun).when(Officials.appoint, gone, DEPUTY, **TERM | {"until_on": date(2024, 4, 30)}).then(
        of(seat, position="DEPUTY_SECRETARY")
    )


def test_nobody_is_appointed_where_the_organization_ended():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM | {"organization": ENDED}).refused(
        OrganizationEnded
    )


def test_who_belongs_elsewhere_holds_no_position_today():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM | {"belongs": False}).refused(
        BelongsElsewhere, "M-0001 is in TU-C-001"
    )


def test_who_has_moved_on_since_is_recorded_with_a_term_that_is_over():
    over = {"belongs": False, "until_on": date(2024, 12, 30)}

    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM | over).then(until("2024-12-30"))


def test_a_committee_above_has_officials_too():
    officials(of(begun, organization="LAI-CHAU")).when(
        Officials.appoint, NGOC, DEPUTY, **TERM | {"organization": PROVINCE}
    ).then(of(appointed, organization="LAI-CHAU", position="DEPUTY_SECRETARY"))


# -- When


def test_nobody_holds_a_position_before_the_organization_is_founded():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **from_("2003-12-31")).refused(
        AppointedBeforeFounding, "founded only on 2004-01-01"
    )


def test_an_appointment_of_tomorrow_is_not_recorded():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **from_("2025-01-01")).refused(DateInFuture)


def test_a_term_does_not_end_before_it_begins():
    officials(begun).when(
        Officials.appoint, NGOC, SECRETARY, **TERM | {"until_on": date(2022, 6, 14)}
    ).refused(EndsBeforeItBegins)


def test_a_term_may_last_one_day():
    officials(begun).when(Officials.appoint, NGOC, SECRETARY, **TERM | {"until_on": date(2022, 6, 15)}).then(
        until("2022-06-15")
    )


def test_an_appointment_that_arrives_late_goes_before_nothing():
    officials(begun, appointed).when(Officials.appoint, BINH, DEPUTY, **from_("2022-06-14")).refused(
        Overtaken, "something changed on 2022-06-15"
    )


def test_several_may_be_appointed_on_one_day():
    officials(begun, appointed).when(Officials.appoint, BINH, DEPUTY, **TERM).then(
        of(appointed, member="M-0002", position="DEPUTY_SECRETARY")
    )


def test_a_relief_that_arrives_late_goes_before_nothing():
    deputy = taken(Officials.appoint, BINH, DEPUTY, **from_("2024-06-01"))

    officials(begun, appointed, deputy).when(
        Officials.relieve, "M-0001", SECRETARY, **relief("2024-05-31")
    ).refused(Overtaken)


# -- One secretary, and no two terms of one person in one position


def test_there_is_one_secretary_at_a_time():
    officials(begun, appointed).when(Officials.appoint, BINH, SECRETARY, **from_("2024-03-01")).refused(
        SecretaryInOffice, "M-0001 is the secretary of TU-C-001 then"
    )


def test_a_secretary_follows_on_the_day_of_the_relief():
    officials(begun, appointed, relieved).when(
        Officials.appoint, BINH, SECRETARY, **from_("2024-03-01")
    ).then(of(appointed, member="M-0002", from_on="2024-03-01"))


def test_a_secretary_follows_on_the_day_after_the_last_of_a_term():
    officials(begun, until("2024-03-01")).when(
        Officials.appoint, BINH, SECRETARY, **from_("2024-03-02")
    ).then(of(appointed, member="M-0002", from_on="2024-03-02"))


def test_no_secretary_follows_on_the_last_day_of_a_term():
    officials(begun, until("2024-03-01")).when(
        Officials.appoint, BINH, SECRETARY, **from_("2024-03-01")
    ).refused(SecretaryInOffice)


def test_there_may_be_several_deputies_and_committee_members():
    deputy = of(appointed, position="DEPUTY_SECRETARY")

    officials(begun, deputy).when(Officials.appoint, BINH, DEPUTY, **TERM).then(of(deputy, member="M-0002"))


def test_nobody_holds_one_position_twice_at_a_time():
    officials(begun, appointed).when(Officials.appoint, NGOC, SECRETARY, **from_("2024-03-01")).refused(
        AlreadyHolds, "M-0001 is SECRETARY of TU-C-001 then"
    )


def test_a_secretary_may_be_a_committee_member_too():
    seat = of(appointed, position="COMMITTEE_MEMBER")

    officials(begun, appointed).when(Officials.appoint, NGOC, Position.COMMITTEE_MEMBER, **TERM).then(seat)


def test_a_second_term_may_follow_the_first():
    officials(begun, until("2024-03-01")).when(
        Officials.appoint, NGOC, SECRETARY, **from_("2024-03-02")
    ).then(of(appointed, from_on="2024-03-02"))


# -- Relieved early


def test_an_official_is_relieved_before_the_term_ends():
    officials(begun, until("2025-06-14")).when(
        Officials.relieve, "M-0001", SECRETARY, **relief("2024-03-01")
    ).then(relieved)


def test_only_who_holds_the_position_is_relieved_of_it():
    officials(begun, appointed).when(Officials.relieve, "M-0002", SECRETARY, **relief("2024-03-01")).refused(
        HoldsNoSuchPosition, "M-0002 is no SECRETARY of TU-C-001 on 2024-03-01"
    )
    officials(begun, appointed).when(Officials.relieve, "M-0001", DEPUTY, **relief("2024-03-01")).refused(
        HoldsNoSuchPosition
    )


def test_nobody_is_relieved_twice():
    officials(begun, appointed, relieved).when(
        Officials.relieve, "M-0001", SECRETARY, **relief("2024-03-01")
    ).refused(HoldsNoSuchPosition)


def test_a_term_that_is_over_is_not_ended_again():
    officials(begun, until("2024-02-29")).when(
        Officials.relieve, "M-0001", SECRETARY, **relief("2024-03-01")
    ).refused(HoldsNoSuchPosition)


def test_a_relief_of_tomorrow_is_not_recorded():
    officials(begun, appointed).when(Officials.relieve, "M-0001", SECRETARY, **relief("2025-01-01")).refused(
        DateInFuture
    )


def test_who_was_appointed_by_mistake_is_relieved_the_same_day_and_may_be_appointed_again():
    undone = of(relieved, relieved_on="2022-06-15")

    officials(begun, appointed, undone).when(Officials.appoint, BINH, SECRETARY, **TERM).then(
        of(appointed, member="M-0002")
    )
    officials(begun, appointed, undone).when(Officials.appoint, NGOC, SECRETARY, **TERM).then(appointed)


# -- Ended because something else did

deputy = of(appointed, member="M-0002", position="DEPUTY_SECRETARY", from_on="2024-06-01")


def with_it(cause, decision=None):
    """What ends on 2024-03-01, and a term with it."""
    return {"on": date(2024, 3, 1), "cause": Cause(cause), "decision": decision}


def test_with_a_membership_the_terms_of_that_member_end():
    officials(begun, appointed, deputy).when(Officials.end, "M-0001", **with_it("MEMBERSHIP_ENDED")).then(
        of(relieved, caused_by="MEMBERSHIP_ENDED")
    )


def test_with_an_organization_every_term_ends_and_what_would_begin_later_never_does():
    by = of(
        relieved,
        decision_number="118-QĐ/HU",
        decision_dated="2022-06-10",
        caused_by="ORGANIZATION_ENDED",
    )

    officials(begun, appointed, deputy).when(
        Officials.end, None, **with_it("ORGANIZATION_ENDED", DECISION)
    ).then(by, of(by, member="M-0002", position="DEPUTY_SECRETARY", relieved_on="2024-06-01"))


def test_a_term_that_is_over_does_not_end_again():
    over = with_it("TRANSFER")

    officials(begun, until("2024-02-29")).when(Officials.end, "M-0001", **over).then()
    officials(begun, appointed, relieved).when(Officials.end, "M-0001", **over).then()
    officials(begun, appointed, taken(Officials.end, "M-0001", **over)).when(
        Officials.end, None, **over
    ).then()


def test_what_ends_before_the_last_change_does_not_let_earlier_days_be_told():
    past = officials(begun, appointed, deputy, taken(Officials.end, "M-0001", **with_it("MEMBERSHIP_ENDED")))

    past.when(Officials.appoint, NGOC, SECRETARY, **from_("2024-05-31")).refused(Overtaken)
    past.when(Officials.appoint, NGOC, SECRETARY, **from_("2024-06-01")).then(
        of(appointed, from_on="2024-06-01")
    )


def test_a_member_remembers_where_there_is_a_position_and_that_nothing_was_before():
    now = members(admitted, took_office, of(took_office, from_on="2024-12-01"), took_office).aggregate()

    assert (("TU-C-001",), "2024-12-01") == (now.offices, now.changed_on)
    members(admitted).when(Member.appointed, "TU-C-001", date(2022, 6, 15)).then(took_office)


# -- The border


def test_that_a_member_was_appointed_is_told_of_the_organization():
    assert publish(stamped(took_office, Member)) is None


def test_the_registry_and_its_contract_know_the_same_causes():
    assert set(get_args(public.ReliefCause)) == set(Cause)


def test_that_a_list_begins_is_not_told():
    assert publish(stamped(begun, Officials)) is None


def test_an_appointment_is_public_as_a_whole():
    assert public.OfficialAppointed(
        organization="TU-C-001",
        member="M-0001",
        position="SECRETARY",
        from_on="2022-06-15",
        until_on="2025-06-14",
        decision={"number": "118-QĐ/HU", "date": "2022-06-10"},
    ) == publish(stamped(until("2025-06-14"), Officials))


def test_a_relief_is_public_as_a_whole():
    assert public.OfficialRelieved(
        organization="TU-C-001", member="M-0001", position="SECRETARY", relieved_on="2024-03-01"
    ) == publish(stamped(relieved, Officials))


def test_the_registry_and_its_contract_know_the_same_positions():
    assert set(get_args(public.Position)) == set(Position)

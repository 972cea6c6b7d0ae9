"""No fact is forgotten: each is stored faithfully, and each is published or kept private."""

from dataclasses import replace

import pytest

from contracts.notification import NoticeSent, NoticeSentV2
from services.notification.domain import Notice, Sweep
from services.notification.publication import publish
from tests.notification.test_domain import failed, given_up, in_inbox, made, mailed
from tests.spec import fact, facts_of, stamped, stored_and_read

EXAMPLES = [
    (Notice, made),
    (Notice, in_inbox),
    (Notice, failed),
    (Notice, given_up),
    (Sweep, fact(Sweep.Begun, first="2024-11")),
    (Sweep, fact(Sweep.Done, month="2024-11", missing=3)),
]
every_fact = pytest.mark.parametrize(
    ("kind", "fact"), EXAMPLES, ids=[f"{kind.__name__}.{fact.kind.__name__}" for kind, fact in EXAMPLES]
)


@pytest.mark.parametrize("kind", [Notice, Sweep])
def test_every_fact_has_an_example(kind):
    assert facts_of(kind) == {fact.kind for owner, fact in EXAMPLES if owner is kind}


@every_fact
def test_every_fact_comes_back_from_the_store_as_it_went_in(kind, fact):
    event = stamped(fact, kind)

    assert event == stored_and_read(event)


@every_fact
def test_every_fact_has_a_topic_that_no_renaming_can_move(kind, fact):
    assert f"notification.{kind.__name__}.{fact.kind.__name__}" == fact.kind.TOPIC


@every_fact
def test_every_fact_is_published_or_kept_private_by_choice(kind, fact):
    publish(stamped(fact, kind))  # raises LookupError if nobody has chosen


def test_a_rule_that_came_later_is_told_in_the_second_version_with_who_held_the_office():
    fell = mailed.fields | {"rule": "CELL_BELOW_MINIMUM", "period": "2024-12-12", "holder": "M-0042"}
    public = publish(stamped(replace(mailed, fields=fell), Notice))

    assert isinstance(public, NoticeSentV2)
    assert ("CELL_BELOW_MINIMUM", "2024-12-12", "M-0042") == (public.rule, public.period, public.holder)


def test_every_delivery_is_public_and_names_no_person_and_no_address():
    public = publish(stamped(mailed, Notice))

    assert isinstance(public, NoticeSent)
    assert ("TU-C-001", "TU-C-001", "EMAIL") == (public.organization, public.recipient, public.channel)
    assert "@" not in public.model_dump_json()


@pytest.mark.parametrize("fact", [made, failed, given_up], ids=lambda fact: fact.kind.__name__)
def test_a_mail_servers_trouble_stays_here(fact):
    assert publish(stamped(fact, Notice)) is None


def test_a_fact_nobody_decided_about_stops_the_relay():
    with pytest.raises(LookupError):
        publish(object())

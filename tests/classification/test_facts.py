"""No fact is forgotten: each is stored faithfully, and each is published or kept private."""

import pytest

from contracts.classification import CellClassified, evidence_of
from services.classification.domain import Classification, digest_of
from services.classification.publication import publish
from tests.classification.test_domain import EVENTS, decided, imported
from tests.spec import facts_of, stamped, stored_and_read

EXAMPLES = [decided, imported]
every_fact = pytest.mark.parametrize("fact", EXAMPLES, ids=lambda f: f.kind.__name__)


def test_every_fact_has_an_example():
    assert facts_of(Classification) == {example.kind for example in EXAMPLES}


@every_fact
def test_every_fact_comes_back_from_the_store_as_it_went_in(fact):
    event = stamped(fact, Classification)

    assert event == stored_and_read(event)


@every_fact
def test_every_fact_has_a_topic_that_no_renaming_can_move(fact):
    assert f"classification.Classification.{fact.kind.__name__}" == fact.kind.TOPIC


@every_fact
def test_every_fact_is_published_or_kept_private_by_choice(fact):
    publish(stamped(fact, Classification))  # raises LookupError if nobody has chosen


def test_a_decision_is_published_with_its_reasons_and_events_but_without_the_report():
    public = publish(stamped(decided, Classification))

    assert isinstance(public, CellClassified)
    assert ("TU-C-001", "2025", "GOOD") == (public.organization, public.period, public.level)
    assert ("assessment-12", "assessment-7") == public.events
    assert "report" not in public.model_dump()


def test_an_earlier_decision_is_published_under_the_rules_it_followed():
    assert "124-QĐ/TW" == publish(stamped(imported, Classification)).rule_pack.name


def test_a_fact_nobody_decided_about_stops_the_relay():
    with pytest.raises(LookupError):
        publish(object())


def test_the_digest_of_the_log_is_the_digest_of_the_contract():
    assert evidence_of(EVENTS) == digest_of(EVENTS)

"""What a district stores: numbered without holes, on the disk, once."""

import json
from datetime import UTC, datetime

import pytest

from contracts.publisher import Outbox, Unacceptable
from contracts.receipt import Receipt
from tests.publisher.province import SOURCE, target

ASSESSED = {
    "type": "assessment.MeetingCancelled.v1",
    "data": {
        "organization": "TU-C-001",
        "meeting": "MT-0001",
        "cancelled_at": "2024-11-05T14:00:00+07:00",
        "reason": "Bão",
    },
}


@pytest.fixture
def outbox(file):
    with Outbox(file, source=SOURCE) as outbox:
        yield outbox


def receipt(id: str, outcome: str = "accepted", **said) -> Receipt:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Receipt(source=SOURCE, id=id, outcome=outcome, service="registry", decided_at=at, **said)


def due(outbox: Outbox, after: int = 0, but=(), limit: int = 100, bytes_max: int = 1_000_000) -> list[dict]:
    return [
        json.loads(each.body) for each in outbox.due(after=after, but=but, limit=limit, bytes_max=bytes_max)
    ]


def refused(outbox: Outbox, *events) -> list[tuple[str, str]]:
    with pytest.raises(Unacceptable) as why:
        outbox.add_all(events)
    return [(problem.rule, problem.field) for problem in why.value.problems]


def test_each_owner_has_numbers_of_its_own_from_one(outbox):
    stored = outbox.add_all([target(1), ASSESSED, target(2)])

    assert [("registry", 1), ("assessment", 1), ("registry", 2)] == [(s.service, s.number) for s in stored]


def test_so_has_each_source(outbox):
    stored = outbox.add_all([target(1), target(2, source="urn:other")])

    assert [1, 1] == [one.number for one in stored]


def test_numbers_go_on_when_the_file_is_opened_again(outbox, file):
    outbox.add_all([target(1), target(2)])

    with Outbox(file, source=SOURCE) as again:
        assert 3 == again.add_all([target(3)])[0].number


def test_an_event_stored_twice_is_one(outbox):
    first, again = outbox.add_all([target(1), target(1)])

    assert (1, True, 1, False) == (first.number, first.new, again.number, again.new)
    assert 1 == outbox.unconfirmed()


def test_an_event_without_an_id_is_named_after_what_it_says(outbox):
    first, again, other = outbox.add_all([target(n, id=None) for n in (1, 1, 2)])

    assert first.id == again.id != other.id


def test_an_id_with_other_content_is_refused_and_nothing_of_the_batch_stored(outbox):
    outbox.add_all([target(1)])

    assert [("IdReused", "id")] == refused(outbox, target(2), target(3, id="t-1"))
    assert 1 == outbox.unconfirmed()
    assert 2 == outbox.add_all([target(2)])[0].number


def test_what_the_province_would_refuse_is_not_stored(outbox):
    assert [("UnknownEvent", "type")] == refused(outbox, target(1, type="registry.NoSuch.v1"))
    assert [("UnknownEvent", "type")] == refused(outbox, target(1, type="registry.DeadlineNoted.v1"))
    assert [("BreaksContract", "year")] == refused(outbox, target(1, data=target(1)["data"] | {"year": "24"}))
    assert [("Malformed", "id")] == refused(outbox, target(1, id="\n"))
    assert [("Malformed", "number")] == refused(outbox, target(1) | {"number": 7})
    assert [("Malformed", "")] == refused(outbox, target(1, data={"organization": object()}))
    assert [("TooLarge", "")] == refused(outbox, target(1, data={"organization": "x" * 300_000}))
    assert [] == outbox.streams()


def test_a_batch_is_stored_once_by_its_name(outbox):
    assert outbox.add_once("a", "file-a", []) == []
    assert outbox.add_once("a", "file-a", []) is None
    assert outbox.has_batch("a")


def test_what_is_due_comes_in_its_order_with_its_number_and_within_bounds(outbox):
    outbox.add_all([target(n) for n in range(1, 6)])

    assert [1, 2, 3, 4, 5] == [event["number"] for event in due(outbox)]
    assert [3, 5] == [event["number"] for event in due(outbox, after=2, but={4})]
    assert [1, 2] == [event["number"] for event in due(outbox, limit=2)]
    assert [1] == [event["number"] for event in due(outbox, bytes_max=10)]
    assert "t-1" == due(outbox)[0]["id"]


def test_what_is_answered_is_no_longer_due(outbox):
    outbox.add_all([target(1), target(2), target(3)])

    assert [1, 2] == outbox.settle([receipt("t-1"), receipt("t-2", "rejected", reason="TooEarly")])
    assert ["t-3"] == [event["id"] for event in due(outbox)]
    assert [(1, 1, 1)] == [(s.unconfirmed, s.accepted, s.rejected) for s in outbox.streams()]
    assert ["TooEarly"] == [one.reason for one in outbox.shown("rejected", limit=10)]
    assert ["t-3"] == [one.id for one in outbox.shown(None, limit=10)]


def test_what_was_rejected_may_be_accepted_after_all_and_what_was_accepted_stays(outbox):
    outbox.add_all([target(1)])
    outbox.settle([receipt("t-1", "rejected")])

    assert [1] == outbox.settle([receipt("t-1")])
    assert [] == outbox.settle([receipt("t-1", "rejected"), receipt("nobody's"), receipt("t-1", number=9)])
    assert [1] == [stream.accepted for stream in outbox.streams()]


def test_what_the_province_misses_is_due_again(outbox):
    outbox.add_all([target(n) for n in range(1, 5)])
    outbox.settle([receipt(f"t-{n}") for n in range(1, 5)])

    assert [2, 4] == outbox.reopen(SOURCE, "registry", [(2, 2), (3, 9)], but={3})
    assert ["t-2", "t-4"] == [event["id"] for event in due(outbox)]


def test_a_new_file_goes_on_behind_what_the_province_has_seen(outbox):
    outbox.add_all([target(1), target(2)])

    outbox.begin_after(SOURCE, "registry", 412)
    outbox.begin_after(SOURCE, "registry", 412)

    assert [413, 414] == [event["number"] for event in due(outbox)]
    assert 415 == outbox.add_all([target(3)])[0].number


def test_numbers_that_may_have_been_sent_stay_and_new_ones_go_on_behind(outbox):
    outbox.add_all([target(1), target(2)])
    outbox.offer()

    outbox.begin_after(SOURCE, "registry", 412)

    assert 413 == outbox.add_all([target(3)])[0].number
    assert [1, 2, 413] == [event["number"] for event in due(outbox)]
    assert {(SOURCE, "registry"): 413} == outbox.last_offered()

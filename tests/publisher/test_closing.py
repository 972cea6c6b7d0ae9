"""A month closed by a district: all it numbered since the closing before, signed."""

import json
from datetime import UTC, datetime

import pytest

from contracts.publisher import Credentials, Outbox, Unacceptable
from contracts.publisher.closing import close_period
from contracts.receipt import Receipt
from contracts.registry_closings import PeriodClosed, signature_of
from deploy.cli.district import credentials_of
from tests.publisher.province import CODE, SOURCE, target
from tests.publisher.test_outbox import ASSESSED

KEY = "5e" * 32
AT = datetime(2024, 12, 2, 1, tzinfo=UTC)


@pytest.fixture
def outbox(file):
    with Outbox(file, source=SOURCE, clock=lambda: AT) as outbox:
        yield outbox


@pytest.fixture
def keyed() -> Credentials:
    given = credentials_of(CODE, "nats://u:p@127.0.0.1:1")
    return given.model_copy(update={"signing_key": KEY, "key": 3})


def closed(outbox: Outbox) -> list[dict]:
    rows = outbox.between(SOURCE, "registry", 1, 99)
    said = [json.loads(content) for _, _, content in rows]
    return [event["data"] for event in said if event["type"] == PeriodClosed.type]


def refusal(outbox: Outbox, credentials: Credentials, period: str) -> str:
    with pytest.raises(Unacceptable) as why:
        close_period(outbox, credentials, period)
    return why.value.problems[0].rule


def cuts(data: dict) -> list[tuple]:
    return [(cut["service"], cut["first"], cut["last"], cut["count"]) for cut in data["streams"]]


def test_a_closing_is_a_numbered_event_that_covers_every_stream_and_is_signed(outbox, keyed):
    outbox.add_all([target(1), target(2), ASSESSED])

    stored = close_period(outbox, keyed, "2024-11")
    [data] = closed(outbox)

    assert ("registry", 3) == (stored.service, stored.number)
    assert [("assessment", 1, 1, 1), ("registry", 1, 2, 2)] == cuts(data)
    assert ("2024-11", CODE, 3) == (data["period"], data["organization"], data["key"])
    assert signature_of(data, KEY) == data["signature"] == PeriodClosed.model_validate(data).signature


def test_the_next_month_goes_on_after_it(outbox, keyed):
    outbox.add_all([target(1)])
    close_period(outbox, keyed, "2024-10")
    outbox.add_all([target(2)])
    close_period(outbox, keyed, "2024-11")

    assert [("registry", 2, 3, 2)] == cuts(closed(outbox)[1])


def test_a_month_is_closed_once(outbox, keyed):
    outbox.add_all([target(1)])
    close_period(outbox, keyed, "2024-11")

    assert "PeriodClosedAlready" == refusal(outbox, keyed, "2024-11")
    assert "PeriodClosedAlready" == refusal(outbox, keyed, "2024-10")


def test_a_closing_that_was_rejected_may_be_tried_again(outbox, keyed):
    outbox.add_all([target(1)])
    first = close_period(outbox, keyed, "2024-11")
    no = Receipt(source=SOURCE, id=first.id, outcome="rejected", service="registry", decided_at=AT)
    outbox.settle([no])
    outbox.add_all([target(2)])
    close_period(outbox, keyed, "2024-11")

    assert [("registry", 1, 3, 3)] == cuts(closed(outbox)[1])


def test_without_a_key_nothing_is_closed(outbox):
    assert "BadSignature" == refusal(outbox, credentials_of(CODE, "nats://u:p@127.0.0.1:1"), "2024-11")


def test_what_only_another_file_had_cannot_be_closed_here(outbox, keyed):
    outbox.add_all([target(1)])
    outbox.begin_after(SOURCE, "registry", 412)

    assert "CountDiffers" == refusal(outbox, keyed, "2024-11")

"""A publisher on a real NATS: whatever the line does, everything arrives in its order, and is answered."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from contracts.publisher import OtherSends, Outbox, Publisher, line
from contracts.publisher import flight as flights
from contracts.publisher import publisher as sending
from contracts.publisher.flight import Flight
from tests.chassis.story import until
from tests.patience import PATIENCE_S
from tests.publisher.province import SOURCE, target


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """A test connects again soon."""
    monkeypatch.setattr(sending, "PAUSE_S", 0.05)
    monkeypatch.setattr(sending, "PAUSE_S_MAX", 0.1)
    monkeypatch.setattr(sending, "LOOK_EVERY_S", 0.05)


@asynccontextmanager
async def publishing(credentials, file, *numbers: int):
    with Outbox(file, source=SOURCE) as outbox:
        outbox.add_all(target(number) for number in numbers)
        async with Publisher(credentials, outbox) as publisher:
            yield publisher


async def confirmed(publisher: Publisher) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await publisher.confirmed()


async def test_ten_lines_are_enough(province, credentials, file):
    async with Publisher(credentials, file) as publisher:
        publisher.add("registry.AdmissionTargetSet.v1", target(1)["data"])
        await confirmed(publisher)

    assert [SOURCE] == [event["source"] for event in province.recorded.values()]


async def test_everything_arrives_in_its_order_and_once(province, credentials, file):
    async with publishing(credentials, file, *range(1, 2_501)) as publisher:
        await confirmed(publisher)

    assert list(range(1, 2_501)) == province.numbers
    assert 2_500 == len(province.deliveries)


async def test_what_is_stored_without_a_line_is_sent_when_there_is_one(server, province, credentials, file):
    server.kill()
    async with publishing(credentials, file, 1) as publisher:
        await until(lambda: "cannot reach" in publisher.standing.said)
        publisher.add(**{name: target(2)[name] for name in ("type", "data", "id")})
        assert 2 == publisher.outbox.unconfirmed()
        server.start()
        await confirmed(publisher)

    assert [1, 2] == province.numbers


async def test_a_line_cut_again_and_again_loses_nothing_and_keeps_order(server, province, credentials, file):
    async with publishing(credentials, file, *range(1, 3_001)) as publisher:
        for seen in (200, 900, 1_800):
            await until(lambda seen=seen: len(province.recorded) > seen)
            server.kill()
            server.start()
        await confirmed(publisher)

    assert list(range(1, 3_001)) == province.numbers


async def test_an_event_is_kept_until_its_receipt_and_sent_again_on_the_next_line(
    province, credentials, file
):
    province.silent = True
    async with publishing(credentials, file, 1, 2) as publisher:
        await until(lambda: len(province.deliveries) == 2)
        assert 2 == publisher.outbox.unconfirmed()
    province.silent = False
    async with publishing(credentials, file) as publisher:
        await confirmed(publisher)

    assert [1, 2] == province.numbers
    assert {"t-1": 2, "t-2": 2} == province.times


async def test_what_waits_too_long_for_its_receipt_is_sent_again(province, credentials, file, monkeypatch):
    monkeypatch.setattr(flights, "ANSWERED_WITHIN_S", 0.2)
    province.silent = True
    async with publishing(credentials, file, 1) as publisher:
        await until(lambda: len(province.deliveries) == 1)
        province.silent = False
        await confirmed(publisher)

    assert {"t-1": 2} == province.times


async def test_what_the_province_asks_for_is_sent_again_though_it_was_answered(province, credentials, file):
    async with publishing(credentials, file, *range(1, 6)) as publisher:
        await confirmed(publisher)
        await until(lambda: publisher.standing.connected)
        publisher._news = set(), set()  # as after two minutes
        province.forget("t-2", "t-3", "t-5")
        await province.want((2, 3), (5, 5))
        await until(lambda: len(province.recorded) == 5)
        await confirmed(publisher)

    assert {"t-1": 1, "t-2": 2, "t-3": 2, "t-4": 1, "t-5": 2} == province.times


async def test_what_the_province_lost_is_sent_again_on_connecting(province, credentials, file):
    async with publishing(credentials, file, 1, 2, 3) as publisher:
        await confirmed(publisher)
    province.forget("t-1", "t-3")

    async with publishing(credentials, file):
        await until(lambda: len(province.recorded) == 3)

    assert {"last": 3, "source": SOURCE} == province.stated[-1]


async def test_a_rejection_is_kept_with_its_reason(province, credentials, file):
    province.rejects["t-2"] = "UnknownOrganization"
    async with publishing(credentials, file, 1, 2, 3) as publisher:
        await confirmed(publisher)
        [rejected] = publisher.outbox.shown("rejected", limit=10)

    assert ("t-2", 2, "UnknownOrganization") == (rejected.id, rejected.number, rejected.reason)


async def test_a_correction_names_what_it_replaces(province, credentials, file):
    async with publishing(credentials, file) as publisher:
        publisher.outbox.add_all([target(1), target(2, id="t-1b", replaces="t-1")])
        await confirmed(publisher)

    assert [None, "t-1"] == [event.get("replaces") for event in province.recorded.values()]


async def test_what_another_program_stores_is_sent_too(province, credentials, file):
    async with publishing(credentials, file) as publisher:
        await until(lambda: publisher.standing.connected)
        with Outbox(file, source=SOURCE) as other:
            other.add_all([target(1)])
        await until(lambda: province.numbers)

    assert [1] == province.numbers


async def test_one_program_sends_and_no_other(province, credentials, file):
    async with publishing(credentials, file):
        with pytest.raises(OtherSends), Outbox(file, source=SOURCE) as outbox:
            await Publisher(credentials, outbox).__aenter__()


async def test_who_is_not_let_in_is_told_and_loses_nothing(province, credentials, file, monkeypatch):
    monkeypatch.setattr(line, "CONNECT_WITHIN_S", 1)
    wrong = credentials.model_copy(update={"password": "wrong"})
    async with publishing(wrong, file, 1) as publisher:
        await until(lambda: "cannot reach" in publisher.standing.said)
        assert 1 == publisher.outbox.unconfirmed()


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_clock_that_is_a_day_off_changes_nothing(province, credentials, file, days):
    clock = lambda: datetime.now(UTC) + timedelta(days)  # noqa: E731
    with Outbox(file, source=SOURCE, clock=clock) as outbox:
        outbox.add_all([target(1), target(2)])
        async with Publisher(credentials, outbox) as publisher:
            await confirmed(publisher)

    assert [1, 2] == province.numbers


async def test_a_new_file_goes_on_behind_the_numbers_the_province_has_seen(
    province, credentials, file, tmp_path
):
    async with publishing(credentials, file, 1, 2, 3) as publisher:
        await confirmed(publisher)

    async with publishing(credentials, tmp_path / "new.db", 4, 5) as publisher:
        await confirmed(publisher)

    assert {"t-1": 1, "t-2": 2, "t-3": 3, "t-4": 4, "t-5": 5} == {
        id: event["number"] for id, event in province.recorded.items()
    }


async def test_what_only_a_lost_file_had_is_said(province, credentials, file, tmp_path):
    async with publishing(credentials, file, 1, 2, 3) as publisher:
        await confirmed(publisher)
    province.forget("t-2")

    async with publishing(credentials, tmp_path / "new.db", 4) as publisher:
        await confirmed(publisher)
        assert ((SOURCE, "registry", (2, 2)),) == publisher.standing.lacking


def test_the_wait_for_a_receipt_doubles_and_no_more_than_to_its_bound():
    flight, waits, now = Flight(), [], 0.0
    for _ in range(8):
        flight.sent([1], at_s=now)
        [wait] = [sent.within_s for sent in flight._sent.values()]
        waits.append(wait)
        now += wait + 1
        assert [1] == flight.overdue(now_s=now)
        flight.again([1])

    assert [30, 60, 120, 240, 480, 960, 1_800, 1_800] == waits

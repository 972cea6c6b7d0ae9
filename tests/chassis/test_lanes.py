"""A lane for each district: no flood, poison or restart of one stands in another's way."""

import asyncio
from time import monotonic

import anyio
import pytest
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError
from prometheus_client import CollectorRegistry

from services.chassis.districts import lane as lane_module
from services.chassis.districts.intake import Intake
from services.chassis.errors import Overloaded
from services.chassis.streams.bus import declare_intake
from tests.chassis.districts import admission, district, founding, target
from tests.chassis.lamps import parked
from tests.chassis.story import until
from tests.patience import PATIENCE_S

FLOOD = 3_000


@pytest.fixture
def province(broker, store, lamps, hasty):
    """Return the registry's intake for districts that may speak of everything, its lanes not yet open."""
    return open_house(broker, store, lamps)


def open_house(broker, store, lamps):
    async def anything(*_):
        return True

    return Intake(
        store,
        lamps.handlers(),
        broker=broker,
        check=anything,
        begins={"MemberAdmitted": "member"},
        settled=anything,
        metrics=CollectorRegistry(),
    )


async def publish_many(district, name, bodies):
    async with anyio.create_task_group() as tasks:
        for body in bodies:
            tasks.start_soon(district.publish, name, body)


# -- Fair share


async def test_a_flood_of_one_district_delays_no_others_events_by_a_second(nats, intake, than_uyen, lamps):
    flood = [founding(f"f-{n}", f"TU-F-{n:05}") for n in range(FLOOD)]
    waited_s = []
    async with district(nats, "TAM-KY") as tam_ky:
        await tam_ky.tell("OrganizationFounded", founding("e-0", "TK-C-000", parent="TAM-KY"))
        await publish_many(than_uyen, "OrganizationFounded", flood)
        flooded_at = monotonic()
        while len(than_uyen.heard) < FLOOD * 3 // 4:
            began, n = monotonic(), len(waited_s) + 1
            await tam_ky.tell("OrganizationFounded", founding(f"e-{n}", f"TK-C-{n:03}", parent="TAM-KY"))
            waited_s.append(monotonic() - began)
        flood_s = monotonic() - flooded_at
        await than_uyen.answers(FLOOD)

    assert {"accepted"} == {receipt.outcome for _, receipt in than_uyen.heard}
    assert len(waited_s) >= 3
    assert max(waited_s) < max(1.0, flood_s / 2), "or a slow machine's share of the flood"


async def test_a_poisoned_event_of_one_district_delays_no_other(nats, intake, than_uyen, monkeypatch):
    monkeypatch.setattr(lane_module, "patience_s", lambda attempt: 5.0)
    async with district(nats, "TAM-KY") as tam_ky:
        await than_uyen.publish("AdmissionTargetSet", target("e-1", "TU-C-001"))
        receipt = await tam_ky.tell("OrganizationFounded", founding("e-2", "TK-C-009", parent="TAM-KY"))

    assert "accepted" == receipt.outcome


async def test_what_a_lane_takes_shrinks_as_others_are_busy(province):
    lanes = province.lanes
    taken = []
    for n in range(20):
        lanes.lanes[str(n)] = lane = lane_module.Lane(lanes, str(n))
        taken.append(lanes.share)
        lane.in_hand = lanes.share

    assert [256, 128, 64] == taken[:3]
    assert 1 == taken[-1]
    assert lanes.in_hand <= lane_module.IN_HAND_MAX + 20


async def test_a_lane_takes_less_at_once_where_that_takes_long_and_more_again_where_it_does_not(province):
    lane = lane_module.Lane(province.lanes, "THAN-UYEN")
    taken = []
    for took_s in (0.5, 0.5, 0.15, 0.05, 9.0, 9.0, 9.0, 9.0):
        lane.in_hand = lane._most
        lane._pace(took_s)
        taken.append(lane._most)

    assert [128, 64, 64, 128, 64, 32, 16, 16] == taken


# -- Order


async def test_what_stands_behind_an_event_that_failed_waits_for_it(than_uyen, lamps):
    await than_uyen.tell("OrganizationFounded", founding("e-0", "TU-C-001"))
    lamps.away = {"M-0003": 4, "M-0017": 2}
    for n in range(30):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    await than_uyen.answers(31)

    assert [f"M-{n:04}" for n in range(30)] == lamps.taken


async def test_an_overload_of_ours_is_waited_for(than_uyen, lamps, store):
    lamps.trouble = [Overloaded("the queue is full")] * 7
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert "accepted" == receipt.outcome
    assert [] == await parked(store)


@pytest.fixture
def beginning(intake, lamps):
    """Return the lamps, each admission beginning one of its own."""
    intake.begins = {"MemberAdmitted": "member"}
    intake.handlers = intake.handlers | {"MemberAdmitted": lamps.install_anew}
    return lamps


async def test_events_that_begin_something_of_their_own_are_recorded_in_order_without_waiting(
    than_uyen, beginning, store
):
    for n in range(200):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    receipts = await than_uyen.answers(200)

    assert {"accepted"} == {receipt.outcome for receipt in receipts}
    assert [f"lamp-M-{n:04}" for n in range(200)] == [
        recorded.fact.originator_id for recorded in await store.read(0, 300)
    ]


async def test_what_is_begun_behind_one_that_asks_the_database_first_keeps_its_place(
    than_uyen, beginning, store
):
    beginning.asking = {f"M-{n:04}" for n in range(0, 60, 7)}
    for n in range(60):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    await than_uyen.answers(60)

    assert [f"lamp-M-{n:04}" for n in range(60)] == [
        recorded.fact.originator_id for recorded in await store.read(0, 100)
    ]


async def test_of_two_that_would_begin_the_same_the_second_is_refused(than_uyen, beginning, store):
    for n in range(40):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n % 30:04}"))
    receipts = await than_uyen.answers(40)

    taken = {receipt.id for receipt in receipts if receipt.reason == "CodeTaken"}
    assert {f"m-{n}" for n in range(30, 40)} == taken
    assert [f"lamp-M-{n:04}" for n in range(30)] == [
        recorded.fact.originator_id for recorded in await store.read(0, 300)
    ]


async def test_what_is_begun_behind_one_that_failed_waits_for_it(than_uyen, beginning):
    beginning.away = {"M-0003": 3, "M-0017": 2}
    for n in range(30):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    await than_uyen.answers(30)

    assert [f"M-{n:04}" for n in range(30)] == beginning.taken


# -- From the one consumer of all to lanes


async def test_the_shared_consumer_is_taken_over_without_loss_or_doubling(nats, province, broker, lamps):
    js = broker.connection.jetstream()
    await declare_intake(js)
    subjects = [f"intake.*.{name}" for name in province.handlers]
    await js.add_consumer(
        "INTAKE", ConsumerConfig(durable_name="intake-registry", filter_subjects=subjects, ack_wait=60)
    )
    async with district(nats) as than_uyen, district(nats, "TAM-KY") as tam_ky:
        for n in range(4):
            await than_uyen.publish("OrganizationFounded", founding(f"a-{n}", f"TU-C-{n:03}"))
            await tam_ky.publish("OrganizationFounded", founding(f"b-{n}", f"TK-C-{n:03}"))
        former = await js.pull_subscribe_bind("intake-registry", "INTAKE")
        for message in (await former.fetch(5))[:3]:
            await message.ack_sync()
        await former.unsubscribe()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(province.lanes.run)
            await than_uyen.answers(2)
            await tam_ky.answers(3)
            await until(lambda: is_gone(js, "intake-registry"))
            tasks.cancel_scope.cancel()

    assert {"a-2", "a-3"} == {receipt.id for _, receipt in than_uyen.heard}
    assert {"b-1", "b-2", "b-3"} == {receipt.id for _, receipt in tam_ky.heard}
    assert {"accepted"} == {receipt.outcome for _, receipt in than_uyen.heard + tam_ky.heard}


async def is_gone(js, durable):
    try:
        await js.consumer_info("INTAKE", durable)
    except NotFoundError:
        return True
    return False


# -- The life of a lane


async def test_a_lane_whose_consumer_is_deleted_ends_the_process(nats, province, broker, monkeypatch):
    js = broker.connection.jetstream()
    await declare_intake(js)
    async with district(nats) as than_uyen:
        await than_uyen.publish("OrganizationFounded", founding("e-1", "TU-C-009"))
        running = asyncio.create_task(province.lanes.run())
        await than_uyen.answers(1)
    await js.delete_consumer("INTAKE", "intake-registry-THAN-UYEN")

    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(running, PATIENCE_S)
    assert ended.group_contains(
        RuntimeError, match="the consumer intake-registry-THAN-UYEN of INTAKE is gone"
    )


async def test_a_server_that_restarted_and_forgot_an_idle_pull_is_asked_again(
    nats, intake, than_uyen, monkeypatch
):
    monkeypatch.setattr(lane_module, "SILENCE_S", 0.2)
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-008"))
    nats.kill()
    await until(lambda: not than_uyen.connection.is_connected)
    nats.start()
    await until(lambda: than_uyen.connection.is_connected)

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", founding("e-2", "TU-C-009"))).outcome


async def test_a_pull_that_fell_silent_is_asked_again(nats, province, broker, monkeypatch):
    ask, asked = lane_module.Lane._ask, []

    async def losing(lane):
        asked.append(lane)
        if len(asked) > 1:
            await ask(lane)
        else:
            lane.pull.asked = lane_module.PULL_MAX

    monkeypatch.setattr(lane_module.Lane, "_ask", losing)
    monkeypatch.setattr(lane_module, "SILENCE_S", 0.2)
    await declare_intake(broker.connection.jetstream())
    async with district(nats) as than_uyen, anyio.create_task_group() as tasks:
        tasks.start_soon(province.lanes.run)
        receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
        tasks.cancel_scope.cancel()

    assert "accepted" == receipt.outcome


async def test_a_closed_intake_answers_what_it_has_and_leaves_the_rest_to_the_next(
    nats, province, broker, store, lamps
):
    js = broker.connection.jetstream()
    await declare_intake(js)
    async with district(nats) as than_uyen:
        await publish_many(
            than_uyen, "OrganizationFounded", [founding(f"e-{n}", f"TU-C-{n:03}") for n in range(600)]
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(province.lanes.run)
            await than_uyen.answers(1)
            await province.lanes.close()
        answered = len(await store.read(0, 1000))
        assert 0 < answered < 600
        await until(lambda: are_left(js, 600 - answered))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(open_house(broker, store, lamps).lanes.run)
            await until(lambda: len({receipt.id for _, receipt in than_uyen.heard}) == 600)
            tasks.cancel_scope.cancel()
    assert 600 == len(await store.read(0, 1000))


async def are_left(js, count):
    consumer = await js.consumer_info("INTAKE", "intake-registry-THAN-UYEN")
    return count == consumer.num_ack_pending + consumer.num_pending

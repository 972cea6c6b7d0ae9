"""How far a service has come with its districts, as another service sees it."""

import asyncio

import anyio
from nats.js.api import ConsumerConfig

from services.chassis.districts import late, standing
from services.chassis.districts.standing import Standing, caught_up, standings
from services.chassis.streams.bus import declare_intake
from services.chassis.streams.relay import Relay
from tests.chassis.districts import admission, district, founding
from tests.chassis.story import founded, publish, until
from tests.telling import delivered


async def always():
    return True


def test_a_lane_was_tried_and_answered_up_to_a_place():
    idle, flooded = Standing(delivered=4, answered=4), Standing(delivered=7, undelivered=9, answered=7)
    waiting = Standing(delivered=9, answered=5, unanswered=1)

    assert idle.was_answered(100)
    assert (flooded.was_tried(7), flooded.was_tried(8)) == (True, False)
    assert (waiting.was_tried(100), waiting.was_answered(6), waiting.was_answered(7)) == (True, True, False)


async def test_where_each_lane_of_a_service_stands_is_asked_of_the_stream(nats, broker, js):
    await declare_intake(js)
    async with district(nats) as than_uyen, district(nats, "TAM-KY") as tam_ky:
        for n in range(3):
            await than_uyen.publish("OrganizationFounded", founding(f"e-{n}", f"TU-C-{n:03}"))
        await tam_ky.publish("MemberAdmitted", admission("e-9", "TK-C-001"))
        await tam_ky.publish("MeetingHeld", admission("e-9", "TK-C-001"))
    await js.add_consumer(
        "INTAKE",
        ConsumerConfig(durable_name="intake-registry-THAN-UYEN", filter_subject="intake.THAN-UYEN.>"),
    )
    reader = await js.pull_subscribe_bind("intake-registry-THAN-UYEN", "INTAKE")
    [first, _] = await reader.fetch(2)
    await first.ack_sync()

    lanes = await standings(broker.connection, "registry")
    assert {Standing(2, 1, 1, 1), Standing(undelivered=1)} == set(lanes)
    assert [Standing(undelivered=1)] == await standings(broker.connection, "assessment")
    assert [] == await standings(broker.connection, "classification")


async def test_what_stands_before_it_in_anothers_lane_may_be_what_an_event_waits_for(
    nats, broker, intake, than_uyen, lamps, monkeypatch
):
    monkeypatch.setattr(late, "KNOWN_WITHIN_S", 0.0)
    js, released = broker.connection.jetstream(), asyncio.Event()

    async def held(event, origin):
        if event.organization == "TK-C-001":
            await released.wait()
        return await lamps.install(event, origin)

    intake.handlers = intake.handlers | {"OrganizationFounded": held}
    await js.add_consumer(
        "INTAKE",
        ConsumerConfig(
            durable_name="intake-registry-TAM-KY", filter_subject="intake.TAM-KY.*", max_ack_pending=1
        ),
    )
    async with district(nats, "TAM-KY") as tam_ky:
        for n in (1, 2):
            await tam_ky.publish("OrganizationFounded", founding(f"b-{n}", f"TK-C-{n:03}", parent="TAM-KY"))
        await than_uyen.publish("MemberAdmitted", admission("a-1", "NOWHERE"))
        passing = await than_uyen.tell("OrganizationFounded", founding("a-2", "TU-C-009"))
        assert "a-2" == passing.id
        released.set()
        await tam_ky.answers(2)
        receipts = await than_uyen.answers(2)

    assert ("a-1", "UnknownOrganization") == (receipts[1].id, receipts[1].reason)


async def test_it_has_caught_up_when_all_that_was_said_before_is_answered_whatever_is_said_meanwhile(
    broker, intake, than_uyen, lamps, monkeypatch
):
    released = {"TU-C-001": asyncio.Event(), "TU-C-002": asyncio.Event()}
    in_hand, asked = asyncio.Event(), asyncio.Event()

    async def held(event, origin):
        in_hand.set()
        await released[event.organization].wait()
        return await lamps.install(event, origin)

    async def seen(*args):
        asked.set()
        return await standings(*args)

    intake.handlers = intake.handlers | {"OrganizationFounded": held}
    monkeypatch.setattr(standing, "standings", seen)
    everything_read = caught_up(broker, ["registry"], always)
    await than_uyen.publish("OrganizationFounded", founding("e-1", "TU-C-001"))
    await in_hand.wait()
    asking = asyncio.create_task(everything_read())
    await asked.wait()
    await than_uyen.publish("OrganizationFounded", founding("e-2", "TU-C-002"))
    released["TU-C-001"].set()

    assert await asking
    monkeypatch.setattr(standing, "READ_WITHIN_S", 0.3)
    assert not await everything_read()
    released["TU-C-002"].set()
    await than_uyen.answers(2)


async def test_it_has_not_caught_up_before_its_log_is_carried_and_read(
    broker, js, intake, than_uyen, store, database, marks, monkeypatch
):
    monkeypatch.setattr(standing, "READ_WITHIN_S", 0.3)
    relay = Relay(store, publish, broker, database)
    everything_read = caught_up(broker, ["registry"], relay.carried, (marks, ["registry"]))
    assert await everything_read()
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-001"))
    assert not await everything_read()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(relay.run)
        await until(lambda: relay.position == receipt.position)
        assert not await everything_read()
        await marks.apply([delivered(founded("TU-C-001", sequence=receipt.position, previous=0))])
        assert await everything_read()
        tasks.cancel_scope.cancel()

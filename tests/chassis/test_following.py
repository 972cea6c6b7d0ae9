"""One reader for all views of a service that follow a stream: who does not keep up holds nobody up."""

import asyncio

import pytest
from nats.js.api import ConsumerConfig, DeliverPolicy
from psycopg import OperationalError

from services.chassis.delivery import Gap, NotYetRead
from services.chassis.parked import ParkingLot
from services.chassis.streams import following
from tests.chassis.conftest import almighty
from tests.chassis.marks import Marks, chain
from tests.chassis.readers import all_acknowledged, publish, reading
from tests.chassis.readers import following as followed
from tests.chassis.story import until
from tests.logs import prepared
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.usefixtures("impatient")


class Others(Marks):
    """A second view of the same service. It can be told to stop."""

    name = "others"

    def __init__(self, pool):
        super().__init__(pool)
        self.goes = asyncio.Event()
        self.goes.set()

    async def apply(self, batch):
        if not self.goes.is_set():
            raise OperationalError("its tables are locked")
        await super().apply(batch)

    async def told(self):
        rows = await self.rows("SELECT code, told FROM others.mark ORDER BY code")
        return {row["code"]: row["told"] for row in rows}


@pytest.fixture
async def others(pool):
    return await prepared(Others(pool))


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(following, "TOGETHER_S", 0.05)


async def consumers(nats):
    """Return the names of all that read the stream."""
    async with almighty(nats) as js:
        return [consumer.name for consumer in await js.consumers_info("REGISTRY")]


def once(*groups):
    return {code: 1 for group in groups for code in group}


FIRST, SECOND, THIRD = [f"A{n}" for n in range(1, 4)], ["B1", "B2"], ["C1", "C2"]


async def test_all_views_of_a_service_are_fed_by_one_consumer(nats, js, marks, others):
    async with followed(nats, marks, others):
        await publish(js, chain(*FIRST))
        await marks.reached("registry", 3, PATIENCE_S)
        await others.reached("registry", 3, PATIENCE_S)

    assert (once(FIRST), once(FIRST)) == (await marks.told(), await others.told())
    assert ["registry"] == await consumers(nats)


async def test_a_view_that_waits_holds_no_other_and_comes_up_by_itself(nats, js, marks, others):
    others.goes.clear()
    async with followed(nats, marks, others):
        await publish(js, chain(*FIRST))
        await marks.reached("registry", 3, PATIENCE_S)
        await publish(js, chain(*SECOND, after=3))
        await marks.reached("registry", 5, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
        assert {} == await others.told()
        others.goes.set()
        await others.reached("registry", 5, PATIENCE_S)

    assert once(FIRST, SECOND) == await others.told()
    assert 0 == await ParkingLot(marks.pool).count()


async def test_a_view_that_has_come_up_reads_with_the_others_again(nats, js, marks, others):
    others.goes.clear()
    async with followed(nats, marks, others) as reader:
        await publish(js, chain(*FIRST))
        await marks.reached("registry", 3, PATIENCE_S)
        await publish(js, chain(*SECOND, after=3))
        await marks.reached("registry", 5, PATIENCE_S)
        others.goes.set()
        await until(reader.followers[1].work.done)
        await publish(js, chain(*THIRD, after=5))
        await others.reached("registry", 7, PATIENCE_S)
        names = await consumers(nats)

    assert once(FIRST, SECOND, THIRD) == await others.told()
    assert ["registry"] == names


async def test_a_view_of_another_version_holds_no_other(nats, js, pool, marks, others):
    class Newer(Others):
        version = 2

    newer = Newer(pool)
    async with followed(nats, marks, newer):
        await publish(js, chain(*FIRST))
        await marks.reached("registry", 3, PATIENCE_S)
        await publish(js, chain(*SECOND, after=3))
        await marks.reached("registry", 5, PATIENCE_S)
        async with pool.connection() as connection:  # as a rebuild would have left it
            await connection.execute("UPDATE others.about SET version = 2")
        await newer.reached("registry", 5, PATIENCE_S)

    assert once(FIRST, SECOND) == await newer.told()


async def test_a_view_may_wait_for_another_to_have_read_what_comes_later(nats, js, pool, marks):
    """As a policy does that is told of an organization which another view learns of in a later batch."""

    class Waiting(Others):
        async def apply(self, batch):
            try:
                await marks.reached("registry", 5, 0.01)
            except NotYetRead as lag:
                raise Gap("not known yet") from lag
            await super().apply(batch)

    waiting = await prepared(Waiting(pool))
    async with followed(nats, waiting, marks):
        await publish(js, chain(*FIRST))
        await marks.reached("registry", 3, PATIENCE_S)
        await publish(js, chain(*SECOND, after=3))
        await waiting.reached("registry", 5, PATIENCE_S)

    assert once(FIRST, SECOND) == await waiting.told()


async def test_while_no_view_gets_on_what_comes_later_waits(nats, js, others):
    others.goes.clear()
    later = [f"Z{n}" for n in range(1200)]
    async with followed(nats, others) as reader:
        await publish(js, chain(*FIRST))
        await until(lambda: reader.followers[0].in_hand)
        await publish(js, chain(*later, after=3))
        await until(lambda: waits(js))
        others.goes.set()
        await others.reached("registry", 1203, PATIENCE_S)

    assert once(FIRST, later) == await others.told()


async def waits(js):
    """Return whether nothing is acknowledged, and what is not taken ahead lies in the stream."""
    consumer = await js.consumer_info("REGISTRY", "registry")
    return consumer.num_pending and consumer.num_pending + consumer.num_ack_pending == 1203


async def test_two_processes_of_a_service_share_the_stream_and_tell_each_view_once(
    nats, js, pool, marks, others
):
    codes = [f"A{n}" for n in range(1500)]
    async with followed(nats, marks, others), followed(nats, Marks(pool), Others(pool)):
        await publish(js, chain(*codes))
        await marks.reached("registry", 1500, PATIENCE_S)
        await others.reached("registry", 1500, PATIENCE_S)

    assert (once(codes), once(codes)) == (await marks.told(), await others.told())


# -- Where it goes on


async def test_a_new_view_reads_the_past_by_itself_and_the_others_only_what_is_new(
    nats, js, broker, marks, others
):
    await publish(js, chain(*FIRST))
    await marks.apply(chain(*FIRST))
    await reading(marks, others, broker=broker).rewind(js)
    await others.reached("registry", 3, PATIENCE_S)
    async with followed(nats, marks, others):
        await publish(js, chain(*SECOND, after=3))
        await marks.reached("registry", 5, PATIENCE_S)
        await others.reached("registry", 5, PATIENCE_S)

    assert (once(FIRST, SECOND), once(FIRST, SECOND)) == (await marks.told(), await others.told())
    assert 4 == (await js.consumer_info("REGISTRY", "registry")).config.opt_start_seq


async def test_the_consumers_that_an_earlier_version_had_for_each_view_are_taken_away(
    nats, js, broker, marks, others
):
    for view in ("marks", "others"):
        await js.add_consumer("REGISTRY", ConsumerConfig(durable_name=f"registry-{view}"))
    await reading(marks, others, broker=broker).rewind(js)

    assert ["registry"] == await consumers(nats)


async def test_what_a_dead_process_had_acknowledged_for_a_view_that_was_behind_is_read(
    nats, js, broker, marks, others
):
    await publish(js, chain(*FIRST))
    await marks.apply(chain(*FIRST))
    config = ConsumerConfig(
        durable_name="registry", deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=4
    )
    await js.add_consumer("REGISTRY", config)
    reader = reading(marks, others, broker=broker)
    await reader.look(js)
    await reader.look(js)
    await others.reached("registry", 3, PATIENCE_S)

    assert once(FIRST) == await others.told()

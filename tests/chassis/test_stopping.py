"""SIGTERM ends a process within ten seconds, whatever is away or held; who was acknowledged is in the log."""

import asyncio
import signal
from contextlib import contextmanager, suppress
from itertools import count

import psutil
import psycopg

from tests.chassis.running import PROVINCE, events
from tests.chassis.story import until

STOPS_WITHIN_S = 10.0
CLIENTS = 400


def founding(number):
    return PROVINCE | {"organization": f"P-{number:05d}"}


async def in_log(database):
    """Return the positions of all facts."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        cursor = await connection.execute("SELECT notification_id FROM registry_events")
        return {position for (position,) in await cursor.fetchall()}


async def in_flight(registry):
    return (await registry.metrics("bound_used"))["requests in flight"]


async def founding_until_refused(registry, client):
    """Found one organization after another, so that the load outlasts the stop. Return all answers."""
    numbers = count(client, CLIENTS)
    answers = [(201, {})]
    while answers[-1][0] == 201:
        answers += await registry.crowd(1, lambda _: founding(next(numbers)))
    return answers[1:]


@contextmanager
def paused(server):
    """Stop a server's processes in the middle of what they do, as a disk that does not answer would.

    Its parent first, so that none is added; a child may end by itself meanwhile.
    """
    parent = psutil.Process(server.process.pid)
    try:
        parent.suspend()
        send(parent.children(recursive=True), signal.SIGSTOP)
        yield
    finally:
        send([*parent.children(recursive=True), parent], signal.SIGCONT)


def send(processes, number):
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


async def test_under_load_everyone_is_answered_and_what_was_acknowledged_is_stored(
    registry, database, tmp_path
):
    load = asyncio.gather(*(founding_until_refused(registry, client) for client in range(CLIENTS)))
    await until(lambda: in_flight(registry))

    code, took_s = await registry.stopped()
    answers = [answer for answers in await load for answer in answers]

    assert (0, True) == (code, took_s < STOPS_WITHIN_S)
    assert {0, 201, 503} >= {status for status, _ in answers}
    acknowledged = {answer["position"] for status, answer in answers if status == 201}
    assert acknowledged <= await in_log(database)
    assert "stopped" == events(tmp_path / "registry.log")[-1]


async def test_with_its_database_paused_everyone_underway_is_told_that_nothing_is_known(
    registry, servers, database
):
    with paused(servers.postgres):
        load = asyncio.create_task(registry.crowd(50, founding))
        await until(lambda: in_flight(registry))

        code, took_s = await registry.stopped()
        answers = await load

    assert (0, True) == (code, took_s < STOPS_WITHIN_S)
    assert {(503, "Unavailable")} == {(status, answer.get("title")) for status, answer in answers}


async def test_with_its_bus_paused_it_stops_too(registry, nats):
    assert 201 == (await registry.http.post("/registry/v1/organizations", json=PROVINCE)).status_code
    with paused(nats):
        assert [201] == [status for status, _ in await registry.crowd(1, founding)]
        code, took_s = await registry.stopped()

    assert (0, True) == (code, took_s < STOPS_WITHIN_S)


async def test_with_a_rebuild_that_cannot_end_it_stops_too(registry, nats, database):
    assert 201 == (await registry.http.post("/registry/v1/organizations", json=PROVINCE)).status_code
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute("LOCK TABLE tree.bookmark IN ACCESS EXCLUSIVE MODE")
        operator = {"Authorization": f"Bearer {nats.keys.token('operator')}"}
        begun = await registry.http.post("/registry/v1/views/tree/rebuild", headers=operator)
        assert 202 == begun.status_code

        code, took_s = await registry.stopped()

    assert (0, True) == (code, took_s < STOPS_WITHIN_S)

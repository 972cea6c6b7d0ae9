"""The way in: too much is refused at once, in words; too slow is ended; nothing that comes in can grow."""

import asyncio
import json
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn
from fastapi import Body
from starlette.responses import PlainTextResponse

from services.chassis.edge import connection, door
from services.chassis.edge.connection import Connection
from services.chassis.edge.door import HEAD_MAX, Inside
from services.chassis.edge.http import create_api
from tests.chassis.story import until


class House:
    """An application behind a real door, at a real port. Its requests wait until `open` is set."""

    def __init__(self):
        self.inside = Inside()
        self.open = asyncio.Event()
        self.cancelled = 0
        self.api = create_api("lamps", "Lamps.", self.ready, self.inside)
        self.api.get("/wait")(self.wait)
        self.api.post("/size")(self.size)
        self.api.get("/long")(self.long)

    async def ready(self):
        return {}

    async def wait(self):
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def size(self, body: bytes = Body(media_type="application/octet-stream")) -> int:
        await self.open.wait()
        return len(body)

    async def long(self):
        return PlainTextResponse("x" * 20_000_000)

    def used(self, name):
        [bound] = [bound for bound in self.inside.bounds if bound.name == name]
        return bound.used()

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, path="/wait", *, body=b""):
        """Return status, headers and document of one request."""
        reader, writer = await self.connect()
        method = "POST" if body else "GET"
        writer.write(head(f"{method} {path}", content_length=len(body)) + body)
        try:
            return await answer_from(reader)
        finally:
            writer.close()


def head(line, **fields):
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items()]
    return f"{line} HTTP/1.1\r\nHost: lamps\r\n{''.join(lines)}\r\n".encode()


async def answer_from(reader):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    body = await reader.readexactly(int(fields["content-length"]))
    return int(lines[0].split()[1]), fields, json.loads(body)


async def whole(reader):
    """Return everything until the end of a connection, however it ends."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@asynccontextmanager
async def serving(house):
    config = uvicorn.Config(
        house.api, port=0, http=partial(Connection, inside=house.inside), lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    server.capture_signals = partial(asynccontextmanager, None)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    house.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        house.open.set()
        server.should_exit = server.force_exit = True
        await running


@pytest.fixture
async def house():
    async with serving(House()) as house:
        yield house


@pytest.fixture
def hurried(monkeypatch):
    """Let nobody take longer than a moment."""
    monkeypatch.setattr(connection, "WHOLE_WITHIN_S", 0.2)
    monkeypatch.setattr(connection, "TAKEN_WITHIN_S", 0.2)


# -- How many


async def test_who_comes_when_all_places_are_taken_is_told_at_once_to_come_again(house, monkeypatch):
    monkeypatch.setattr(door, "REQUESTS_MAX", 3)
    underway = [asyncio.create_task(house.ask()) for _ in range(3)]
    await until(lambda: house.used("requests in flight") == 3)

    status, fields, document = await house.ask()

    assert (503, "1", "urn:fourgood:problem:Overloaded") == (status, fields["retry-after"], document["type"])
    assert 200 == (await house.ask("/livez"))[0]
    house.open.set()
    assert [200, 200, 200] == [status for status, _, _ in await asyncio.gather(*underway)]
    assert 200 == (await house.ask())[0]
    assert 0 == house.used("requests in flight")


async def test_a_view_that_lags_leaves_room_for_those_who_do_not_wait_for_it(house, monkeypatch):
    monkeypatch.setattr(door, "WAITING_MAX", 1)
    underway = asyncio.create_task(house.ask("/wait?after=registry:9"))
    await until(lambda: house.used("requests that wait for a position") == 1)

    assert (503, "Overloaded") == kind(await house.ask("/wait?after=registry:9"))
    house.open.set()
    assert [200, 200] == [(await house.ask())[0], (await underway)[0]]


async def test_more_connections_than_may_be_open_are_told_so_but_may_ask_how_we_are(house, monkeypatch):
    monkeypatch.setattr(door, "CONNECTIONS_MAX", 2)
    held = [await house.connect() for _ in range(2)]
    await until(lambda: house.used("connections") == 2)

    assert (503, "Overloaded") == kind(await house.ask())
    assert 200 == (await house.ask("/readyz"))[0]

    for _, writer in held:
        writer.close()
    await until(lambda: house.used("connections") == 0)
    house.open.set()
    assert 200 == (await house.ask())[0]


async def test_connections_beyond_even_that_are_closed(house, monkeypatch):
    monkeypatch.setattr(connection, "CONNECTIONS_MAX", 1)
    monkeypatch.setattr(connection, "SPARE", 1)
    held = [await house.connect() for _ in range(2)]
    await until(lambda: house.used("connections") == 2)

    reader, writer = await house.connect()

    assert b"" == await whole(reader)
    for _, open_one in held:
        open_one.close()
    writer.close()


async def test_requests_sent_before_the_first_is_answered_are_bounded(house):
    reader, writer = await house.connect()
    writer.write(head("GET /wait") * 100)

    assert b"" == await whole(reader)
    assert 1 == house.used("requests in flight")
    writer.close()


# -- How much


async def test_the_bodies_of_all_requests_together_are_bounded(house, monkeypatch):
    monkeypatch.setattr(door, "BODIES_MAX", 1500)
    underway = asyncio.create_task(house.ask("/size", body=b"x" * 1000))
    await until(lambda: house.used("bytes of all bodies") == 1000)

    assert (503, "Overloaded") == kind(await house.ask("/size", body=b"x" * 1000))
    house.open.set()
    assert (200, 1000) == (await underway)[::2]
    assert (0, 1000) == (house.used("bytes of all bodies"), house.used("bytes of a body"))


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["endless", "ended"])
async def test_a_head_that_is_too_large_is_refused(house, end):
    reader, writer = await house.connect()
    writer.write(b"GET /livez HTTP/1.1\r\nX-Long: " + b"x" * HEAD_MAX + end)

    assert (431, "HeadersTooLarge") == kind(await answer_from(reader))
    assert b"" == await whole(reader)
    writer.close()


async def test_what_is_no_http_is_a_problem_too(house):
    reader, writer = await house.connect()
    writer.write(b"what?\r\n\r\n")

    assert (400, "BadRequest") == kind(await answer_from(reader))
    writer.close()


# -- How long


async def test_who_gets_no_answer_in_time_is_told_that_nothing_is_known(house, monkeypatch):
    monkeypatch.setattr(door, "ANSWER_WITHIN_S", 0.05)

    status, fields, document = await house.ask()

    assert (503, "1", "urn:fourgood:problem:Unavailable") == (status, fields["retry-after"], document["type"])
    await until(lambda: house.cancelled == 1)
    assert 0 == house.used("requests in flight")


async def test_the_query_of_who_got_no_answer_in_time_is_ended_in_the_database(pool, monkeypatch):
    monkeypatch.setattr(door, "ANSWER_WITHIN_S", 0.3)
    house = House()

    async def asleep():
        async with pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(60)")

    async def queries():
        async with pool.connection() as connection:
            found = await connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'"
            )
            return await found.fetchall()

    house.api.get("/asleep")(asleep)
    async with serving(house):
        asked = asyncio.create_task(house.ask("/asleep"))
        await until(queries)
        assert (503, "Unavailable") == kind(await asked)
        await until(lambda: no(queries))


async def no(question):
    return not await question()


async def test_who_is_inside_when_we_close_is_answered(house):
    underway = asyncio.create_task(house.ask())
    await until(lambda: house.used("requests in flight") == 1)

    house.inside.close(0.05)

    assert (503, "Unavailable") == kind(await underway)


async def test_a_body_that_does_not_arrive_is_not_waited_for(hurried, house):
    reader, writer = await house.connect()
    writer.write(head("POST /size", content_length=100) + b"x")

    assert (408, "RequestTimeout") == kind(await answer_from(reader))
    assert b"" == await whole(reader)
    await until(lambda: house.used("requests in flight") == 0)
    writer.close()


async def test_a_body_that_trickles_on_after_its_answer_is_not_waited_for(hurried, house):
    reader, writer = await house.connect()
    writer.write(head("GET /livez", content_length=100) + b"x")

    assert 200 == (await answer_from(reader))[0]
    await until(lambda: house.used("connections") == 0)
    writer.close()


@pytest.mark.parametrize("said", [b"", b"GET /livez HTT", head("GET /livez") + b"GET /li"])
async def test_a_head_that_does_not_arrive_is_not_waited_for(hurried, house, said):
    _, writer = await house.connect()
    writer.write(said)
    await until(lambda: house.used("connections") == 1)
    await until(lambda: house.used("connections") == 0)
    writer.close()


async def test_an_answer_that_is_not_read_is_given_up(hurried, house):
    _, writer = await house.connect()
    writer.transport.pause_reading()
    writer.write(head("GET /long"))

    await until(lambda: house.used("connections") == 1)
    await until(lambda: house.used("connections") == 0)
    writer.close()


def kind(answer):
    status, _, document = answer
    return status, document["type"].rpartition(":")[2]

"""The clients hear every answer whole, however it arrives, and never take a bad one for a good one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.bench.http import Edge

GOOD = b"HTTP/1.1 201 Created\r\ncontent-length: 14\r\n\r\n"


@asynccontextmanager
async def edge(*pieces: bytes) -> AsyncIterator[Edge]:
    """Hold a server that answers everything with `pieces`, each in a packet of its own; none hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096) and pieces:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Edge(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "token")


async def test_an_answer_in_pieces_is_put_together():
    async with edge(GOOD[:30], GOOD[30:] + b'{"posi', b'tion":1}') as split:
        assert {"position": 1} == await split.ask("POST", "/", {})


@pytest.mark.parametrize("clients", [1, 4])
async def test_each_request_is_sent_once_by_whoever_is_free(clients: int):
    async with edge(GOOD + b'{"position":1}') as quick:
        load = await quick.as_fast_as_possible([quick.request("GET", "/")] * 20, clients=clients)
    assert 20 == len(load.took_s)
    assert list(load.took_s) == sorted(load.took_s)


async def test_at_a_pace_every_answer_is_heard():
    heard: list[bytes] = []

    async def hear(body: bytes) -> None:
        heard.append(body)

    async with edge(GOOD + b'{"position":1}') as quick:
        load = await quick.at_pace([quick.request("GET", "/")] * 20, 2_000, hear)
    assert [b'{"position":1}'] * 20 == heard
    assert 20 == len(load.took_s)


async def test_a_refusal_ends_the_load():
    async with edge(b"HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n") as refusing:
        with pytest.raises(AssertionError, match="409"):
            await refusing.as_fast_as_possible([refusing.request("GET", "/")], clients=1)


async def test_a_server_that_hangs_up_ends_the_load():
    async with edge() as closing:
        with pytest.raises(ConnectionError):
            await closing.ask("GET", "/")

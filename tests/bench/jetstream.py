"""JetStream as fast as nats-py drives it, with nothing in between: the limit of relay, intake and views."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from contracts.subjects import inbox_prefix
from deploy.embedded.runtime import Embedded

WINDOW = 256


@asynccontextmanager
async def connected(embedded: Embedded, user: str) -> AsyncIterator[Client]:
    """Hold a connection of one user."""
    client = await nats.connect(embedded.nats_url(user), inbox_prefix=inbox_prefix(user).encode())
    try:
        yield client
    finally:
        await client.close()


async def publish_all(client: Client, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish (subject, body) with WINDOW in flight; return when all are acknowledged."""
    free = asyncio.Semaphore(WINDOW)
    refused: list[bytes] = []

    async def hear(answer: Msg) -> None:
        if b'"error"' in answer.data or not answer.data:
            refused.append(answer.data)
        free.release()

    inbox = client.new_inbox()
    answers = await client.subscribe(inbox, cb=hear)
    for subject, body in messages:
        await free.acquire()
        await client.publish(subject, body, reply=inbox)
    for _ in range(WINDOW):
        await free.acquire()
    await answers.unsubscribe()
    assert not refused, refused[0]


async def count(client: Client, stream: str) -> int:
    """Return how many messages a stream holds."""
    return (await client.jetstream().stream_info(stream)).state.messages


async def read_all(client: Client, stream: str, number: int) -> list[tuple[str, bytes]]:
    """Return (subject, body) of the first messages of a stream."""
    config = ConsumerConfig(ack_policy=AckPolicy.NONE)
    reader = await client.jetstream().pull_subscribe(">", stream=stream, config=config)
    read: list[tuple[str, bytes]] = []
    while len(read) < number:
        messages = await reader.fetch(min(500, number - len(read)))
        read += [(message.subject, message.data) for message in messages]
    await reader.unsubscribe()
    return read

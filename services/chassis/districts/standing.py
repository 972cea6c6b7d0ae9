"""How far a service has come with what districts sent it: asked of the stream, by any service."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js.errors import APIError, NotFoundError

from contracts.catalogue import INTAKE_NAMES, published_by
from contracts.subjects import INTAKE, stream_of
from services.chassis.delivery import NotYetRead
from services.chassis.streams.history import last_message
from services.chassis.views.view import View

READ_WITHIN_S = 10.0
"""How long what was said is waited for: less than a request may take."""

LOOK_AGAIN_S = 0.1


class _State(msgspec.Struct):
    first_seq: int
    last_seq: int
    num_subjects: int = 0
    subjects: dict[str, int] = {}


class _Info(msgspec.Struct):
    state: _State


@dataclass(frozen=True)
class Standing:
    """One lane at one moment: up to where it was delivered and answered, and how much was not."""

    delivered: int = 0
    undelivered: int = 0
    answered: int = 0
    unanswered: int = 0

    def was_tried(self, before: int) -> bool:
        """Return whether everything before a place in the stream was delivered."""
        return not self.undelivered or self.delivered >= before

    def was_answered(self, before: int) -> bool:
        """Return whether everything before a place in the stream was answered."""
        return self.was_tried(before) and (not self.unanswered or self.answered + 1 >= before)


async def standings(bus: Client, service: str) -> list[Standing]:
    """Return where each lane of `service` stands; one that is not open yet has delivered nothing."""
    names = {event.type.split(".")[1] for event in published_by(service)} & INTAKE_NAMES.keys()
    lanes = [durable(service, district) for district in await districts(bus, names)]
    return list(await asyncio.gather(*(standing(bus, lane) for lane in lanes)))


async def standing(bus: Client, lane: str) -> Standing:
    """Return where one lane stands, by the name of its consumer."""
    try:
        consumer = await bus.jetstream().consumer_info(INTAKE, lane)
    except NotFoundError:
        return Standing(undelivered=1)
    return Standing(
        delivered=consumer.delivered.stream_seq if consumer.delivered else 0,
        undelivered=consumer.num_pending or 0,
        answered=consumer.ack_floor.stream_seq if consumer.ack_floor else 0,
        unanswered=consumer.num_ack_pending or 0,
    )


def durable(reader: str, district: str) -> str:
    """Return the name of a lane's consumer: `intake-registry-THAN-UYEN`."""
    return f"intake-{reader}-{district}"


async def state(bus: Client, subjects: str = "") -> _State:
    """Return the state of the stream, with those of its subjects that match, if any are asked for."""
    request: dict[str, Any] = {"subjects_filter": subjects} if subjects else {}
    answer = await bus.request(f"$JS.API.STREAM.INFO.{INTAKE}", json.dumps(request).encode(), timeout=5.0)
    try:
        return msgspec.json.decode(answer.data, type=_Info).state
    except msgspec.ValidationError as error:
        raise APIError.from_error(json.loads(answer.data)["error"]) from error


async def districts(bus: Client, names: Collection[str]) -> set[str]:
    """Return the districts that have sent one of `names`; without names, one that nobody takes."""
    if names:
        sent = [subject for name in names for subject in (await state(bus, f"intake.*.{name}")).subjects]
    else:
        everything = (await state(bus, "intake.*.>")).subjects
        sent = [subject for subject in everything if subject.split(".", 2)[2] not in INTAKE_NAMES]
    return {subject.split(".")[1] for subject in sent}


def caught_up(
    broker: NatsBroker,
    services: Collection[str],
    carried: Callable[[], Awaitable[bool]],
    *followed: tuple[View, Collection[str]],
) -> Callable[[], Awaitable[bool]]:
    """Return the question whether everything that had been said when it is asked has been read.

    That is: `services` have answered what districts had sent, our own log is `carried` to its stream, and
    each view has read what its streams held; what waits there is late for us, not missing. What is said
    meanwhile is not waited for, so that even where something is said all the time it has caught up once.
    The answer comes within READ_WITHIN_S.
    """
    sources = {source for _, each in followed for source in each}

    async def end(source: str) -> int:
        last = await last_message(broker.connection.jetstream(), stream_of(source))
        return last.sequence if last else 0

    async def answered(service: str, *, before: int) -> bool:
        return all(lane.was_answered(before) for lane in await standings(broker.connection, service))

    async def everything_read() -> bool:
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                said = (await state(broker.connection)).last_seq
                for service in services:
                    await _until(partial(answered, service, before=said + 1))
                await _until(carried)
                ends = {source: await end(source) for source in sources}
                for view, read in followed:
                    for source in read:
                        await view.reached(source, ends[source], READ_WITHIN_S)
        except (TimeoutError, NotYetRead):
            return False
        return True

    return everything_read


async def _until(met: Callable[[], Awaitable[bool]]) -> None:
    """Return when something is so that nobody tells: it is looked at now and then."""
    while not await met():  # noqa: ASYNC110 - there is no event
        await asyncio.sleep(LOOK_AGAIN_S)

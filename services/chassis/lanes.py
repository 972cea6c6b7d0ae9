"""A lane for each district: a durable consumer of its own, so that nobody stands behind another's flood.

Lanes are found by the subjects the stream holds. Each keeps one long pull standing, which costs a
heartbeat now and then; what arrives meanwhile is taken in batches, the smaller the more lanes are busy.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

import anyio
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from contracts.subjects import INTAKE
from services.chassis.bounds import Bound
from services.chassis.bus import move, patience_s
from services.chassis.progress import Stand
from services.chassis.standing import districts, durable, state

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
"""How late the first event of a district not heard before may be found."""

PULL_MAX = 512
"""Messages on their way to one lane, and what they may weigh: above the largest the server takes."""
PULL_BYTES_MAX = 9 * 1024**2
PULL_FOR_S = 60.0
HEARTBEAT_S = 15.0
HEARTBEAT, EXPIRED = "100", "408"
"""What the server says of a pull that still stands, and of one that has stood long enough."""

SILENCE_S = 2.5 * HEARTBEAT_S
"""After which a pull is taken for lost: a server that restarted has forgotten it."""

IN_HAND_MAX = 512
"""Events being decided at once: each lane takes up to half of what is left, so the busy ones share alike.

More gains little and silences the process for longer while it reads and decides them.
"""

ACK_WAIT_S = 60.0
ACK_PENDING_MAX = 20_000
"""Events of a lane taken and not answered: those that wait for something unknown do not stop the others."""

AWAY = (NatsError, APIError, TimeoutError)

Take = Callable[[Sequence[Msg]], Awaitable[None]]
"""Answers every message of a batch, or asks for it again later."""


class Lanes:
    """The lanes of one reader of the intake. `run` is its task, `close` its end.

    A reader takes the events called `names`; one with none of these takes those whose name nobody takes.
    """

    def __init__(self, reader: str, broker: NatsBroker, take: Take, names: Collection[str]) -> None:
        self.reader = reader
        self.names = names
        self.take = take
        self.lanes: dict[str, Lane] = {}
        self.closing = False
        self._shared = f"intake-{reader}"
        """The one consumer that all districts had before there were lanes."""
        self.broker = broker
        self._ended = asyncio.Event()
        self._ended.set()
        self._seen: object = None
        self._reconnects = 0

    @property
    def bus(self) -> Client:
        """Return the connection."""
        return self.broker.connection

    @property
    def share(self) -> int:
        """Return how many events a lane may take now: always one."""
        return max(1, (IN_HAND_MAX - self.in_hand) // 2)

    @property
    def in_hand(self) -> int:
        """Return how many events are being decided."""
        return sum(lane.in_hand for lane in self.lanes.values())

    @property
    def bounds(self) -> list[Bound]:
        """Return how many events may be decided at once, and lie ready for one lane."""
        what = "strays" if not self.names else "events"
        return [
            Bound(f"{what} in hand", IN_HAND_MAX, lambda: self.in_hand),
            Bound(
                f"{what} of one district ready",
                2 * PULL_MAX,
                lambda: max((lane.ready for lane in self.lanes.values()), default=0),
            ),
        ]

    async def stand(self) -> Stand:
        """Return whether a lane has work or cannot be asked, and how many events have come to all of them.

        What waits for the unknown comes again, and so moves.
        """
        lanes = self.lanes.values()
        return Stand(any(lane.in_hand or lane.in_doubt for lane in lanes), sum(lane.came for lane in lanes))

    async def run(self) -> None:
        """Open a lane for every district there is, and for each that comes, until closed or cancelled."""
        self._ended.clear()
        try:
            async with anyio.create_task_group() as group:
                while not self.closing:
                    try:
                        self._doubt_after_reconnect()
                        await self._open_new(group)
                    except AWAY as error:
                        log.warning("lanes wait", reader=self.reader, reason=repr(error)[:200])
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Take nothing more, and return when all that was taken is answered."""
        self.closing = True
        for lane in self.lanes.values():
            lane.news.set()
        await self._ended.wait()

    def _doubt_after_reconnect(self) -> None:
        """Let every lane ask again on a new connection: the server forgot what was asked on the old."""
        if self._reconnects != self.bus.stats["reconnects"]:
            self._reconnects = self.bus.stats["reconnects"]
            for lane in self.lanes.values():
                lane.in_doubt = True
                lane.news.set()

    async def _open_new(self, group: anyio.abc.TaskGroup) -> None:
        """Open a lane for each district that has none, if the stream holds other subjects than before."""
        held = await state(self.bus)
        seen = (held.num_subjects, held.first_seq)
        if seen == self._seen:
            return
        js = self.bus.jetstream()
        predecessor = await self._predecessor(js) if self._seen is None else None
        for district in sorted(await districts(self.bus, self.names) - self.lanes.keys()):
            lane = Lane(self, district)
            await lane.open(js, after=predecessor or 0)
            self.lanes[district] = lane
            group.start_soon(lane.run)
        if predecessor is not None:
            await js.delete_consumer(INTAKE, self._shared)
        self._seen = seen

    async def _predecessor(self, js: JetStreamContext) -> int | None:
        """Return up to where the one consumer of all districts had answered, if it is still there."""
        try:
            shared = await js.consumer_info(INTAKE, self._shared)
        except NotFoundError:
            return None
        log.info("lanes take over", durable=self._shared)
        return shared.ack_floor.stream_seq if shared.ack_floor else 0


class Lane:
    """What one district sends to one reader, in its order."""

    def __init__(self, lanes: Lanes, district: str) -> None:
        self.lanes = lanes
        self.durable = durable(lanes.reader, district)
        self.news = asyncio.Event()
        self.in_hand = 0
        self.came = 0
        self.in_doubt = False
        self._subjects = [f"intake.{district}.{name}" for name in lanes.names] or [f"intake.{district}.>"]
        self._came: deque[Msg] = deque()
        self._asked = 0
        self._inbox = ""

    @property
    def ready(self) -> int:
        """Return how many events have come and are not in hand yet."""
        return len(self._came)

    async def open(self, js: JetStreamContext, *, after: int) -> None:
        """Make its consumer, to begin `after` a sequence of the stream, or go on with the one there is.

        What our last process took and did not answer is asked for at once, unless another of ours is at it.
        """
        try:
            consumer = await js.consumer_info(INTAKE, self.durable)
        except NotFoundError:
            config = self._config()
            if after:
                config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, after + 1
            await js.add_consumer(INTAKE, config)
            return
        if consumer.num_ack_pending and not consumer.num_waiting:
            answered = consumer.ack_floor.stream_seq if consumer.ack_floor else 0
            await move(js, INTAKE, answered + 1, self._config())

    async def run(self) -> None:
        """Take batch after batch until closed or cancelled. Raises RuntimeError if the consumer is gone."""
        bus = self.lanes.bus
        self._inbox = bus.new_inbox()
        subscription = await bus.subscribe(self._inbox, cb=self._hear)
        try:
            while batch := await self._next():
                self.in_hand = len(batch)
                try:
                    await self.lanes.take(batch)
                except Exception:
                    log.exception("reader failed", durable=self.durable)
                    with suppress(NatsError):
                        for raw in (raw for raw in batch if not raw.is_acked):
                            await raw.nak(delay=patience_s(raw.metadata.num_delivered))
                finally:
                    self.in_hand = 0
        finally:
            await subscription.unsubscribe()
        with suppress(NatsError):
            for raw in self._came:
                await raw.nak()

    async def _next(self) -> Sequence[Msg]:
        """Return what there is, as soon as there is something; nothing when closing."""
        while not self.lanes.closing:
            if self.in_doubt:
                await self._look()
            await self._ask()
            if self._came:
                return [self._came.popleft() for _ in range(min(len(self._came), self.lanes.share))]
            self.news.clear()
            with anyio.move_on_after(SILENCE_S):
                await self.news.wait()
                continue
            self.in_doubt = True
        return []

    async def _ask(self) -> None:
        """Keep messages coming while a batch is worked on, as many as may lie here."""
        wanted = PULL_MAX - self._asked - len(self._came)
        if wanted < PULL_MAX // 2:
            return
        request = {
            "batch": wanted,
            "max_bytes": PULL_BYTES_MAX,
            "expires": int(PULL_FOR_S * 1e9),
            "idle_heartbeat": int(HEARTBEAT_S * 1e9),
        }
        self._asked += wanted
        next_message = f"$JS.API.CONSUMER.MSG.NEXT.{INTAKE}.{self.durable}"
        await self.lanes.bus.publish(next_message, json.dumps(request).encode(), reply=self._inbox)

    async def _hear(self, message: Msg) -> None:
        """Keep a message, or heed what the server says of a pull."""
        if message.reply:
            self.came += 1
            self._asked -= 1
            self._came.append(message)
        elif (said := message.headers or {}).get("Status") != HEARTBEAT:
            self._asked -= min(self._asked, int(said.get("Nats-Pending-Messages", self._asked)))
            self.in_doubt = said.get("Status") != EXPIRED
        self.news.set()

    async def _look(self) -> None:
        """Forget the pulls there were. Raises RuntimeError if there is no consumer: a start mends that."""
        self.in_doubt, self._asked = False, 0
        try:
            await self.lanes.bus.jetstream().consumer_info(INTAKE, self.durable)
        except NotFoundError as error:
            raise RuntimeError(f"the consumer {self.durable} of {INTAKE} is gone") from error
        except AWAY as error:
            log.warning("lane waits", durable=self.durable, reason=repr(error)[:200])
            self.in_doubt = True
            await asyncio.sleep(LOOK_EVERY_S)

    def _config(self) -> ConsumerConfig:
        return ConsumerConfig(
            durable_name=self.durable,
            filter_subjects=self._subjects,
            headers_only=not self.lanes.names or None,
            max_ack_pending=ACK_PENDING_MAX,
            ack_wait=ACK_WAIT_S,
        )

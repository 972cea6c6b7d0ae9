"""What one district sends to one reader: a durable consumer, a long pull standing on it, and its batches.

The pull costs a heartbeat now and then. What arrives meanwhile is taken in batches, smaller where the
machine is slow or other lanes are busy, so that whoever sends little waits for none of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import anyio
import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from contracts.subjects import INTAKE
from services.chassis.districts.standing import durable
from services.chassis.streams.bus import move, patience_s
from services.chassis.streams.pull import Pull

if TYPE_CHECKING:
    from services.chassis.districts.lanes import Lanes

log = structlog.get_logger()

PULL_MAX = 512
"""Messages on their way to one lane, and what they may weigh: above the largest the server takes."""
PULL_BYTES_MAX = 9 * 1024**2
PULL_FOR_S = 60.0
HEARTBEAT_S = 15.0
EXPIRED = "408"
"""What the server says of a pull that has stood long enough."""

SILENCE_S = 2.5 * HEARTBEAT_S
"""After which a pull is taken for lost: a server that restarted has forgotten it."""

IN_HAND_MAX = 512
"""Events being decided at once: each lane takes up to half of what is left, so the busy ones share alike.

More gains little and silences the process for longer while it reads and decides them.
"""

TURN_S = 0.2
"""How long a lane may be at it at once: where that is exceeded, it takes half as much, down to the least."""
TURN_MIN = 16

LOOK_AGAIN_S = 0.5
ACK_WAIT_S = 60.0
ACK_PENDING_MAX = 20_000
"""Events of a lane taken and not answered: those that wait for something unknown do not stop the others."""

AWAY = (NatsError, TimeoutError)

Take = Callable[[Sequence[Msg], Callable[[], object]], Awaitable[None]]
"""Answers every message of a batch, or asks for it again later.

It says when all is decided that will be: what is left, telling, need not keep the next batch waiting.
"""


class Lane:
    """What one district sends to one reader, in its order."""

    def __init__(self, lanes: "Lanes", district: str) -> None:
        self.lanes = lanes
        self.durable = durable(lanes.reader, district)
        self.pull = Pull(lanes.bus, INTAKE, self.durable, bytes_max=PULL_BYTES_MAX, over=self._over)
        self.in_hand = self.unanswered = 0
        """How many events are being decided, and how many are being decided or told."""
        self.in_doubt = False
        self._subjects = [f"intake.{district}.{name}" for name in lanes.names] or [f"intake.{district}.>"]
        self._most = IN_HAND_MAX // 2
        self._telling: asyncio.Task[None] | None = None

    @property
    def ready(self) -> int:
        """Return how many events have come and are not in hand yet."""
        return len(self.pull.came)

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
        try:
            async with asyncio.TaskGroup() as group:
                while batch := await self._next():
                    await self._take(batch, group)
        finally:
            await self.pull.close()

    async def _take(self, batch: Sequence[Msg], group: asyncio.TaskGroup) -> None:
        """Return when a batch is decided; it may be told while the next is decided, and no longer."""
        self.in_hand, began, decided = len(batch), monotonic(), asyncio.Event()
        answering = group.create_task(self._answer(batch, decided))
        await decided.wait()
        self._pace(monotonic() - began)
        self.in_hand = 0
        if self._telling:
            await asyncio.wait({self._telling})
        self._telling = answering

    async def _answer(self, batch: Sequence[Msg], decided: asyncio.Event) -> None:
        self.unanswered += len(batch)
        try:
            await self.lanes.take(batch, decided.set)
        except Exception:
            log.exception("reader failed", durable=self.durable)
            with suppress(NatsError):
                for raw in (raw for raw in batch if not raw.is_acked):
                    await raw.nak(delay=patience_s(raw.metadata.num_delivered))
        finally:
            self.unanswered -= len(batch)
            decided.set()

    async def _next(self) -> Sequence[Msg]:
        """Return what there is, as soon as there is something; nothing when closing."""
        while not self.lanes.closing:
            if self.in_doubt:
                await self._look()
            await self._ask()
            if self.pull.came:
                return self.pull.take(min(self.lanes.share, self._most))
            self.pull.news.clear()
            with anyio.move_on_after(SILENCE_S):
                await self.pull.news.wait()
                continue
            self.in_doubt = True
        return []

    def _pace(self, took_s: float) -> None:
        """Take less at once where that takes long: the others wait for the processor meanwhile."""
        if took_s > TURN_S:
            self._most = max(TURN_MIN, self._most // 2)
        elif took_s < TURN_S / 2 and self.in_hand == self._most:
            self._most = min(IN_HAND_MAX // 2, 2 * self._most)

    async def _ask(self) -> None:
        """Keep messages coming while a batch is worked on, as many as may lie here."""
        wanted = PULL_MAX - self.pull.asked - len(self.pull.came)
        if wanted >= PULL_MAX // 2:
            await self.pull.ask(wanted, for_s=PULL_FOR_S, heartbeat_s=HEARTBEAT_S)

    def _over(self, status: str) -> None:
        self.in_doubt = status != EXPIRED

    async def _look(self) -> None:
        """Forget the pulls there were. Raises RuntimeError if there is no consumer: a start mends that."""
        self.in_doubt, self.pull.asked = False, 0
        try:
            await self.lanes.bus.jetstream().consumer_info(INTAKE, self.durable)
        except NotFoundError as error:
            raise RuntimeError(f"the consumer {self.durable} of {INTAKE} is gone") from error
        except AWAY as error:
            log.warning("lane waits", durable=self.durable, reason=repr(error)[:200])
            self.in_doubt = True
            await asyncio.sleep(LOOK_AGAIN_S)

    def _config(self) -> ConsumerConfig:
        return ConsumerConfig(
            durable_name=self.durable,
            filter_subjects=self._subjects,
            headers_only=not self.lanes.names or None,
            max_ack_pending=ACK_PENDING_MAX,
            ack_wait=ACK_WAIT_S,
        )

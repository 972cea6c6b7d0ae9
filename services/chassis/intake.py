"""What districts send: checked, applied as the command HTTP would be, remembered, answered.

An event is recorded and remembered in one transaction, then answered with a receipt, then
acknowledged. Whatever dies in between, it is delivered again and answered "duplicate". Events of one
organization keep their order; different organizations do not wait for each other, nor for bad input.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import structlog
from faststream.nats import ConsumerConfig, NatsBroker, NatsRouter
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import APIError, NotFoundError
from prometheus_client import CollectorRegistry, Counter
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import ValidationError

from contracts.receipt import Outcome, Receipt
from contracts.subjects import INTAKE, receipt_subject
from services.chassis import store
from services.chassis.arrival import Arrival, UnknownEvent, read, received, words
from services.chassis.bus import TRIES_MAX, move, patience_s, subscribe
from services.chassis.errors import Conflict, Forbidden, NotFound, NotYetKnown, Refused
from services.chassis.inbox import Entry, Inbox, Remembered
from services.chassis.parked import Parked, park
from services.chassis.store import Origin, Store

log = structlog.get_logger()

ACK_WAIT_S = 60.0
ACK_PENDING_MAX = 20_000
"""Events taken and not answered: those that wait for something unknown must not stop the others."""

HANDS_MAX = 16
"""Organizations worked on at once: fewer than the pool has connections, so nobody else waits for one."""

KNOWN_WITHIN_S = 12.0
"""How long an event may speak of something unknown, once the registry has answered all before it."""

AWAY = (NatsError, APIError, OperationalError, PoolTimeout)

REGISTRY_DURABLE = "intake-registry"

Handler = Callable[[Any, Origin], Awaitable[store.Receipt]]
"""Applies one event of a district as a command. Raises what the command raises."""

Check = Callable[[str, Any], Awaitable[None]]
"""Raises Refused unless the district may speak of the event's organization."""


class IdReused(Refused):
    """A source gives each event an id of its own: this id was accepted with other content."""


class Intake:
    """One service's part of the intake: the events it owns, and how each becomes a command."""

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        check: Check,
        settled: Callable[[], Awaitable[bool]],
        metrics: CollectorRegistry,
    ) -> None:
        self.store = store
        self.handlers = handlers
        self.check = check
        self.settled = settled
        """Whether everything that was published has reached this service's views."""
        self.inbox = Inbox(store.pool)
        self._unknown_since: dict[Entry, float] = {}
        self._hands = asyncio.Semaphore(HANDS_MAX)
        self._count = Counter("intake_events", "Events answered", ["outcome"], registry=metrics)

    @property
    def durable(self) -> str:
        """Return the name of its consumer: `intake-assessment`."""
        return f"intake-{self.store.service}"

    @property
    def subjects(self) -> list[str]:
        """Return where the events it owns are published."""
        return [f"intake.*.{name}" for name in self.handlers]

    def subscribe(self, router: NatsRouter, broker: NatsBroker) -> None:
        """Receive this service's events on `router`, answering through `broker`."""
        subscribe(
            router,
            lambda batch: self.take(batch, broker),
            user=self.store.service,
            stream=INTAKE,
            durable=self.durable,
            subjects=self.subjects,
            description=f"Events of districts that {self.store.service} owns; each is answered on receipts.>",
            config=ConsumerConfig(max_ack_pending=ACK_PENDING_MAX, ack_wait=ACK_WAIT_S),
        )

    async def rewind(self, js: JetStreamContext) -> None:
        """Ask at once for what our last process took and did not answer, unless another of ours is at it."""
        try:
            consumer = await js.consumer_info(INTAKE, self.durable)
        except NotFoundError:
            return
        if consumer.num_waiting or not consumer.num_ack_pending:
            return
        answered = consumer.ack_floor.stream_seq if consumer.ack_floor else 0
        await move(
            js,
            INTAKE,
            answered + 1,
            JetStreamConsumerConfig(
                durable_name=self.durable,
                filter_subjects=self.subjects,
                max_ack_pending=ACK_PENDING_MAX,
                ack_wait=ACK_WAIT_S,
            ),
        )

    # -- A batch

    async def take(self, batch: Sequence[Msg], broker: NatsBroker) -> None:
        """Answer every message of a batch, or ask for it again later."""
        arrivals = [received(raw) for raw in batch]
        remembered = await self.inbox.recall([arrival.entry for arrival in arrivals if arrival.entry])
        lines: dict[tuple[str, str], list[Arrival]] = {}
        for arrival in arrivals:
            lines.setdefault(arrival.line, []).append(arrival)
        early: list[Arrival] = []

        async def work(line: list[Arrival]) -> None:
            async with self._hands:
                early.extend([a for a in line if not await self._answer(a, remembered, broker, final=False)])

        await asyncio.gather(*(work(line) for line in lines.values()))
        for arrival in (one for one in arrivals if one in early):
            await self._answer(arrival, remembered, broker, final=True)

    async def _answer(
        self, arrival: Arrival, remembered: Remembered, broker: NatsBroker, *, final: bool
    ) -> bool:
        """Answer one arrival and acknowledge it. Return False if it should be tried after the others."""
        assert arrival.raw is not None
        js = broker.connection.jetstream()
        try:
            try:
                receipt = await self.decide(arrival, remembered)
            except NotYetKnown as error:
                if not final:
                    return False
                if await self._may_still_come(arrival, js):
                    await arrival.raw.nak(delay=min(patience_s(arrival.raw.metadata.num_delivered), 4.0))
                    return True
                receipt = await self.reject(arrival, error)
            await tell(js, arrival, receipt)
            await arrival.raw.ack()
        except Exception as error:
            if not isinstance(error, AWAY) and arrival.raw.metadata.num_delivered >= TRIES_MAX:
                log.exception("intake event parked", name=arrival.name)
                await tell(js, arrival, await self.reject(arrival, error))
                await arrival.raw.ack()
                return True
            log.warning("intake waits", name=arrival.name, error=repr(error)[:200])
            await arrival.raw.nak(delay=patience_s(arrival.raw.metadata.num_delivered))
        return True

    async def _may_still_come(self, arrival: Arrival, js: JetStreamContext) -> bool:
        """Return whether what an event speaks of may be on its way still.

        It may while the registry has not answered everything published before it, while our views have
        not read everything, and for some seconds after, in which the news travels here.
        """
        assert arrival.raw is not None
        assert arrival.entry is not None
        if self.durable != REGISTRY_DURABLE:
            registry = await js.consumer_info(INTAKE, REGISTRY_DURABLE)
            answered = registry.ack_floor.stream_seq if registry.ack_floor else 0
            if answered < arrival.raw.metadata.sequence.stream and (
                registry.num_pending or registry.num_ack_pending
            ):
                self._unknown_since.pop(arrival.entry, None)
                return True
        if not await self.settled():
            self._unknown_since.pop(arrival.entry, None)
            return True
        since = self._unknown_since.setdefault(arrival.entry, monotonic())
        if monotonic() - since < KNOWN_WITHIN_S:
            return True
        del self._unknown_since[arrival.entry]
        return False

    # -- One event

    async def decide(self, arrival: Arrival, remembered: Remembered) -> Receipt:
        """Apply one arrival, or reject it and keep it. Raises NotYetKnown, and what is not its fault."""
        try:
            return self._earlier(arrival, remembered) or await self._apply(arrival)
        except NotYetKnown:
            raise
        except IdReused as error:
            return await self.reject(arrival, error)
        except (Refused, Forbidden, NotFound, Conflict, ValidationError) as error:
            # Another delivery of it may have been accepted meanwhile: what that did refuses this one.
            now = await self.inbox.recall([arrival.entry] if arrival.entry else [])
            return self._earlier(arrival, now) or await self.reject(arrival, error)

    async def retry(self, parked: Mapping[str, Any], broker: NatsBroker) -> Receipt:
        """Decide a rejected event again as it came, and tell its district. Raises NotYetKnown."""
        arrival = read(parked["place"], parked["name"], parked["message"])
        remembered = await self.inbox.recall([arrival.entry] if arrival.entry else [])
        receipt = await self.decide(arrival, remembered)
        await tell(broker.connection.jetstream(), arrival, receipt)
        return receipt

    async def _apply(self, arrival: Arrival) -> Receipt:
        """Apply what has no problem as its command. Raises what is wrong with it, and what refuses it."""
        if arrival.problem:
            raise arrival.problem
        entry = arrival.entry
        assert entry is not None
        if arrival.name not in self.handlers:
            raise UnknownEvent(f"{entry.type} is not taken here")
        await self.check(arrival.district, arrival.event)
        name = f"{entry.source}:{entry.event_id}"
        origin = Origin(actor=f"district:{arrival.district}", correlation=name, causation=name, entry=entry)
        done = await self.handlers[arrival.name](arrival.event, origin)
        return self._receipt(arrival, "accepted", subject=done.subject, position=done.position)

    def _earlier(self, arrival: Arrival, remembered: Remembered) -> Receipt | None:
        """Return the duplicate's receipt if the event was accepted before. Raises IdReused."""
        entry = arrival.entry
        accepted = remembered.get(entry.key) if entry else None
        if entry is None or accepted is None:
            return None
        if accepted.digest != entry.digest:
            when = f"{accepted.accepted_at:%Y-%m-%d %H:%M}"
            raise IdReused(f"{entry.event_id} was accepted with other content at {when}")
        return self._receipt(arrival, "duplicate", subject=accepted.subject, position=accepted.position)

    async def reject(self, arrival: Arrival, error: Exception) -> Receipt:
        """Keep an arrival where an operator sees it. Return the receipt that says why."""
        known = isinstance(error, Refused | Forbidden | NotFound | Conflict | ValidationError)
        reason = type(error).__name__ if known else "Defect"
        receipt = self._receipt(
            arrival, "rejected", reason=reason, detail=words(error) if known else "our mistake"
        )
        async with self.store.pool.connection() as connection, connection.transaction():
            await park(
                connection.cursor(),
                Parked(
                    kind="INTAKE",
                    place=arrival.district,
                    source=receipt.source,
                    event_id=receipt.id,
                    digest=arrival.digest,
                    type=arrival.entry.type if arrival.entry else "",
                    name=arrival.name,
                    reason=reason,
                    detail=words(error),
                    message=arrival.body,
                    parked_at=receipt.decided_at,
                ),
            )
        return receipt

    def _receipt(self, arrival: Arrival, outcome: Outcome, **said: Any) -> Receipt:
        self._count.labels(outcome).inc()
        source, id = arrival.identity()
        return Receipt(
            source=source,
            id=id,
            outcome=outcome,
            service=self.store.service,
            decided_at=self.store.clock(),
            **said,
        )


async def tell(js: JetStreamContext, arrival: Arrival, receipt: Receipt) -> None:
    """Publish the receipt where its district reads."""
    subject = receipt_subject(arrival.district, arrival.name)
    await js.publish(subject, receipt.model_dump_json(exclude_none=True).encode())

"""What districts send: checked, applied as the command HTTP would be, remembered, answered.

An event is recorded and remembered in one transaction, then answered with a receipt, then
acknowledged. Whatever dies in between, it is delivered again and answered "duplicate". Each district
has a lane of its own (`lanes`), and in it each organization keeps its order (`batch`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Union, get_args

from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry, Counter

from contracts.catalogue import INTAKE_NAMES
from contracts.days import month_of
from contracts.reasons import said
from contracts.receipt import Outcome, Receipt
from contracts.subjects import receipt_subject
from services.chassis.bounds import Bound
from services.chassis.districts.arrival import (
    EVENT_BYTES_MAX,
    Arrival,
    read,
    received,
    words,
    wrong,
)
from services.chassis.districts.batch import KNOWN, Answer, Batch
from services.chassis.districts.deciding import Check, Handler, IdReused, accepted_before, apply
from services.chassis.districts.lanes import Lanes
from services.chassis.districts.late import Late
from services.chassis.districts.months import Months
from services.chassis.errors import NotYetKnown
from services.chassis.eventlog.arrivals import Rejected, reject
from services.chassis.eventlog.inbox import Inbox, Remembered
from services.chassis.eventlog.store import Store
from services.chassis.parked import Parked, park
from services.chassis.streams.window import Outgoing, append

HANDS_MAX = 128
"""Organizations worked on at once, whichever lanes they are in."""


class Intake:
    """One service's part of the intake: the events it owns, and how each becomes a command."""

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        broker: NatsBroker,
        check: Check,
        begins: Mapping[str, str],
        settled: Callable[[], Awaitable[bool]],
        metrics: CollectorRegistry,
    ) -> None:
        self.store = store
        self.handlers = handlers
        self.check = check
        self.begins = begins
        """Events that begin an aggregate and change no other, by the field that names what they begin."""
        self.settled = settled
        """Whether everything that was published has reached this service's views."""
        self.inbox = Inbox(store.pool)
        self.arrivals = Months(store.pool, store.service)
        self.lanes = Lanes(store.service, broker, self.take, handlers)
        self.late = Late()
        self.hands = asyncio.Semaphore(HANDS_MAX)
        self._largest = 0
        count = Counter("intake_events", "Events answered", ["outcome"], registry=metrics)
        self._count = {outcome: count.labels(outcome) for outcome in get_args(Outcome)}

    @property
    def bus(self) -> Client:
        """Return the connection."""
        return self.lanes.bus

    @property
    def bounds(self) -> list[Bound]:
        """Return what is bounded here; of an event that is too large no more than that is told."""
        return [
            self.late.bound,
            Bound("organizations in hand", HANDS_MAX, lambda: HANDS_MAX - self.hands._value),
            Bound("bytes of an event", EVENT_BYTES_MAX, lambda: min(self._largest, EVENT_BYTES_MAX)),
        ]

    def described(self) -> NatsBroker:
        """Return a broker that never connects: it tells FastStream, which knows no lanes, what we read."""
        paper = NatsBroker(self.lanes.broker.specification.url)
        for name in self.handlers:

            async def take(event: Any) -> None: ...

            take.__annotations__["event"] = Union[INTAKE_NAMES[name]]  # noqa: UP007 - of as many as there are
            said = f"What districts publish; each is answered on receipts.<district>.{name}"
            paper.subscriber(f"intake.*.{name}", title=f"intake {name}", description=said)(take)
        return paper

    async def take(self, messages: Sequence[Msg], decided: Callable[[], object]) -> None:
        """Answer every message of a batch, or ask for it again later. See `lane.Take`."""
        self._largest = max(self._largest, *(len(raw.data) for raw in messages))
        batch = Batch(self, [received(raw) for raw in messages])
        await batch.decide()
        decided()
        await batch.tell()

    async def retry(self, parked: Mapping[str, Any]) -> Receipt:
        """Decide a rejected event again as it came, and tell its district. Raises NotYetKnown."""
        arrival = read(parked["place"], parked["name"], parked["message"])
        remembered = await self.inbox.recall([arrival.entry] if arrival.entry else [])
        try:
            answer = arrival, self.earlier(arrival, remembered) or await self.apply(arrival)
        except NotYetKnown:
            raise
        except KNOWN as error:
            [answer] = await self.refuse([(arrival, error)])
        await self.tell([answer])
        return answer[1]

    # -- One event

    def begun(self, arrival: Arrival) -> str | None:
        """Return what an event begins that nothing else touches yet, None if it may change something."""
        field = self.begins.get(arrival.name)
        return getattr(arrival.event, field, None) if field else None

    async def apply(self, arrival: Arrival, queued: Callable[[], object] = lambda: None) -> Receipt:
        """Apply what has no problem as its command. Raises what is wrong with it, and what refuses it."""
        done = await apply(arrival, self.handlers, self.check, queued)
        return self._receipt(arrival, "accepted", subject=done.subject, position=done.position)

    def earlier(self, arrival: Arrival, remembered: Remembered) -> Receipt | None:
        """Return the duplicate's receipt if the event was accepted before. Raises IdReused."""
        accepted = accepted_before(arrival.entry, remembered)
        if accepted is None:
            return None
        return self._receipt(arrival, "duplicate", subject=accepted.subject, position=accepted.position)

    # -- What becomes of them

    async def refuse(self, refused: Sequence[tuple[Arrival, Exception]]) -> list[Answer]:
        """Keep arrivals where an operator sees them. Return the receipts that say why.

        Another delivery of one may have been accepted meanwhile, and be what refuses this one.
        """
        now = await self.inbox.recall([arrival.entry for arrival, _ in refused if arrival.entry])
        answers: list[Answer] = []
        rejected: list[tuple[Arrival, Receipt, str]] = []
        for arrival, error in refused:
            try:
                receipt, reason = self.earlier(arrival, now), error
            except IdReused as reused:
                receipt, reason = None, reused
            if receipt is None:
                receipt = self._rejection(arrival, reason)
                rejected.append((arrival, receipt, words(reason)))
            answers.append((arrival, receipt))
        if rejected:
            numbered = [
                kept for arrival, receipt, _ in rejected if (kept := self._numbered(arrival, receipt))
            ]
            async with self.store.pool.connection() as connection, connection.transaction():
                cursor = connection.cursor()
                await park(cursor, *(_parked(*one) for one in rejected))
                if numbered:
                    await reject(cursor, numbered)
        return answers

    async def tell(self, answers: Sequence[Answer]) -> None:
        """Publish receipts where their districts read, and return once the stream has all of them."""
        await append(
            self.bus,
            [
                Outgoing(
                    receipt_subject(arrival.district, arrival.name),
                    receipt.model_dump_json(exclude_none=True).encode(),
                )
                for arrival, receipt in answers
            ],
        )

    def _rejection(self, arrival: Arrival, error: Exception) -> Receipt:
        known = isinstance(error, KNOWN)
        reason = type(error).__name__ if known else "Defect"
        return self._receipt(
            arrival,
            "rejected",
            reason=reason,
            said=said(self.store.service, reason, wrong(error)),
            detail=words(error) if known else "our mistake",
        )

    def _receipt(self, arrival: Arrival, outcome: Outcome, **told: Any) -> Receipt:
        self._count[outcome].inc()
        source, id = arrival.identity()
        return Receipt(
            source=source,
            id=id,
            number=arrival.number,
            replaces=arrival.replaces,
            outcome=outcome,
            service=self.store.service,
            decided_at=self.store.clock(),
            **told,
        )

    def _numbered(self, arrival: Arrival, receipt: Receipt) -> Rejected | None:
        """Return what to remember of a rejected event that has a number in one of our streams."""
        if receipt.number is None or arrival.type.split(".")[0] != self.store.service:
            return None
        assert receipt.reason is not None
        return Rejected(
            district=arrival.district,
            source=receipt.source,
            number=receipt.number,
            event_id=receipt.id,
            digest=arrival.digest,
            type=arrival.type,
            month=month_of(arrival.event.occurred_at) if arrival.event else None,
            replaces=receipt.replaces,
            reason=receipt.reason,
            decided_at=receipt.decided_at,
        )


def _parked(arrival: Arrival, receipt: Receipt, detail: str) -> Parked:
    assert receipt.reason is not None
    return Parked(
        kind="INTAKE",
        place=arrival.district,
        source=receipt.source,
        event_id=receipt.id,
        digest=arrival.digest,
        type=arrival.type,
        name=arrival.name,
        reason=receipt.reason,
        detail=detail,
        message=arrival.body,
        parked_at=receipt.decided_at,
    )

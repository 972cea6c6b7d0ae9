"""What districts send: checked, applied as the command HTTP would be, remembered, answered.

An event is recorded and remembered in one transaction, then answered with a receipt, then
acknowledged. Whatever dies in between, it is delivered again and answered "duplicate". Each district
has a lane of its own (`lanes`), and in it each organization keeps its order (`batch`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from typing import Any, TypeVar, Union, get_args

from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry, Counter

from contracts.catalogue import INTAKE_NAMES
from contracts.message import Event
from contracts.receipt import Outcome, Receipt
from contracts.subjects import receipt_subject
from services.chassis.bounds import Bound
from services.chassis.districts.arrival import EVENT_BYTES_MAX, Arrival, UnknownEvent, read, received, words
from services.chassis.districts.batch import KNOWN, Answer, Batch
from services.chassis.districts.lanes import Lanes
from services.chassis.districts.late import Late
from services.chassis.errors import NotYetKnown, Refused
from services.chassis.eventlog import store
from services.chassis.eventlog.inbox import Inbox, Remembered
from services.chassis.eventlog.store import Origin, Store
from services.chassis.parked import Parked, park
from services.chassis.stated import Command
from services.chassis.streams.window import Outgoing, append

HANDS_MAX = 128
"""Organizations worked on at once, whichever lanes they are in."""

Handler = Callable[[Any, Origin], Awaitable[store.Receipt]]
"""Applies one event of a district as a command. Raises what the command raises."""

Check = Callable[[str, Any], Awaitable[None]]
"""Raises Refused unless the district may speak of the event's organization."""


C = TypeVar("C", bound=Command)


def stated(
    command: type[C],
    use_case: Callable[[C, Origin], Awaitable[store.Receipt]],
    *,
    but: Set[str] | Mapping[str, Any] = frozenset(),
) -> Handler:
    """Return the handler that asks for what an event states, as the command of the same fields.

    What it leaves out the command says of itself. `but` are fields that only we say, whatever a district
    says, or what pydantic's `exclude` takes.
    """
    said_here = {**but} if isinstance(but, Mapping) else {*but}

    async def ask(event: Event, origin: Origin) -> store.Receipt:
        said = event.model_dump(exclude=said_here, exclude_unset=True)
        return await use_case(command.model_validate(said), origin)

    return ask


class IdReused(Refused):
    """A source gives each event an id of its own: this id was accepted with other content."""


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
        if arrival.problem:
            raise arrival.problem
        entry = arrival.entry
        assert entry is not None
        if arrival.name not in self.handlers:
            raise UnknownEvent(f"{entry.type} is not taken here")
        await self.check(arrival.district, arrival.event)
        name = f"{entry.source}:{entry.event_id}"
        origin = Origin(
            actor=f"district:{arrival.district}",
            correlation=name,
            causation=name,
            entry=entry,
            queued=queued,
        )
        done = await self.handlers[arrival.name](arrival.event, origin)
        return self._receipt(arrival, "accepted", subject=done.subject, position=done.position)

    def earlier(self, arrival: Arrival, remembered: Remembered) -> Receipt | None:
        """Return the duplicate's receipt if the event was accepted before. Raises IdReused."""
        entry = arrival.entry
        accepted = remembered.get(entry.key) if entry else None
        if entry is None or accepted is None:
            return None
        if accepted.digest != entry.digest:
            when = f"{accepted.accepted_at:%Y-%m-%d %H:%M}"
            raise IdReused(f"{entry.event_id} was accepted with other content at {when}")
        return self._receipt(arrival, "duplicate", subject=accepted.subject, position=accepted.position)

    # -- What becomes of them

    async def refuse(self, refused: Sequence[tuple[Arrival, Exception]]) -> list[Answer]:
        """Keep arrivals where an operator sees them. Return the receipts that say why.

        Another delivery of one may have been accepted meanwhile, and be what refuses this one.
        """
        now = await self.inbox.recall([arrival.entry for arrival, _ in refused if arrival.entry])
        answers: list[Answer] = []
        rejected: list[Parked] = []
        for arrival, error in refused:
            try:
                receipt, reason = self.earlier(arrival, now), error
            except IdReused as reused:
                receipt, reason = None, reused
            if receipt is None:
                receipt = self._rejection(arrival, reason)
                rejected.append(_parked(arrival, receipt, words(reason)))
            answers.append((arrival, receipt))
        if rejected:
            async with self.store.pool.connection() as connection:
                await park(connection.cursor(), *rejected)
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
            arrival, "rejected", reason=reason, detail=words(error) if known else "our mistake"
        )

    def _receipt(self, arrival: Arrival, outcome: Outcome, **said: Any) -> Receipt:
        self._count[outcome].inc()
        source, id = arrival.identity()
        return Receipt(
            source=source,
            id=id,
            outcome=outcome,
            service=self.store.service,
            decided_at=self.store.clock(),
            **said,
        )


def _parked(arrival: Arrival, receipt: Receipt, detail: str) -> Parked:
    assert receipt.reason is not None
    return Parked(
        kind="INTAKE",
        place=arrival.district,
        source=receipt.source,
        event_id=receipt.id,
        digest=arrival.digest,
        type=arrival.entry.type if arrival.entry else "",
        name=arrival.name,
        reason=receipt.reason,
        detail=detail,
        message=arrival.body,
        parked_at=receipt.decided_at,
    )

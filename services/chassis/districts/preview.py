"""Events that a district only wants checked: decided as if they had come, with nothing recorded.

A question is answered by one process of their owner. What does not fit into the wait gets no answer, and is
asked again.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.checked import EVENTS_MAX, Checked, Outlook, Verdict
from contracts.reasons import said
from contracts.subjects import check_subject
from services.chassis.districts.arrival import Arrival, read, words, wrong
from services.chassis.districts.batch import AWAY, KNOWN
from services.chassis.districts.deciding import Check, Deciding, Handler, IdReused, accepted_before, apply
from services.chassis.districts.turns import Turns
from services.chassis.errors import NotYetKnown
from services.chassis.eventlog.drafts import Drafts
from services.chassis.eventlog.inbox import Inbox, Remembered
from services.chassis.eventlog.store import Store

BYTES_MAX = 64 * 1024 * 1024
"""Of all questions that wait in a process."""

log = structlog.get_logger()


class Preview:
    """Answers on `check.<service>.*`. `run` is its task."""

    def __init__(self, store: Store, deciding: Deciding, broker: NatsBroker) -> None:
        self.store = store
        self.deciding = deciding
        self.inbox = Inbox(store.pool)
        self.turns = Turns("checks", self._answer, bytes_max=BYTES_MAX)
        self._broker = broker

    async def run(self) -> None:
        """Answer until cancelled. Who gets no answer asks again."""
        service = self.store.service
        await self.turns.run(self._broker.connection, check_subject(service, "*"), service)

    async def _answer(self, question: Msg) -> None:
        service, district = self.store.service, question.subject.rpartition(".")[2]
        lines = [(number, line) for number, line in enumerate(question.data.splitlines(), 1) if line.strip()]
        if len(lines) > EVENTS_MAX:
            many = f"{len(lines)} events; at most {EVENTS_MAX} are checked at once"
            checked = Checked(service=service, district=district, error=many)
        else:
            try:
                verdicts = await self.decide(district, lines)
                checked = Checked(service=service, district=district, events=tuple(verdicts))
            except AWAY as error:
                log.warning("preview failed", reason=repr(error)[:200])
                checked = Checked(service=service, district=district, error="not at the moment: ask again")
        with suppress(NatsError):
            await question.respond(checked.model_dump_json(exclude_none=True).encode())

    async def decide(self, district: str, lines: Sequence[tuple[int, bytes]]) -> list[Verdict]:
        """Return what would become of numbered lines, each an event of `district`, in their order.

        What speaks of something unknown is tried again after the others, while that gets further.
        """
        arrivals = {number: _arrived(district, line) for number, line in lines}
        remembered = dict(await self.inbox.recall([one.entry for one in arrivals.values() if one.entry]))
        trial = _Trial(self.deciding(Drafts(self.store)), remembered)
        verdicts: dict[int, Verdict] = {}
        left = list(arrivals)
        while left:
            for number in left:
                verdicts[number] = self._verdict(number, arrivals[number], *await trial.of(arrivals[number]))
            waiting = [number for number in left if verdicts[number].outcome == "waits"]
            left = waiting if len(waiting) < len(left) else []
        return [verdicts[number] for number in arrivals]

    def _verdict(self, line: int, arrival: Arrival, outcome: Outlook, error: Exception | None) -> Verdict:
        source, id = arrival.identity()
        if error is None:
            return Verdict(line=line, source=source, id=id, outcome=outcome)
        reason = type(error).__name__ if isinstance(error, KNOWN) else "Defect"
        return Verdict(
            line=line,
            source=source,
            id=id,
            outcome=outcome,
            reason=reason,
            said=said(self.store.service, reason, wrong(error)),
            detail=words(error) if isinstance(error, KNOWN) else "our mistake",
        )


class _Trial:
    """One question: what its events would have led to so far."""

    def __init__(self, deciding: tuple[Mapping[str, Handler], Check], remembered: Remembered) -> None:
        self._handlers, self._check = deciding
        self._remembered = remembered
        self._accepted: dict[tuple[str, str, str], bytes] = {}

    async def of(self, arrival: Arrival) -> tuple[Outlook, Exception | None]:
        """Return what would become of an event, and why."""
        try:
            if accepted_before(arrival.entry, self._remembered) or self._again(arrival):
                return "duplicate", None
            await apply(arrival, self._handlers, self._check)
        except AWAY:
            raise
        except NotYetKnown as error:
            return "waits", error
        except KNOWN as error:
            return "rejected", error
        except Exception as error:
            log.exception("preview failed", name=arrival.name)
            return "rejected", error
        if arrival.entry:
            self._accepted[arrival.entry.key] = arrival.entry.digest
        return "accepted", None

    def _again(self, arrival: Arrival) -> bool:
        """Return whether the same event stood before it. Raises IdReused."""
        entry = arrival.entry
        if entry is None or entry.key not in self._accepted:
            return False
        if self._accepted[entry.key] != entry.digest:
            raise IdReused(f"{entry.event_id} stands there twice, with different content")
        return True


def _arrived(district: str, line: bytes) -> Arrival:
    """Return a line as it would arrive on the subject of its own name."""
    arrival = read(district, "", line)
    name = arrival.entry.type.split(".")[1:2] if arrival.entry else []
    return read(district, name[0], line) if name else arrival

"""A small aggregate and its messages, for tests of what every service stands on."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from datetime import UTC, date, datetime
from time import monotonic

from contracts.message import Event, Message
from contracts.registry import OrganizationFounded
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.eventlog.store import Origin
from tests.patience import PATIENCE_S

NOW = datetime(2024, 11, 5, 2, 30, tzinfo=UTC)
ASKED = Origin(actor="officer-1", correlation="c-1", causation="http:c-1")


class Lamp(Aggregate):
    """Something that is lit and counts how often."""

    TOPIC = "chassis.Lamp"
    snapshot_every = 10
    code: str
    times: int = 0

    class Event(Fact):
        """A fact about one lamp."""

    class Installed(FirstFact):
        TOPIC = "chassis.Lamp.Installed"
        code: str

    class Lit(Event):
        TOPIC = "chassis.Lamp.Lit"

        def apply(self, lamp: Lamp) -> None:
            lamp.times += 1

    @classmethod
    def install(cls, code: str) -> Lamp:
        return cls._create(cls.Installed, id=f"lamp-{code}", code=code, timestamp=NOW)

    def light(self) -> None:
        self.trigger_event(self.Lit, timestamp=NOW)


def publish(fact: object) -> Event | None:
    """Return the founding an installed lamp stands for; that it was lit stays private."""
    return founding(fact.code) if isinstance(fact, Lamp.Installed) else None


async def until(met, *, within_s: float = PATIENCE_S):
    """Return what `met` returns or awaits as soon as it is true. Fails the test after `within_s`."""
    deadline = monotonic() + within_s
    while True:
        value = met()
        value = await value if inspect.isawaitable(value) else value
        if value:
            return value
        assert monotonic() < deadline, f"not within {within_s} s: {inspect.getsource(met).strip()}"
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)


def founded(
    code: str, *, sequence: int, previous: int, parent: str | None = None, source: str = "registry"
) -> Message:
    """Return the message that tells of a founding, at its place in the registry's log."""
    event = founding(code, parent)
    return Message(
        id=f"organization-{code}.1",
        source=source,
        type=event.type,
        subject=f"organization-{code}",
        time=event.occurred_at,
        sequence=sequence,
        previous=previous,
        recordedtime=NOW,
        correlationid="c-1",
        causationid="http:c-1",
        actor="officer-1",
        organization=code,
        data=event.model_dump(mode="json"),
    )


def founding(code: str, parent: str | None = None) -> OrganizationFounded:
    return OrganizationFounded(
        organization=code,
        name=f"Chi bộ {code}",
        kind="GRASSROOTS_CELL" if parent else "DISTRICT_COMMITTEE",
        parent=parent,
        founded_on=date(2020, 1, 1),
    )

"""What the stories of notification share: a clock that is set, and a log told as its stream tells it."""

from dataclasses import dataclass
from datetime import datetime

from contracts.days import PROVINCE_TIME
from contracts.message import Message
from services.chassis.delivery import Delivery
from services.notification.domain import Notice
from services.notification.publication import publish
from tests.telling import delivered


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: str, hour: int = 12) -> None:
        """Stand at `hour` of `day` in the province."""
        self.now = datetime.fromisoformat(day).replace(hour=hour, tzinfo=PROVINCE_TIME)


async def relayed(store) -> list[Delivery]:
    """Return everything public in the log, in its envelopes."""
    deliveries, previous = [], 0
    for recorded in await store.read(0, 10_000):
        event = publish(recorded.fact)
        if event is None:
            continue
        fact = recorded.fact
        message = Message(
            id=f"{fact.originator_id}.{fact.originator_version}",
            source="notification",
            type=event.type,
            subject=fact.originator_id,
            time=event.occurred_at,
            sequence=recorded.position,
            previous=previous,
            recordedtime=fact.timestamp,
            correlationid=recorded.origin["correlation"],
            causationid=recorded.origin["causation"],
            actor=recorded.origin["actor"],
            organization=event.organization,
            data=event.model_dump(mode="json"),
        )
        previous = recorded.position
        deliveries.append(delivered(message))
    return deliveries


async def notices_made(store) -> list[Notice.Made]:
    """Return what was made, in log order."""
    facts = [recorded.fact for recorded in await store.read(0, 10_000)]
    return [fact for fact in facts if isinstance(fact, Notice.Made)]


async def told(store) -> list[tuple[str, str, str, str]]:
    """Return who was told what, in log order: (rule, about, period, recipient and role)."""
    made = await notices_made(store)
    return [(fact.rule, fact.organization, fact.period, f"{fact.recipient} {fact.role}") for fact in made]

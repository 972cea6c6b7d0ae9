"""A small aggregate and its messages, for tests of what every service stands on."""

from __future__ import annotations

from datetime import UTC, date, datetime

from contracts.message import Message
from contracts.registry import OrganizationFounded
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.store import Origin

NOW = datetime(2024, 11, 5, 2, 30, tzinfo=UTC)
ASKED = Origin(actor="officer-1", correlation="c-1", causation="http:c-1")


class Lamp(Aggregate):
    """Something that is lit and counts how often."""

    TOPIC = "chassis.Lamp"
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


def founded(
    code: str, *, sequence: int, previous: int, parent: str | None = None, source: str = "registry"
) -> Message:
    """Return the message that tells of a founding, at its place in the registry's log."""
    event = OrganizationFounded(
        organization=code,
        name=f"Chi bộ {code}",
        kind="GRASSROOTS_CELL" if parent else "DISTRICT_COMMITTEE",
        parent=parent,
        founded_on=date(2020, 1, 1),
    )
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

"""What of a service's log is public, in its envelopes: for the relay, and for whoever lacks a part of it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from typing import Any

import msgspec

from contracts.message import Event
from services.chassis.delivery import Envelope
from services.chassis.eventlog.store import Store
from services.chassis.eventlog.writer import Recorded


class Published:
    """The public side of `store`: what `publish` makes of each fact, the border of the service."""

    def __init__(self, store: Store, publish: Callable[[Any], Event | None]) -> None:
        self.store = store
        self._publish = publish

    def envelopes(self, facts: Iterable[Recorded], *, after: int) -> Iterator[Envelope]:
        """Yield what is public of `facts`. The public event before the first of them is at `after`."""
        for recorded in facts:
            if event := self._publish(recorded.fact):
                yield self._envelope(recorded, event, after)
                after = recorded.position

    def _envelope(self, recorded: Recorded, event: Event, previous: int) -> Envelope:
        fact, origin = recorded.fact, recorded.origin
        return Envelope(
            id=f"{fact.originator_id}.{fact.originator_version}",
            source=self.store.service,
            type=event.type,
            dataschema=f"urn:fourgood:schema:{event.type}",
            subject=fact.originator_id,
            time=event.occurred_at,
            sequence=recorded.position,
            previous=previous,
            recordedtime=fact.timestamp.astimezone(UTC),
            correlationid=origin["correlation"],
            causationid=origin["causation"],
            actor=origin["actor"],
            organization=event.organization,
            raw_data=msgspec.Raw(event.model_dump_json().encode()),
        )

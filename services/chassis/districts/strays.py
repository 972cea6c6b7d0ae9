"""Events whose name nobody takes: answered too, by the owner that the type names, whose stream counts them.

What names none is answered by the registry, which every district knows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from nats.aio.msg import Msg

from contracts.catalogue import INTAKE_NAMES
from contracts.subjects import INTAKE
from services.chassis.districts.arrival import Arrival, UnknownEvent, read
from services.chassis.districts.intake import Intake
from services.chassis.districts.lane import PULL_BYTES_MAX
from services.chassis.districts.lanes import Lanes

FALLBACK = "registry"
OWNERS = {event.type.split(".")[0] for events in INTAKE_NAMES.values() for event in events}
"""Who takes in what districts send."""


class Strays:
    """Rejects what lies on `intake.>` under a name that no service takes, as far as it is ours.

    A district that has sent one has a lane here, which is sent headers only; the few bodies that matter
    are fetched.
    """

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.service = intake.store.service
        reader = "strays" if self.service == FALLBACK else f"strays-{self.service}"
        self.lanes = Lanes(reader, intake.lanes.broker, self.take, ())

    async def take(self, batch: Sequence[Msg], decided: Callable[[], object]) -> None:
        """Reject the strays of a batch that are ours; whatever fails is asked for again by the lane."""
        known = ", ".join(sorted(INTAKE_NAMES))
        for some in _in_parts(batch):
            arrivals = await asyncio.gather(*map(self._fetched, filter(_is_stray, some)))
            answers = await self.intake.refuse(
                [
                    (arrival, UnknownEvent(f"{arrival.name} is none of {known}"))
                    for arrival in arrivals
                    if self._is_ours(arrival)
                ]
            )
            await self.intake.tell(answers)
            for raw in some:
                await raw.ack()

    async def _fetched(self, raw: Msg) -> Arrival:
        """Return a stray with its body."""
        _, district, name = raw.subject.split(".", 2)
        stored = await self.intake.bus.jetstream().get_msg(INTAKE, raw.metadata.sequence.stream)
        return read(district, name, stored.data or b"")

    def _is_ours(self, arrival: Arrival) -> bool:
        owner = arrival.type.split(".")[0]
        return self.service == (owner if owner in OWNERS else FALLBACK)


def _is_stray(raw: Msg) -> bool:
    return raw.subject.split(".", 2)[2] not in INTAKE_NAMES


def _in_parts(batch: Sequence[Msg]) -> Iterator[Sequence[Msg]]:
    """Yield a batch in parts, the bodies of whose strays may be held at once."""
    part: list[Msg] = []
    held = 0
    for raw in batch:
        size = int((raw.headers or {}).get("Nats-Msg-Size", 0)) if _is_stray(raw) else 0
        if part and held + size > PULL_BYTES_MAX:
            yield part
            part, held = [], 0
        part.append(raw)
        held += size
    yield part

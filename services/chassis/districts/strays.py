"""Events whose name nobody takes: answered too, by the owner that the type names, whose stream counts them.

What names none is answered by the registry, which every district knows.
"""

from collections.abc import Callable, Sequence

from nats.aio.msg import Msg

from contracts.catalogue import INTAKE_NAMES
from contracts.subjects import INTAKE
from services.chassis.districts.arrival import Arrival, UnknownEvent, read
from services.chassis.districts.batch import Answer
from services.chassis.districts.intake import Intake
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
        answers: list[Answer] = []
        known = ", ".join(sorted(INTAKE_NAMES))
        for raw in batch:
            _, district, name = raw.subject.split(".", 2)
            if name not in INTAKE_NAMES:
                stored = await self.intake.bus.jetstream().get_msg(INTAKE, raw.metadata.sequence.stream)
                arrival = read(district, name, stored.data or b"")
                if self._is_ours(arrival):
                    refusal = UnknownEvent(f"{name} is none of {known}")
                    answers += await self.intake.refuse([(arrival, refusal)])
        await self.intake.tell(answers)
        for raw in batch:
            await raw.ack()

    def _is_ours(self, arrival: Arrival) -> bool:
        owner = arrival.type.split(".")[0]
        return self.service == (owner if owner in OWNERS else FALLBACK)

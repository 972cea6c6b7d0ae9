"""Events no service owns: a misspelt name is answered too, by the registry, which every district knows."""

from collections.abc import Callable, Sequence

from nats.aio.msg import Msg

from contracts.catalogue import INTAKE_NAMES
from contracts.subjects import INTAKE
from services.chassis.districts.arrival import UnknownEvent, read
from services.chassis.districts.batch import Answer
from services.chassis.districts.intake import Intake
from services.chassis.districts.lanes import Lanes


class Strays:
    """Rejects whatever lies on `intake.>` under a name that no service takes.

    A district that has sent one has a lane here, which is sent headers only; the few bodies that matter
    are fetched.
    """

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.lanes = Lanes("strays", intake.lanes.broker, self.take, ())

    async def take(self, batch: Sequence[Msg], decided: Callable[[], object]) -> None:
        """Reject the strays of a batch; whatever fails is asked for again by the lane."""
        answers: list[Answer] = []
        known = ", ".join(sorted(INTAKE_NAMES))
        for raw in batch:
            _, district, name = raw.subject.split(".", 2)
            if name not in INTAKE_NAMES:
                stored = await self.intake.bus.jetstream().get_msg(INTAKE, raw.metadata.sequence.stream)
                arrival = read(district, name, stored.data or b"")
                answers += await self.intake.refuse([(arrival, UnknownEvent(f"{name} is none of {known}"))])
        await self.intake.tell(answers)
        for raw in batch:
            await raw.ack()

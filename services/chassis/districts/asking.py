"""What has arrived, for the district that asks: `received.<owner>.<district>`, answered by the owner."""

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from psycopg import OperationalError
from pydantic import ValidationError

from contracts.received import Asked, Received
from contracts.subjects import received_subject
from services.chassis.districts.arrival import first_errors
from services.chassis.districts.intake import Intake
from services.chassis.districts.turns import Turns

BYTES_MAX = 4 * 1024 * 1024
"""Of all questions that wait in a process."""

log = structlog.get_logger()


class Asking:
    """Answers districts for one service, any of its processes. `run` is its task."""

    def __init__(self, intake: Intake) -> None:
        self.service = intake.store.service
        self.intake = intake
        self.turns = Turns("questions", self._answer, bytes_max=BYTES_MAX)

    async def run(self) -> None:
        """Answer until cancelled. Who gets no answer asks again."""
        await self.turns.run(self.intake.bus, received_subject(self.service, "*"), self.service)

    async def _answer(self, question: Msg) -> None:
        try:
            answer = await self.answer(question.subject.rpartition(".")[2], question.data)
            await question.respond(answer.model_dump_json(exclude_none=True).encode())
        except (OperationalError, NatsError) as error:
            log.warning("received not answered", reason=repr(error)[:200])

    async def answer(self, district: str, body: bytes) -> Received:
        """Return what has arrived, once what the district states of itself is kept."""
        try:
            asked = Asked.model_validate_json(body or b"{}")
        except ValidationError as error:
            return Received(service=self.service, district=district, error=first_errors(error))
        if asked.last is not None:
            if asked.source is None:
                return Received(service=self.service, district=district, error="last: is of one source")
            at = self.intake.store.clock()
            await self.intake.arrivals.state(district, asked.source, asked.last, at=at)
        streams = await self.intake.arrivals.streams(district, asked.source)
        return Received(service=self.service, district=district, streams=tuple(streams))

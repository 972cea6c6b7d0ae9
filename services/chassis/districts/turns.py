"""Questions of districts, answered in turns: however much one asks, the others are answered beside it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.chassis.bounds import Bound
from services.chassis.streams.bus import answering

HANDS = 4
"""Questions that are answered at once, each of another district."""

OF_ONE_MAX = 16
"""Questions of one district that are answered or wait."""

SHARE = 4
"""Of the bytes that may wait one district takes up to a quarter."""

log = structlog.get_logger()


class Turns:
    """Answers what is asked on `<…>.<district>`. What is asked beyond the bounds gets no answer."""

    def __init__(self, name: str, answer: Callable[[Msg], Awaitable[None]], *, bytes_max: int) -> None:
        self._answer = answer
        self._asked: dict[str, deque[Msg]] = {}
        """Of each district, the first being answered."""
        self._hands = asyncio.Semaphore(HANDS)
        self.bounds = [
            Bound(
                f"{name} of one district", OF_ONE_MAX, lambda: max(map(len, self._asked.values()), default=0)
            ),
            Bound(f"bytes of {name}", bytes_max, lambda: sum(map(_bytes, self._asked.values()))),
        ]

    async def run(self, bus: Client, subject: str, queue: str) -> None:
        """Answer until cancelled. Who gets no answer asks again."""
        async with asyncio.TaskGroup() as tasks:

            async def take(question: Msg) -> None:
                district = question.subject.rpartition(".")[2]
                if not question.reply or not self._has_room(district, len(question.data)):
                    return
                if district in self._asked:
                    self._asked[district].append(question)
                else:
                    self._asked[district] = deque([question])
                    tasks.create_task(self._answer_all(district))

            await answering(bus, subject, queue, take)

    def _has_room(self, district: str, size: int) -> bool:
        mine, [of_one, of_all] = self._asked.get(district, ()), self.bounds
        return (
            len(mine) < of_one.limit
            and _bytes(mine) + size <= of_all.limit // SHARE
            and of_all.used() + size <= of_all.limit
        )

    async def _answer_all(self, district: str) -> None:
        questions = self._asked[district]
        while questions:
            async with self._hands:
                try:
                    await self._answer(questions[0])
                except Exception:
                    log.exception("question not answered", district=district)
            questions.popleft()
        del self._asked[district]


def _bytes(questions: Iterable[Msg]) -> int:
    return sum(len(question.data) for question in questions)

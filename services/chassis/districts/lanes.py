"""A lane for each district: a durable consumer of its own, so that nobody stands behind another's flood.

Lanes are found by the subjects the stream holds, and share the hands of their reader.
"""

import asyncio
from collections.abc import Collection

import anyio
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from contracts.subjects import INTAKE
from services.chassis.bounds import Bound
from services.chassis.districts.lane import AWAY, IN_HAND_MAX, PULL_MAX, Lane, Take
from services.chassis.districts.standing import districts, state
from services.chassis.progress import Stand

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
"""How late the first event of a district not heard before may be found."""


class Lanes:
    """The lanes of one reader of the intake. `run` is its task, `close` its end.

    A reader takes the events called `names`; one with none of these takes those whose name nobody takes.
    """

    def __init__(self, reader: str, broker: NatsBroker, take: Take, names: Collection[str]) -> None:
        self.reader = reader
        self.names = names
        self.take = take
        self.lanes: dict[str, Lane] = {}
        self.closing = False
        self._shared = f"intake-{reader}"
        """The one consumer that all districts had before there were lanes."""
        self.broker = broker
        self._ended = asyncio.Event()
        self._ended.set()
        self._seen: object = None
        self._reconnects = 0

    @property
    def bus(self) -> Client:
        """Return the connection."""
        return self.broker.connection

    @property
    def share(self) -> int:
        """Return how many events a lane may take now: always one."""
        return max(1, (IN_HAND_MAX - self.in_hand) // 2)

    @property
    def in_hand(self) -> int:
        """Return how many events are being decided."""
        return sum(lane.in_hand for lane in self.lanes.values())

    @property
    def bounds(self) -> list[Bound]:
        """Return how many events may be decided at once, and lie ready for one lane."""
        what = "strays" if not self.names else "events"
        return [
            Bound(f"{what} in hand", IN_HAND_MAX, lambda: self.in_hand),
            Bound(
                f"{what} of one district ready",
                2 * PULL_MAX,
                lambda: max((lane.ready for lane in self.lanes.values()), default=0),
            ),
            Bound(
                f"{what} of one district unanswered",
                IN_HAND_MAX,
                lambda: max((lane.unanswered for lane in self.lanes.values()), default=0),
            ),
        ]

    async def stand(self) -> Stand:
        """Return whether a lane has work or cannot be asked, and how many events have come to all of them.

        What waits for the unknown comes again, and so moves.
        """
        lanes = self.lanes.values()
        waits = any(lane.unanswered or lane.in_doubt for lane in lanes)
        return Stand(waits, sum(lane.pull.heard for lane in lanes))

    async def run(self) -> None:
        """Open a lane for every district there is, and for each that comes, until closed or cancelled."""
        self._ended.clear()
        try:
            async with anyio.create_task_group() as group:
                while not self.closing:
                    try:
                        self._doubt_after_reconnect()
                        await self._open_new(group)
                    except AWAY as error:
                        log.warning("lanes wait", reader=self.reader, reason=repr(error)[:200])
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Take nothing more, and return when all that was taken is answered."""
        self.closing = True
        for lane in self.lanes.values():
            lane.pull.news.set()
        await self._ended.wait()

    def _doubt_after_reconnect(self) -> None:
        """Let every lane ask again on a new connection: the server forgot what was asked on the old."""
        if self._reconnects != self.bus.stats["reconnects"]:
            self._reconnects = self.bus.stats["reconnects"]
            for lane in self.lanes.values():
                lane.in_doubt = True
                lane.pull.news.set()

    async def _open_new(self, group: anyio.abc.TaskGroup) -> None:
        """Open a lane for each district that has none, if the stream holds other subjects than before."""
        held = await state(self.bus)
        seen = (held.num_subjects, held.first_seq)
        if seen == self._seen:
            return
        js = self.bus.jetstream()
        predecessor = await self._predecessor(js) if self._seen is None else None
        for district in sorted(await districts(self.bus, self.names) - self.lanes.keys()):
            lane = Lane(self, district)
            await lane.open(js, after=predecessor or 0)
            self.lanes[district] = lane
            group.start_soon(lane.run)
        if predecessor is not None:
            await js.delete_consumer(INTAKE, self._shared)
        self._seen = seen

    async def _predecessor(self, js: JetStreamContext) -> int | None:
        """Return up to where the one consumer of all districts had answered, if it is still there."""
        try:
            shared = await js.consumer_info(INTAKE, self._shared)
        except NotFoundError:
            return None
        log.info("lanes take over", durable=self._shared)
        return shared.ack_floor.stream_seq if shared.ack_floor else 0

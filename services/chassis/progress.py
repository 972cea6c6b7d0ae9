"""Ready means moving: which parts of a process have work and do not get on with it, and since when.

Each part is looked at every few seconds by a task of its own, so that one that cannot be seen hides no
other; whoever asks is answered from memory. Ending a process that reads nothing is the watch's (`bus`);
this says what a start would not mend: a lock, a full disk, a quota, a predecessor that never comes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import anyio
from nats.errors import Error as NatsError
from psycopg import OperationalError

from services.chassis.clock import Clock, utc_now
from services.chassis.eventlog.writer import Pool
from services.chassis.streams.relay import Relay
from services.chassis.views.filling import Feed
from services.chassis.views.rebuild import Rebuilder
from services.chassis.views.view import View

STALLED_AFTER_S = 30.0
LOOKS = 6
"""How often a part is looked at before patience with it ends."""

LOOK_WITHIN_S = 5.0

AWAY = (NatsError, OperationalError, TimeoutError)


@dataclass(frozen=True)
class Stand:
    """Whether a part has work, and where it stands: any other place means that it has moved."""

    busy: bool
    at: Hashable


Look = Callable[[], Awaitable[Stand]]


@dataclass
class Part:
    """One part, and when it was last seen to move or to have nothing to do."""

    look: Look
    patience_s: float
    says: str
    since: datetime
    moved_s: float = field(default_factory=monotonic)
    at: Hashable = None


class Progress:
    """The parts of one process. `run` is its task."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._parts: dict[str, Part] = {}

    def follow(
        self, name: str, look: Look, *, patience_s: float | None = None, says: str = "has not moved"
    ) -> None:
        """Look at a part while we run; `says` what is wrong if it does not move for `patience_s`."""
        self._parts[name] = Part(look, patience_s or STALLED_AFTER_S, says, self._clock())

    async def run(self) -> None:
        """Look at every part until cancelled."""
        for part in self._parts.values():
            self._moves(part, None)  # what came before has nothing to do with it
        async with anyio.create_task_group() as looks:
            for part in self._parts.values():
                looks.start_soon(self._watch, part)

    def standing_still_s(self) -> dict[str, float]:
        """Return for how long each part has had work without moving; near zero for one that is well."""
        return {name: monotonic() - part.moved_s for name, part in self._parts.items()}

    def stalled(self) -> dict[str, str]:
        """Return the parts that have had work and not moved for longer than their patience, and since when.

        One that cannot be looked at for that long is one of them.
        """
        return {
            name: f"{part.says} since {part.since:%Y-%m-%dT%H:%M:%SZ}"
            for name, part in self._parts.items()
            if monotonic() - part.moved_s >= part.patience_s
        }

    async def _watch(self, part: Part) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_WITHIN_S):
                    stand = await part.look()
            except AWAY:
                pass
            else:
                if not stand.busy or stand.at != part.at:
                    self._moves(part, stand.at)
            await asyncio.sleep(part.patience_s / LOOKS)

    def _moves(self, part: Part, at: Hashable) -> None:
        part.at, part.moved_s, part.since = at, monotonic(), self._clock()


# -- Where the parts of a service stand


async def answers(pool: Pool) -> Stand:
    """Return that the database has answered."""
    async with pool.connection(timeout=2.0) as connection:
        await connection.execute("SELECT 1")
    return Stand(busy=False, at=None)


async def relay_stands(relay: Relay) -> Stand:
    """Return how far the log has been carried. Another process may be doing that; then it says so."""
    position = relay.position
    return Stand(not relay.standing_by and await relay.store.head() > position, position)


async def view_stands(view: View, feed: Feed, rebuilder: Rebuilder) -> Stand:
    """Return how far a view has read, or has been filled anew."""
    positions = await view.positions()
    return Stand(await feed.lag(positions) > 0, (*positions.items(), rebuilder.look_up(view.name).done))

"""Filling a view again beside itself: readers keep the old one until the new one has read as much.

What was filled is kept every some ten thousand events with how far it reaches, so a rebuild that was
cancelled, or whose process ended, goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from services.chassis.bounds import Bound
from services.chassis.errors import NotFound, Refused
from services.chassis.views.copy import Copy
from services.chassis.views.filling import CHUNK, Feed, Filling, Rebuild
from services.chassis.views.patience import AWAY
from services.chassis.views.view import View

log = structlog.get_logger()

RETRY_S = 1.0


class AlreadyRebuilding(Refused):
    """A view is filled by one rebuild at a time."""


class NotRebuilding(Refused):
    """Only a rebuild that runs can be cancelled."""


class NothingToSwitch(Refused):
    """Only a shadow that was filled and compared can be switched."""


class NothingToDiscard(Refused):
    """Only what a rebuild left beside the view can be discarded."""


class NeverRebuilt(Refused):
    """It is no read model: what others are rebuilt from, or what acts, is not filled again."""


class Rebuilder:
    """Rebuilds any of one service's views from its feed, each at most once at a time."""

    def __init__(self) -> None:
        self.feeds: dict[str, tuple[View, Feed]] = {}
        self.standing: dict[str, Rebuild] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._outdated: list[str] = []

    @property
    def bound(self) -> Bound:
        """Return how many events one rebuild may hold in memory, and how many the fullest one holds."""

        def used() -> int:
            running = [one.unkept for one in self.standing.values() if one.state == "RUNNING"]
            return min(CHUNK, max(running, default=0))  # a page more ends a chunk

        return Bound("events of a rebuild in memory", CHUNK, used)

    def add(self, view: View, feed: Feed) -> None:
        """Make `view` one that can be filled again from `feed`."""
        self.feeds[view.name] = (view, feed)
        self.standing[view.name] = Rebuild(view.name)

    async def prepare(self) -> None:
        """Create the schemas that are missing; note those that another version or a rebuild left behind."""
        for name, (view, _) in self.feeds.items():
            if not await view.prepare():
                log.info("view of another version", view=name, version=view.version)
                self._outdated += [name] if view.rebuildable else []
            if await Copy(view).resume() is not None:
                self.standing[name] = Rebuild(name, "STOPPED", detail="its process ended")

    async def run(self) -> None:
        """Rebuild what is outdated; stop every rebuild when cancelled."""
        try:
            for name in self._outdated:
                self.start(name)
            await asyncio.Event().wait()
        finally:
            for task in self._running.values():
                task.cancel()

    def look_up(self, name: str) -> Rebuild:
        """Return how the view's last rebuild stands. Raises NotFound."""
        if name not in self.standing:
            raise NotFound(f"no view {name}; there are {', '.join(sorted(self.standing))}")
        return self.standing[name]

    # -- What an operator may do

    def start(self, name: str, *, rate: int | None = None, shadow: bool = False) -> Rebuild:
        """Begin a rebuild in the background, or go on with one that was stopped.

        A `shadow` compares and waits instead of switching. Raises NotFound, AlreadyRebuilding, NeverRebuilt.
        """
        self._at_rest(name)
        view, feed = self.feeds[name]
        if not view.rebuildable:
            raise NeverRebuilt(f"{name} is no read model: it is never filled again")
        standing = self.standing[name] = Rebuild(name, "RUNNING", rate=rate, shadow=shadow)
        self._running[name] = asyncio.create_task(_rebuild(view, feed, standing))
        return standing

    async def cancel(self, name: str) -> Rebuild:
        """Stop a rebuild; what it has filled is kept. Raises NotFound, NotRebuilding."""
        if self.look_up(name).state != "RUNNING":
            raise NotRebuilding(f"{name} is not being rebuilt")
        task = self._running[name]
        task.cancel()
        await asyncio.wait({task})
        return self.look_up(name)

    def switch(self, name: str) -> Rebuild:
        """Let a compared shadow read what is new and take the live view's place.

        Raises NotFound, AlreadyRebuilding, NothingToSwitch.
        """
        standing = self._at_rest(name)
        if standing.state != "COMPARED":
            raise NothingToSwitch(f"no shadow of {name} waits: rebuild it as a shadow first")
        return self.start(name, rate=standing.rate)

    async def discard(self, name: str) -> Rebuild:
        """Forget what a rebuild left behind. Raises NotFound, AlreadyRebuilding, NothingToDiscard."""
        self._at_rest(name)
        if not await Copy(self.feeds[name][0]).drop():
            raise NothingToDiscard(f"there is nothing beside {name}")
        self.standing[name] = Rebuild(name)
        return self.standing[name]

    def _at_rest(self, name: str) -> Rebuild:
        standing = self.look_up(name)
        if standing.state == "RUNNING":
            raise AlreadyRebuilding(f"{name} is being rebuilt; cancel that first")
        return standing


async def _rebuild(view: View, feed: Feed, standing: Rebuild) -> None:
    """Fill a copy of `view` and switch or compare, from the last checkpoint as often as something is away."""
    try:
        while True:
            try:
                async with _alone(view):
                    await Filling(Copy(view), feed, standing).go()
                break
            except AWAY as error:
                log.warning("rebuild waits", view=view.name, reason=repr(error)[:200])
                await asyncio.sleep(RETRY_S)
        standing.remaining_s = 0
        log.info("view rebuilt", view=view.name, messages=standing.done, state=standing.state)
    except asyncio.CancelledError:
        standing.state, standing.detail = "STOPPED", "cancelled; start it again to go on, or discard it"
        raise
    except Exception as error:
        standing.state, standing.detail = "FAILED", f"{type(error).__name__}: {error}"
        log.exception("rebuild failed", view=view.name)


@asynccontextmanager
async def _alone(view: View) -> AsyncIterator[None]:
    """Hold the right to fill the view's copy, against every other process. Raises AlreadyRebuilding."""
    key = (f"rebuild {view.name}",)
    async with view.pool.connection() as connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtext(%s)) AS ours", key)
        row = await cursor.fetchone()
        if not row or not row["ours"]:
            raise AlreadyRebuilding(f"another process is filling {view.name}")
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", key)

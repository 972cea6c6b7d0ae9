"""Filling a view again beside itself: readers keep the old one until the new one has read as much."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from services.chassis.delivery import Delivery, Envelope
from services.chassis.errors import NotFound, Refused
from services.chassis.view import View

log = structlog.get_logger()


class AlreadyRebuilding(Refused):
    """A view is filled by one rebuild at a time."""


class Feed(Protocol):
    """Where a view's history can be read from its beginning."""

    async def total(self) -> int:
        """Return about how many messages there are, for a progress bar."""
        ...

    async def lag(self, positions: Mapping[str, int]) -> int:
        """Return how many positions a view that stands at `positions` has still to read."""
        ...

    def replay(self) -> AsyncIterator[Sequence[Delivery]]:
        """Yield every message in order, in batches; an empty batch each time the end is reached."""
        ...


@dataclass
class Rebuild:
    """How a rebuild stands."""

    view: str
    state: Literal["NONE", "RUNNING", "DONE", "FAILED"] = "NONE"
    done: int = 0
    total: int = 0
    detail: str = ""


class Rebuilder:
    """Rebuilds any of one service's views from its feed, each at most once at a time."""

    def __init__(self) -> None:
        self.feeds: dict[str, tuple[View, Feed]] = {}
        self.standing: dict[str, Rebuild] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._outdated: list[str] = []

    def add(self, view: View, feed: Feed) -> None:
        """Make `view` one that can be filled again from `feed`."""
        self.feeds[view.name] = (view, feed)
        self.standing[view.name] = Rebuild(view.name)

    async def prepare(self) -> None:
        """Create the schemas that are missing; note those that another version left behind."""
        for name, (view, _) in self.feeds.items():
            if not await view.prepare():
                log.info("view of another version", view=name, version=view.version)
                self._outdated.append(name)

    def start(self, name: str) -> Rebuild:
        """Begin a rebuild in the background. Raises NotFound, AlreadyRebuilding."""
        standing = self.look_up(name)
        if standing.state == "RUNNING":
            raise AlreadyRebuilding(name)
        self.standing[name] = Rebuild(name, "RUNNING")
        self._running[name] = asyncio.create_task(self._fill(name))
        return self.standing[name]

    def look_up(self, name: str) -> Rebuild:
        """Return how the view's last rebuild stands. Raises NotFound."""
        if name not in self.standing:
            raise NotFound(f"no view {name}; there are {', '.join(sorted(self.standing))}")
        return self.standing[name]

    async def run(self) -> None:
        """Rebuild what is outdated; stop every rebuild when cancelled."""
        try:
            for name in self._outdated:
                self.start(name)
            await asyncio.Event().wait()
        finally:
            for task in self._running.values():
                task.cancel()

    async def _fill(self, name: str) -> None:
        view, feed = self.feeds[name]
        standing = self.standing[name]
        passed: list[Envelope] = []
        try:
            standing.total = await feed.total()
            await view.begin_next()
            async for batch in feed.replay():
                if batch:
                    passed += await _fold(view, batch)
                    standing.done += len(batch)
                elif await view.switch(passed):
                    break
            standing.state, standing.total = "DONE", standing.done
            log.info("view rebuilt", view=name, messages=standing.done)
        except Exception as error:
            standing.state, standing.detail = "FAILED", f"{type(error).__name__}: {error}"
            log.exception("rebuild failed", view=name)


async def _fold(view: View, batch: Sequence[Delivery]) -> list[Envelope]:
    """Fold a batch into the copy. Return what it passes over, as the live view did; raise for the rest."""
    try:
        await view.apply(batch, view.next)
    except Exception:  # noqa: BLE001 - raised again below, unless the live view choked on it too
        return [message for delivery in batch if (message := await _fold_one(view, delivery))]
    return []


async def _fold_one(view: View, delivery: Delivery) -> Envelope | None:
    try:
        await view.apply([delivery], view.next)
    except Exception as error:
        if not await view.has_parked(delivery.message):
            raise
        await view.skip(delivery, error, view.next)
        return delivery.message
    return None

"""Feeds that a test holds in its hand, and a rebuilder that reads one."""

import asyncio

from services.chassis.views.bookmark import advance
from services.chassis.views.copy import Page
from services.chassis.views.rebuild import Rebuilder
from tests.chassis.story import until


class History:
    """A feed of what a list holds at the moment it is read; `at_end` runs each time its end is reached."""

    def __init__(self, deliveries, at_end=None, *, batch=2):
        self.deliveries = deliveries
        self.at_end = at_end
        self.batch = batch
        self.read = []

    async def total(self):
        return len(self.deliveries)

    async def lag(self, positions):
        return len(self.deliveries) - sum(positions.values())

    async def replay(self, view, after):
        bookmarks = dict(after)
        read = sum(after.values())
        while True:
            while read < len(self.deliveries):
                batch = self.deliveries[read : read + self.batch]
                read += len(batch)
                for delivery in batch:
                    advance(bookmarks, delivery.message, view.name)
                self.read += [delivery.message.organization for delivery in batch]
                folded = [delivery.raw for delivery in batch if view.folds(delivery.message.type)]
                yield Page(len(batch), folded, {d.message.source: d.message.sequence for d in batch})
            if self.at_end:
                await self.at_end()
            yield Page(0, [], bookmarks)


def rebuilder(view, feed):
    rebuilder = Rebuilder()
    rebuilder.add(view, feed)
    return rebuilder


async def finished(rebuilder, name="marks"):
    await until(lambda: rebuilder.look_up(name).state != "RUNNING")
    return rebuilder.look_up(name)


class Endless(History):
    """A history whose end is not reached while the test holds it."""

    def __init__(self, deliveries, **more):
        super().__init__(deliveries, self.hold, **more)
        self.let = asyncio.Event()

    async def hold(self):
        await self.let.wait()

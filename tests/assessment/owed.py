"""A cell's duties in a service that hears everything: what is told reaches every view, also its own."""

from datetime import UTC, datetime

from services.assessment.publication import publish
from tests.edges import bearer
from tests.telling import Telling, founded

FOUNDED = 7
"""Foundings that the tree of these tests begins with."""


class Hearing:
    """Tells the views what happens, in the registry and here; and asks over HTTP."""

    def __init__(self, api, assessment, views, tree, homes, restrictions):
        self.api = api
        self.duties = assessment.duties
        self.store = assessment.cells.store
        self.views = [(view, sources) for view, sources in views.followed]
        self.registry = [tree, homes, restrictions]
        self.telling = Telling()
        self.read_to = 0

    async def begin(self):
        """Let every view that follows the registry pass over the foundings that the tree was told."""
        some = self.telling.all(*[founded(f"X-{n}", under=None) for n in range(FOUNDED)])
        for view in (*self.registry[1:], *(view for view, sources in self.views if "registry" in sources)):
            await view.apply(some)
        return self

    async def tell(self, *events):
        """Tell what happened, in this order."""
        for event in events:
            source, told = event.type.partition(".")[0], [self.telling(event)]
            for view in self.registry if source == "registry" else ():
                await view.apply(told)
            for view, sources in self.views:
                if source in sources:
                    await view.apply(told)

    async def hear(self):
        """Tell what was recorded here since the last time."""
        recorded = await self.store.read(self.read_to, 10_000)
        self.read_to = recorded[-1].position if recorded else self.read_to
        await self.tell(*[event for one in recorded if (event := publish(one.fact))])

    async def sweep(self, on=None, **how):
        """Let the clock look, on a day, and hear what it recorded."""
        if on:
            at = datetime.fromisoformat(f"{on}T12:00:00+07:00").astimezone(UTC)
            self.store.clock = lambda: at
        await self.duties.sweep(**how)
        await self.hear()

    async def get(self, path, role="auditor", status=200):
        answer = await self.api.get(path, headers=bearer(role))
        assert status == answer.status_code, answer.text
        return answer.json()

    async def post(self, path, body, role="officer", subtree="*", status=200):
        answer = await self.api.post(path, json=body, headers=bearer(role, subtree))
        assert status == answer.status_code, answer.text
        return answer.json()

    async def month(self, cell, period):
        """Return what became of all that a cell owes in a month, by duty and subject."""
        shown = await self.get(f"/obligations?organization={cell}&period={period}")
        return {(one["duty"], one["subject"]): one["outcome"] for one in shown["obligations"]}

    async def events(self):
        """Return what was recorded of obligations, by type."""
        recorded = await self.store.read(0, 10_000)
        return [type(one.fact).__name__ for one in recorded if "Obligations" in one.fact.TOPIC]

"""What every use case of assessment begins and ends with: an organization, and a receipt."""

from datetime import date

from contracts.days import day_of
from services.assessment.domain import Organization
from services.chassis.aggregate import Aggregate
from services.chassis.errors import AlreadyDone, Conflict, Refused, UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store
from services.chassis.views.tree import Node, Tree


class Cells:
    """The log, and the organizations that `tree` knows."""

    def __init__(self, store: Store, tree: Tree) -> None:
        self.store = store
        self.tree = tree

    async def find(self, code: str) -> Organization:
        """Return an organization as it stands today. Raises UnknownOrganization."""
        node = await self.tree.find(code)
        if node is None:
            raise UnknownOrganization(f"no organization {code} is known here")
        return _organization(node)

    async def find_on(self, code: str, day: date) -> Organization:
        """Return an organization as it stood at the end of `day`, beneath whom it then was.

        One founded later is as it is today. Raises UnknownOrganization.
        """
        node = await self.tree.find_on(code, day)
        if node is None:
            return await self.find(code)
        return _organization(node, node.ended_on)

    async def heir_on(self, code: str, day: date) -> Organization:
        """Return who has on `day` what an organization had: itself, or what it ended in by then.

        That is what it was merged into, or the committee above one that was dissolved. Raises
        UnknownOrganization.
        """
        found = await self.find_on(code, day)
        while found.ended_on and found.ended_on <= day and len(found.path) > 1:
            found = await self.find_on(found.path[-2], day)
        return found

    def today(self) -> date:
        """Return the day it is in the province."""
        return day_of(self.store.clock())

    async def record_new(self, aggregate: Aggregate, origin: Origin, *, otherwise: type[Refused]) -> Receipt:
        """Record a new aggregate. Raises `otherwise` if there is one of its id already."""
        try:
            return await self.store.record(aggregate, origin=origin)
        except AlreadyDone:
            raise
        except Conflict as conflict:
            raise otherwise(aggregate.id) from conflict


def _organization(node: Node, ended_on: date | None = None) -> Organization:
    return Organization(node.code, node.kind, node.founded_on, tuple(node.path), ended_on, node.sector)

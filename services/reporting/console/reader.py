"""Who reads a page, and what of it they may see."""

from starlette.requests import Request

from services.chassis.delivery import NotYetRead, ViewRebuilding
from services.chassis.edge.auth import EVERYWHERE, Caller, Rights, Role
from services.chassis.edge.http import positions_in
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.console.queries import Queries
from services.reporting.console.sign_in import SignIn
from services.reporting.views.life import Life

OF_MEMBERS: tuple[Role, ...] = ("officer", "secretary", "auditor")
"""Who reads about single members, as the registry has it: not those who run the machines."""


def reads_members(caller: Caller | None) -> bool:
    """Return whether the reader may open the page of a member."""
    return caller is not None and not caller.roles.isdisjoint(OF_MEMBERS)


class Reader:
    """What whoever holds the cookie may read."""

    def __init__(self, sign_in: SignIn, rights: Rights, queries: Queries) -> None:
        self.caller = sign_in.caller
        self.check = rights.check
        self._queries = queries

    async def organization(self, request: Request, code: str) -> tuple[Caller, Node]:
        """Return who reads and the organization. Raises Unauthenticated, NotFound or Forbidden."""
        caller = self.caller(request)
        await self._caught_up(request)
        node = await self._queries.find(code)
        if node is None:
            raise NotFound(code)
        await self.check(caller, code)
        return caller, node

    async def member(self, request: Request, code: str) -> tuple[Caller, Life, Node]:
        """Return who reads, the member's life and where they are or last were. Raises as `organization`."""
        caller = self.caller(request)
        caller.require(*OF_MEMBERS)
        await self._caught_up(request)
        life = await self._queries.life(code)
        node = await self._queries.find(life.organization) if life else None
        if life is None or node is None:
            raise NotFound(code)
        await self.check(caller, node.code)
        return caller, life, node

    async def _caught_up(self, request: Request) -> None:
        """Wait for what the address says was recorded (`after`); if that takes long, the page says so."""
        after = positions_in(request.query_params.getlist("after"))
        try:
            await self._queries.read(after)
        except (NotYetRead, ViewRebuilding):
            request.state.behind = True

    @staticmethod
    def in_reach(ancestors: list[Node], caller: Caller) -> list[Node]:
        """Return the way down from the top of what the caller may see."""
        if caller.subtree == EVERYWHERE:
            return ancestors
        return [one for one in ancestors if caller.subtree in one.path]

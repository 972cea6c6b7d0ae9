"""Who reads a page, and what of it they may see."""

from collections.abc import Sequence

from starlette.requests import Request

from services.chassis.delivery import NotYetRead, ViewRebuilding
from services.chassis.edge.after import positions_in
from services.chassis.edge.auth import EVERYWHERE, Caller, Role
from services.chassis.edge.rights import OF_FIGURES, READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.console.queries import Queries
from services.reporting.console.sign_in import SignIn
from services.reporting.views.life import Life


def reads_members(caller: Caller | None) -> bool:
    """Return whether the reader may open the page of a member."""
    return caller is not None and not caller.roles.isdisjoint(READERS)


class Reader:
    """What whoever holds the cookie may read."""

    def __init__(self, sign_in: SignIn, rights: Rights, queries: Queries) -> None:
        self.caller = sign_in.caller
        self._rights = rights
        self._queries = queries

    async def may(self, request: Request, *roles: Role, over: Sequence[str] = ()) -> Caller:
        """Return who reads, if they have one of `roles` over all of that. Raises as `organization`."""
        caller = self.caller(request)
        await self._rights.require(caller, *roles, over=over)
        return caller

    async def tops(self, request: Request) -> list[Node]:
        """Return where what they may read begins. Raises Unauthenticated."""
        return await self._rights.tops(self.caller(request), *OF_FIGURES)

    async def at(self, request: Request, node: Node) -> Caller:
        """Return who reads, with the roles they have over the organization. Raises Unauthenticated."""
        return await self._rights.at(self.caller(request), node.code)

    async def organization(self, request: Request, code: str) -> tuple[Caller, Node]:
        """Return who reads, as `at`, and the organization. Raises Unauthenticated, NotFound or Forbidden."""
        caller = self.caller(request)
        await self._caught_up(request)
        node = await self._queries.find(code)
        if node is None:
            raise NotFound(code)
        await self._rights.require(caller, *OF_FIGURES, over=[code])
        return await self.at(request, node), node

    async def member(self, request: Request, code: str) -> tuple[Caller, Life, Node]:
        """Return who reads, the member's life and where they are or last were. Raises as `organization`."""
        caller = self.caller(request)
        await self._rights.require(caller, *READERS)
        await self._caught_up(request)
        life = await self._queries.life(code)
        node = await self._queries.find(life.organization) if life else None
        if life is None or node is None:
            raise NotFound(code)
        await self._rights.require(caller, *READERS, over=[node.code])
        return await self.at(request, node), life, node

    async def _caught_up(self, request: Request) -> None:
        """Wait for what the address says was recorded (`after`); if that takes long, the page says so."""
        after = positions_in(request.query_params.getlist("after"))
        try:
            await self._queries.read(after)
        except (NotYetRead, ViewRebuilding):
            request.state.behind = True

    async def in_reach(self, request: Request, ancestors: list[Node]) -> list[Node]:
        """Return the way down from the top of what they may read. Raises Unauthenticated."""
        reach = await self._rights.reach(self.caller(request), *OF_FIGURES)
        return [one for one in ancestors if EVERYWHERE in reach or not reach.isdisjoint(one.path)]

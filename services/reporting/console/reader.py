"""Who reads a page, and what of it they may see."""

from starlette.requests import Request

from services.chassis.edge.auth import EVERYWHERE, Caller, Rights
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.console.queries import Queries
from services.reporting.console.sign_in import SignIn


class Reader:
    """What whoever holds the cookie may read."""

    def __init__(self, sign_in: SignIn, rights: Rights, queries: Queries) -> None:
        self.caller = sign_in.caller
        self._rights = rights
        self._queries = queries

    async def organization(self, request: Request, code: str) -> tuple[Caller, Node]:
        """Return who reads and the organization. Raises Unauthenticated, NotFound or Forbidden."""
        caller = self.caller(request)
        node = await self._queries.find(code)
        if node is None:
            raise NotFound(code)
        await self._rights.check(caller, code)
        return caller, node

    @staticmethod
    def in_reach(ancestors: list[Node], caller: Caller) -> list[Node]:
        """Return the way down from the top of what the caller may see."""
        if caller.subtree == EVERYWHERE:
            return ancestors
        return [one for one in ancestors if caller.subtree in one.path]

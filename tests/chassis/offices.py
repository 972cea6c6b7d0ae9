"""A province with a tree and officials, on a day that a test may set: who may do what there."""

from datetime import UTC, datetime

from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import Rights
from tests.telling import Telling, founded

TREE = (
    founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
    founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
    founded("TU-AGENCIES", under="THAN-UYEN", kind="GRASSROOTS_COMMITTEE"),
    founded("TU-FINANCE", under="TU-AGENCIES"),
    founded("TU-JUSTICE", under="TU-AGENCIES"),
    founded("TAM-KY", under=None, kind="DISTRICT_COMMITTEE"),
)


class Province:
    """A tree, its officials, and a day in the province that a test may set."""

    def __init__(self, tree, officials):
        self.tree = tree
        self.officials = officials
        self.tell = Telling()
        self.now = datetime(2025, 3, 1, 5, tzinfo=UTC)
        self.rights = Rights(tree, officials, lambda: self.now)

    async def hears(self, *events):
        told = self.tell.all(*events)
        await self.tree.apply(told)
        await self.officials.apply(told)

    async def may(self, by, *roles, over=()):
        return await self.rights.allow(by, *roles, over=over)


def member(code="M-1", roles=(), subtree=""):
    return Caller("person-1", frozenset(roles), subtree, code)

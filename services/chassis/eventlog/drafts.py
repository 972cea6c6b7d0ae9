"""A log that goes on from where a service's stands and is never stored: to decide as if."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from services.chassis.aggregate import Aggregate
from services.chassis.errors import Conflict, Shifted
from services.chassis.eventlog.store import A, Origin, Receipt, Store


class Drafts(Store):
    """What use cases find and record here they find again here, and nobody else ever does.

    Whatever asks the database itself (`gather`, `speaking_of`, a roll of members) finds no draft.
    """

    def __init__(self, store: Store) -> None:
        vars(self).update(vars(store))
        self._drafts: dict[str, Aggregate] = {}

    async def look_up(self, kind: type[A], id: str) -> A | None:
        """Return the aggregate as the log and the drafts leave it, or None if it has no facts."""
        draft = self._drafts.get(id)
        return deepcopy(draft) if isinstance(draft, kind) else await super().look_up(kind, id)

    async def known(self, kind: type[A], id: str) -> A | None:
        """Return the same: a draft is as new as anything."""
        return await self.look_up(kind, id)

    async def record(
        self,
        *aggregates: Aggregate,
        origin: Origin,
        before: Sequence[Aggregate] = (),
        absent: Sequence[str] = (),
        **_: Any,
    ) -> Receipt:
        """Keep what was decided as a draft. Raises Conflict, Shifted if something begins that there is."""
        changed = [one for one in (*before, *aggregates) if one.pending_events]
        begun = [one.id for one in changed if one.version == len(one.pending_events)]
        for id in (*begun, *absent):
            if await self.look_up(Aggregate, id):
                raise Conflict(f"{id} is there") if id in begun else Shifted(f"{id} is there")
        for one in changed:
            list(one.collect_events())
            self._drafts[one.id] = one
        return Receipt(aggregates[0].id, 0)

"""What every use case of the registry begins and ends with."""

from collections.abc import Sequence
from typing import overload

from contracts.vocabulary import Document
from services.chassis.aggregate import Aggregate
from services.chassis.errors import AlreadyDone, Conflict, Shifted
from services.chassis.eventlog.store import Origin, Receipt, Store
from services.registry.domain.words import CodeTaken, Decision


async def record_new(
    store: Store,
    aggregate: Aggregate,
    code: str,
    origin: Origin,
    *,
    resting_on: Sequence[Aggregate] = (),
    shown: Aggregate | None = None,
) -> Receipt:
    """Store what begins with `code`; `shown` is what the one who asks has seen, as `record` says.

    Raises CodeTaken, AlreadyDone if this was told before, Shifted, ChangedSince.
    """
    try:
        return await store.record(aggregate, origin=origin, resting_on=resting_on, shown=shown)
    except (AlreadyDone, Shifted):
        raise
    except Conflict as conflict:
        raise CodeTaken(f"{code} is taken") from conflict


@overload
def decision_in(document: Document) -> Decision: ...


@overload
def decision_in(document: None) -> None: ...


@overload
def decision_in(document: Document | None) -> Decision | None: ...


def decision_in(document: Document | None) -> Decision | None:
    """Return the decision that `document` states."""
    return Decision(document.number, document.date) if document else None

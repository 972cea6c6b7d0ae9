"""How one event of a district becomes a command: the rule on who may speak of what, then what it asks for."""

from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Any, TypeVar

from contracts.message import Event
from services.chassis.districts.arrival import Arrival, UnknownEvent
from services.chassis.errors import Refused
from services.chassis.eventlog import store
from services.chassis.eventlog.inbox import Accepted, Entry, Remembered
from services.chassis.eventlog.store import Origin, Store
from services.chassis.stated import Command

Handler = Callable[[Any, Origin], Awaitable[store.Receipt]]
"""Applies one event of a district as a command. Raises what the command raises."""

Check = Callable[[str, Any], Awaitable[None]]
"""Raises Refused unless the district may speak of the event's organization."""

Decided = tuple[Mapping[str, Handler], Check]
"""What is done with each event, by its name, and who may speak of what."""

Deciding = Callable[[Store], Decided]
"""Returns that, as decided by a log."""


C = TypeVar("C", bound=Command)


def stated(
    command: type[C],
    use_case: Callable[[C, Origin], Awaitable[store.Receipt]],
    *,
    but: Set[str] | Mapping[str, Any] = frozenset(),
) -> Handler:
    """Return the handler that asks for what an event states, as the command of the same fields.

    What it leaves out the command says of itself. `but` are fields that only we say, whatever a district
    says, or what pydantic's `exclude` takes.
    """
    said_here = {**but} if isinstance(but, Mapping) else {*but}

    async def ask(event: Event, origin: Origin) -> store.Receipt:
        said = event.model_dump(exclude=said_here, exclude_unset=True)
        return await use_case(command.model_validate(said), origin)

    return ask


class IdReused(Refused):
    """A source gives each event an id of its own: this id was accepted with other content."""


def accepted_before(entry: Entry | None, remembered: Remembered) -> Accepted | None:
    """Return what an event led to that was accepted before. Raises IdReused."""
    accepted = remembered.get(entry.key) if entry else None
    if entry and accepted and accepted.digest != entry.digest:
        when = f"{accepted.accepted_at:%Y-%m-%d %H:%M}"
        raise IdReused(f"{entry.event_id} was accepted with other content at {when}")
    return accepted


async def apply(
    arrival: Arrival,
    handlers: Mapping[str, Handler],
    check: Check,
    queued: Callable[[], object] = lambda: None,
) -> store.Receipt:
    """Apply what has no problem as its command. Raises what is wrong with it, and what refuses it."""
    if arrival.problem:
        raise arrival.problem
    entry = arrival.entry
    assert entry is not None
    if arrival.name not in handlers:
        raise UnknownEvent(f"{entry.type} is not taken here")
    await check(arrival.district, arrival.event)
    name = f"{entry.source}:{entry.event_id}"
    origin = Origin(
        actor=f"district:{arrival.district}",
        correlation=name,
        causation=name,
        entry=entry,
        queued=queued,
    )
    return await handlers[arrival.name](arrival.event, origin)

"""A registry's log for the bench: filled through the store, and the bare table beside it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

from deploy.embedded.runtime import Embedded
from services.chassis.eventlog.store import Origin, Store, create_log, create_tables
from services.chassis.process import settle_memory
from services.registry.application import admission_ages
from services.registry.domain.member import Member, Standing
from services.registry.domain.organization import Kind, Organization
from services.registry.domain.words import Decision
from tests.bench import lab
from tests.logs import log_of

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORIGIN = Origin("officer", "6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b", "http:6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b")


def new_log(embedded: Embedded) -> str:
    """Return the address of a database with an empty log."""
    address = lab.database(embedded)
    create_tables(address)
    create_log("registry", address)
    return address


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Store]:
    """Hold the log open, its writer running: each is a process of the service to the others."""
    settle_memory()
    async with log_of("registry", address, clock=lambda: NOW) as store:
        yield store


def admitted(number: int) -> list[Member]:
    """Return members who are decided on, spread over the cells, and not yet stored."""
    return [_admit(lab.member(), cell) for cell in _cells(number)]


def _cells(number: int) -> list[Organization]:
    province = _found(lab.PROVINCE, Kind.PROVINCIAL_COMMITTEE, None)
    cells = [_found(f"{lab.CELL}-{n}", Kind.GRASSROOTS_CELL, province) for n in range(min(number, lab.CELLS))]
    return [cells[n % len(cells)] for n in range(number)]


def _found(code: str, kind: Kind, parent: Organization | None) -> Organization:
    return Organization.found(
        code,
        name=code,
        kind=kind,
        parent=parent,
        sector=None,
        founded_on=date(2000, 1, 1),
        decision=None,
        at=NOW,
    )


def _admit(code: str, cell: Organization) -> Member:
    return Member.admit(
        code,
        organization=cell,
        decision=Decision("1-QĐ/ĐU", date(2025, 1, 2)),
        ceremony_on=date.fromisoformat(lab.ADMITTED_ON),
        standing=Standing.PROBATIONARY,
        born_on=None,
        ages=admission_ages(),
        person=None,
        at=NOW,
    )


async def fill(store: Store, number: int) -> None:
    """Store the admission of many members."""
    for batch in batches(admitted(number), 1_000):
        await store.record(*batch, origin=ORIGIN)


def batches(members: Sequence[Member], size: int) -> list[Sequence[Member]]:
    """Return them in groups."""
    return [members[at : at + size] for at in range(0, len(members), size)]

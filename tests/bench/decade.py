"""Ten years of a province as reporting's ledger holds them: a tree that is reformed, members who come and go.

3,400 organizations. Each member is recognised after a year, every fifth is transferred, every twentieth
leaves; every thirtieth cell is merged in 2022; on 2025-07-01 the district level ends.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from itertools import chain

import psycopg

from contracts.message import Event
from contracts.registry import (
    MemberAdmitted,
    MemberRecognized,
    MembershipEnded,
    MemberTransferred,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
)
from tests.bench import lab
from tests.bench.http import Edge
from tests.system.processes import Processes

Told = tuple[date, Event]
"""An event, and the day on which it is told."""

PROVINCE, DISTRICTS, COMMITTEES, CELLS = "PROVINCE", 10, 189, 3_200
ORGANIZATIONS = 1 + DISTRICTS + COMMITTEES + CELLS
FIRST, MERGED, REFORM = date(2015, 1, 1), date(2022, 1, 1), date(2025, 7, 1)
DAYS = 3_650
PAPER = {"number": "1-QĐ/TU", "date": "2015-01-01"}

ENVELOPE = (
    '{"specversion":"1.0","id":"decade-%d","source":"%s","type":"%s","subject":"%s",'
    '"time":"2025-12-01T00:00:00Z","datacontenttype":"application/json","sequence":%d,"previous":%d,'
    '"recordedtime":"2025-12-01T00:00:00Z","correlationid":"decade","causationid":"decade",'
    '"actor":"officer","organization":"%s","data":%s}'
)
COPY = (
    "COPY ledger.entry (position, source, sequence, previous, id, type, organization, at, recorded_at,"
    " message) FROM STDIN"
)


@asynccontextmanager
async def province(members: int, also: Iterable[Told] = ()) -> AsyncIterator[tuple[Processes, Edge]]:
    """Hold a province whose reporting has read the decade and what is told `also`, and where that answers."""
    with lab.province() as running:
        running.terminate("reporting")
        events = sorted(lives(members), key=lambda told: told[0])
        told = _fill(running.database_url("reporting"), chain(founding(), events, also))
        running.restart("reporting")
        edge = Edge(running.url("reporting"), running.token("operator"))

        async def read() -> bool:
            views = (await edge.ask("GET", "/reporting/v1/status"))["views"]
            return all(one["positions"] == told for one in views)

        await lab.until(read)
        yield running, edge


class Questions:
    """Questions about days spread over the decade, asked one after another; `slowest_ms` is of them all."""

    def __init__(self, edge: Edge, number: int) -> None:
        self.days = [FIRST + timedelta(n * 4_000 // number) for n in range(number)]
        self.slowest_ms = 0.0
        self._edge = edge

    async def median_ms(self, path: str) -> float:
        """Ask for `path` with each day at its end, and return how long half of the answers took."""
        requests = [self._edge.request("GET", f"{path}{day}") for day in self.days]
        load = await self._edge.as_fast_as_possible(requests, clients=1)
        self.slowest_ms = max(self.slowest_ms, load.percentile_ms(1))
        return load.percentile_ms(0.5)


def founding() -> Iterator[tuple[date, Event]]:
    """Yield the organizations of the first day."""

    def founded(code: str, kind: str, parent: str | None) -> tuple[date, Event]:
        says = {"organization": code, "name": f"Tổ chức {code}", "kind": kind, "parent": parent}
        return FIRST, OrganizationFounded.model_validate(says | {"founded_on": FIRST})

    yield founded(PROVINCE, "PROVINCIAL_COMMITTEE", None)
    for n in range(DISTRICTS):
        yield founded(f"D-{n}", "DISTRICT_COMMITTEE", PROVINCE)
    for n in range(COMMITTEES):
        yield founded(f"G-{n}", "GRASSROOTS_COMMITTEE", f"D-{n % DISTRICTS}")
    for n in range(CELLS):
        yield founded(cell(n), "SUBORDINATE_CELL", f"G-{n % COMMITTEES}")


def cell(number: int) -> str:
    """Return the code of a cell."""
    return f"C-{number % CELLS}"


def lives(members: int) -> Iterator[tuple[date, Event]]:
    """Yield what became of organizations and members, each with its day."""
    for n in range(0, CELLS - COMMITTEES, 30):
        into = {"organization": cell(n), "into": cell(n + COMMITTEES), "effective_on": MERGED}
        yield MERGED, OrganizationMerged.model_validate(into | {"decision": PAPER})
    for n in range(COMMITTEES):
        to = {"organization": f"G-{n}", "parent": PROVINCE, "effective_on": REFORM, "decision": PAPER}
        yield REFORM, OrganizationMoved.model_validate(to)
    for n in range(DISTRICTS):
        ended = {"organization": f"D-{n}", "effective_on": REFORM, "decision": PAPER}
        yield REFORM, OrganizationDissolved.model_validate(ended)
    for n in range(members):
        yield from _life(n, FIRST + timedelta(n * DAYS // members))


def _life(number: int, ceremony_on: date) -> Iterator[tuple[date, Event]]:
    """Yield one member's events. Whose cell was merged goes on under its code, and counts in the other."""
    member, here, there = f"M-{number}", cell(number), cell(number + COMMITTEES)
    full, moved, left = (ceremony_on + timedelta(days) for days in (365, 700, 1_500))
    about = {"member": member, "organization": here, "decision": PAPER}
    yield (
        ceremony_on,
        MemberAdmitted.model_validate(about | {"ceremony_on": ceremony_on, "standing": "PROBATIONARY"}),
    )
    yield full, MemberRecognized.model_validate(about | {"full_from": full})
    if not number % 5:
        about["organization"] = there
        moves = {"origin": here, "kind": "OFFICIAL", "transferred_on": moved, "reason": "TRANSFER"}
        yield moved, MemberTransferred.model_validate(about | moves | {"standing": "FULL"})
    if not number % 20:
        yield (
            left,
            MembershipEnded.model_validate(about | {"ended_on": left, "reason": "LEFT", "standing": "FULL"}),
        )


def _fill(address: str, events: Iterable[Told]) -> dict[str, int]:
    """Put the events into an empty ledger, and return how many there are of each service."""
    told = Counter[str]()
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for n, (day, event) in enumerate(events, 1):
                code, source = event.organization, event.type.partition(".")[0]
                at, before = told[source] + 1, told[source]
                told[source] = at
                said = event.model_dump_json(exclude_none=True)
                message = ENVELOPE % (n, source, event.type, code, at, before, code, said)
                row = (n, source, at, before, f"decade-{n}", event.type, code, day, day, message.encode())
                copy.write_row(row)
        for one in told.items():
            cursor.execute("INSERT INTO ledger.bookmark VALUES (%s, %s)", one)
    return dict(told)

"""Which months districts have closed, and up to which number of each stream. Fed by REGISTRY.

Each service that takes in what districts number keeps a copy of its own, to compare with what has arrived.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from contracts.registry_closings import PeriodClosed
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Cut(msgspec.Struct, frozen=True):
    """What one stream holds from `first` to `last`."""

    service: str
    first: int
    last: int
    digest: str


class Closed(msgspec.Struct, frozen=True):
    """A month that one source of a district closed."""

    organization: str
    source: str
    period: str
    closed_at: datetime
    streams: tuple[Cut, ...]


class Closings(View):
    """Every closed month, by district, source and owner."""

    name = "closings"
    reads: ClassVar = {PeriodClosed.type: Closed}
    compared: ClassVar = {
        "last numbers by stream": "SELECT concat_ws(' ', district, source, service, period) AS key,"
        " last::text AS value FROM closed"
    }
    tables = """
        CREATE TABLE closed (
            district  text NOT NULL,
            source    text NOT NULL,
            service   text NOT NULL,
            period    text NOT NULL,
            first     bigint NOT NULL,
            last      bigint NOT NULL,
            digest    text NOT NULL,
            closed_at timestamptz NOT NULL,
            PRIMARY KEY (district, source, service, period)
        );
    """

    def fold(self) -> "Manifests":
        """Return the fold of nothing yet."""
        return Manifests()


class Manifests:
    """Closed months as they are told: each once, for good."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take closed months in."""
        for one in told:
            month: Closed = one.data
            whose = (month.organization, month.source)
            self.rows += [
                (*whose, cut.service, month.period, cut.first, cut.last, cut.digest, month.closed_at)
                for cut in month.streams
            ]

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Put them in."""
        columns = "district, source, service, period, first, last, digest, closed_at"
        await load(cursor, "closed", columns, self.rows)

"""Launches, signatures, registrations, selections and replications as they were told. Fed by ASSESSMENT."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Numbered(msgspec.Struct, frozen=True):
    """A document."""

    number: str
    date: date


class Above(msgspec.Struct, frozen=True):
    """The launch of a committee above."""

    organization: str
    document: Numbered


class Launched(msgspec.Struct, frozen=True):
    """What a launch says."""

    organization: str
    document: Numbered
    title: str
    launched_on: date
    follows: Above | None = None


class Signed(msgspec.Struct, frozen=True):
    """What a signature says."""

    agreement: str
    organization: str
    partner: str
    agreed: str
    signed_on: date


class Registered(msgspec.Struct, frozen=True):
    """What a registration says."""

    organization: str
    year: str
    meeting: str
    registered_on: date


class Selected(msgspec.Struct, frozen=True):
    """What a selection says."""

    organization: str
    role: str
    selected_on: date
    selected_by: str


class Replicated(msgspec.Struct, frozen=True):
    """What a replication says."""

    replication: str
    organization: str
    model: str
    practice: str
    replicated_on: date


def _launch(event: Launched) -> tuple[object, ...]:
    above = event.follows
    follows = (above.organization, above.document.number, above.document.date) if above else (None,) * 3
    document = event.document
    return event.organization, document.number, document.date, event.title, event.launched_on, *follows


COLUMNS: dict[str, str] = {
    "launch": "organization, number, dated, title, launched_on, above, above_number, above_dated",
    **{
        table: ", ".join(event.__struct_fields__)
        for table, event in (
            ("signature", Signed),
            ("registration", Registered),
            ("selection", Selected),
            ("replication", Replicated),
        )
    },
}

ROWS: dict[type, tuple[str, Callable[[Any], tuple[object, ...]]]] = {
    Launched: ("launch", _launch),
    Signed: ("signature", msgspec.structs.astuple),
    Registered: ("registration", msgspec.structs.astuple),
    Selected: ("selection", msgspec.structs.astuple),
    Replicated: ("replication", msgspec.structs.astuple),
}


class MovementTold(View):
    """Each of these events, a row."""

    name = "movement"
    reads: ClassVar = {
        "assessment.MovementLaunched.v1": Launched,
        "assessment.EmulationAgreementSigned.v1": Signed,
        "assessment.CellRegistered.v1": Registered,
        "assessment.ModelCellSelected.v1": Selected,
        "assessment.ModelReplicated.v1": Replicated,
    }
    compared: ClassVar = {
        "launch by committee and document": (
            "SELECT concat_ws(' ', organization, number, dated) AS key, launched_on::text AS value"
            " FROM launch"
        ),
        "signatures by agreement": (
            "SELECT agreement AS key, string_agg(organization, ', ' ORDER BY organization) AS value"
            " FROM signature GROUP BY agreement"
        ),
        "registration by cell and year": (
            "SELECT organization || ' ' || year AS key, registered_on::text AS value FROM registration"
        ),
        "selection by cell and role": (
            "SELECT organization || ' ' || role AS key, selected_on::text AS value FROM selection"
        ),
        "replication": "SELECT replication AS key, organization || ' of ' || model AS value FROM replication",
    }
    tables = """
        CREATE TABLE launch (
            organization text NOT NULL,
            number       text NOT NULL,
            dated        date NOT NULL,
            title        text NOT NULL,
            launched_on  date NOT NULL,
            above        text,
            above_number text,
            above_dated  date,
            PRIMARY KEY (organization, number, dated)
        );
        CREATE INDEX ON launch (above, above_number, above_dated);
        CREATE TABLE signature (
            agreement    text NOT NULL,
            organization text NOT NULL,
            partner      text NOT NULL,
            agreed       text NOT NULL,
            signed_on    date NOT NULL,
            PRIMARY KEY (agreement, organization)
        );
        CREATE INDEX ON signature (organization);
        CREATE INDEX ON signature (partner);
        CREATE TABLE registration (
            organization  text NOT NULL,
            year          text NOT NULL,
            meeting       text NOT NULL,
            registered_on date NOT NULL,
            PRIMARY KEY (organization, year)
        );
        CREATE TABLE selection (
            organization text NOT NULL,
            role         text NOT NULL,
            selected_on  date NOT NULL,
            selected_by  text NOT NULL,
            PRIMARY KEY (organization, role)
        );
        CREATE TABLE replication (
            replication   text NOT NULL PRIMARY KEY,
            organization  text NOT NULL,
            model         text NOT NULL,
            practice      text NOT NULL,
            replicated_on date NOT NULL
        );
        CREATE INDEX ON replication (model);
    """

    def fold(self) -> "Rows":
        """Return the fold of nothing yet."""
        return Rows()

    async def launches(self, organization: str, on: date) -> list[dict[str, Any]]:
        """Return the launches that `organization` held by the end of `on`: the newest hundred."""
        return await self.rows(
            f"SELECT {COLUMNS['launch']} FROM movement.launch"
            " WHERE organization = %(organization)s AND launched_on <= %(on)s"
            " ORDER BY launched_on DESC, number LIMIT 100",
            organization=organization,
            on=on,
        )

    async def carried(self, organization: str, number: str, dated: date, on: date) -> dict[str, date]:
        """Return who carried that launch on by the end of `on`, at whatever remove, and since when."""
        rows = await self.rows(
            """
            WITH RECURSIVE carried AS (
                SELECT organization, number, dated, launched_on FROM movement.launch
                WHERE (organization, number, dated) = (%(organization)s, %(number)s, %(dated)s)
                UNION
                SELECT below.organization, below.number, below.dated, below.launched_on
                FROM movement.launch AS below JOIN carried
                ON (above, above_number, above_dated) = (carried.organization, carried.number, carried.dated)
            )
            SELECT organization, min(launched_on) AS since FROM carried
            WHERE launched_on <= %(on)s AND organization <> %(organization)s GROUP BY organization
            """,
            organization=organization,
            number=number,
            dated=dated,
            on=on,
        )
        return {row["organization"]: row["since"] for row in rows}

    async def signatures(self, organization: str, beyond: str, limit: int) -> list[dict[str, Any]]:
        """Return all signatures of the first `limit` agreements of `organization` after the code `beyond`."""
        return await self.rows(
            f"""
            SELECT {COLUMNS["signature"]} FROM movement.signature WHERE agreement IN (
                SELECT DISTINCT agreement FROM movement.signature
                WHERE (organization = %(organization)s OR partner = %(organization)s)
                AND agreement > %(beyond)s ORDER BY agreement LIMIT %(limit)s
            ) ORDER BY agreement, signed_on, organization
            """,
            organization=organization,
            beyond=beyond,
            limit=limit,
        )

    async def registered(self, year: str, on: date) -> set[str]:
        """Return the cells that had registered for `year` by the end of `on`."""
        rows = await self.rows(
            "SELECT organization FROM movement.registration"
            " WHERE year = %(year)s AND registered_on <= %(on)s",
            year=year,
            on=on,
        )
        return {row["organization"] for row in rows}

    async def models(self, on: date) -> set[str]:
        """Return the cells that had been selected as models by the end of `on`; pilots are not."""
        rows = await self.rows(
            "SELECT organization FROM movement.selection WHERE role = 'MODEL' AND selected_on <= %(on)s",
            on=on,
        )
        return {row["organization"] for row in rows}

    async def replications(self, model: str, beyond: str, limit: int) -> list[dict[str, Any]]:
        """Return the first `limit` replications of what `model` does, after the code `beyond`."""
        return await self.rows(
            f"SELECT {COLUMNS['replication']} FROM movement.replication"
            " WHERE model = %(model)s AND replication > %(beyond)s ORDER BY replication LIMIT %(limit)s",
            model=model,
            beyond=beyond,
            limit=limit,
        )


class Rows:
    """Events as rows of their tables."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)

    def add(self, told: Iterable[Told]) -> None:
        """Take them in."""
        for one in told:
            table, row = ROWS[type(one.data)]
            self._rows[table].append(row(one.data))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        for table, rows in self._rows.items():
            await load(cursor, table, COLUMNS[table], rows)

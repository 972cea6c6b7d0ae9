"""Which criteria frameworks are in force where. Fed by ASSESSMENT, its own stream."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued
from services.chassis.delivery import Delivery
from services.chassis.view import View


class Frameworks(View):
    """Every framework as it was published, by its issuer."""

    name = "frameworks"
    folds = frozenset({CriteriaFrameworkIssued.type})
    tables = """
        CREATE TABLE framework (
            organization text NOT NULL,
            period       text NOT NULL,
            effective_on date NOT NULL,
            sequence     bigint NOT NULL,
            issued       text NOT NULL,
            PRIMARY KEY (organization, period, effective_on, sequence)
        );
    """

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Add the frameworks issued in `batch`."""
        rows = [
            (
                event.organization,
                event.period,
                event.effective_on,
                delivery.message.sequence,
                event.model_dump_json(),
            )
            for delivery in batch
            if isinstance(event := delivery.event, CriteriaFrameworkIssued)
        ]
        if rows:
            await cursor.executemany("INSERT INTO framework VALUES (%s, %s, %s, %s, %s)", rows)

    async def in_force(self, path: Sequence[str], on: date) -> list[CriteriaFrameworkIssued]:
        """Return what applies on a day to the organization at the end of `path`, nearest issuer first.

        Of one issuer's frameworks for months (or years) the one that took effect last is in force.
        """
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT issued FROM ("
                "  SELECT DISTINCT ON (organization, period) organization, period, issued"
                "  FROM frameworks.framework WHERE organization = ANY(%(path)s) AND effective_on <= %(on)s"
                "  ORDER BY organization, period, effective_on DESC, sequence DESC"
                ") AS latest ORDER BY array_position(%(path)s::text[], organization) DESC, period",
                {"path": list(path), "on": on},
            )
            rows = await cursor.fetchall()
        return [CriteriaFrameworkIssued.model_validate_json(row["issued"]) for row in rows]

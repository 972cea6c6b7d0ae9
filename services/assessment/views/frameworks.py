"""Which criteria frameworks are in force where. Fed by ASSESSMENT, its own stream."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from msgspec import Raw
from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Issued(Told, frozen=True):
    """A framework, and its place in the log: of two for the same day the later is in force."""

    sequence: int


class Frameworks(View):
    """Every framework as it was published, by its issuer."""

    name = "frameworks"
    reads: ClassVar = {CriteriaFrameworkIssued.type: Raw}
    envelope = Issued
    compared: ClassVar = {
        "framework by issuer, period and day": (
            "SELECT organization || ' ' || period || ' ' || effective_on || ' ' || sequence AS key,"
            " md5(issued) AS value FROM framework"
        )
    }
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

    def fold(self) -> "Issues":
        """Return the fold of nothing yet."""
        return Issues()

    async def in_force(self, path: Sequence[str], on: date) -> list[CriteriaFrameworkIssued]:
        """Return what applies on a day to the organization at the end of `path`, nearest issuer first.

        Of one issuer's frameworks for months (or years) the one that took effect last is in force.
        """
        rows = await self.rows(
            "SELECT issued FROM ("
            "  SELECT DISTINCT ON (organization, period) organization, period, issued"
            "  FROM frameworks.framework WHERE organization = ANY(%(path)s) AND effective_on <= %(on)s"
            "  ORDER BY organization, period, effective_on DESC, sequence DESC"
            ") AS latest ORDER BY array_position(%(path)s::text[], organization) DESC, period",
            path=list(path),
            on=on,
        )
        return [CriteriaFrameworkIssued.model_validate_json(row["issued"]) for row in rows]


class Issues:
    """Frameworks in their whole wording, checked against the contract: they are few, and judged by."""

    def __init__(self) -> None:
        self.issued: list[tuple[object, ...]] = []

    def add(self, told: Iterable[Issued]) -> None:
        """Take frameworks in."""
        for one in told:
            event = CriteriaFrameworkIssued.model_validate_json(bytes(one.data))
            named = event.organization, event.period, event.effective_on
            self.issued.append((*named, one.sequence, event.model_dump_json()))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the frameworks."""
        await load(cursor, "framework", "organization, period, effective_on, sequence, issued", self.issued)

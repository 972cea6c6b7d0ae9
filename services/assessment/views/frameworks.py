"""Which criteria frameworks are in force where, and who adopted them. Fed by ASSESSMENT, its own stream."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from msgspec import Raw
from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued
from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from contracts.vocabulary import Document
from services.assessment.domain import Organization
from services.chassis.sizes import CELLS
from services.chassis.views.fold import Told, load
from services.chassis.views.tree import Node
from services.chassis.views.view import View


class Issued(Told, frozen=True):
    """A framework, and its place in the log: of two for the same day the later is in force."""

    sequence: int


IN_FORCE = """
    SELECT issued FROM (
        SELECT DISTINCT ON (organization, period, CASE WHEN %(of)s::text[] IS NULL THEN kinds END)
            organization, period, number, issued
        FROM {schema}.framework AS one
        WHERE organization = ANY(%(path)s) AND effective_on <= %(on)s
          AND (%(of)s::text[] IS NULL OR kinds = '{{}}' OR kinds && %(of)s::text[])
          AND NOT EXISTS (
              SELECT FROM {schema}.framework AS later
              WHERE later.organization = one.organization AND later.effective_on <= %(on)s
                AND (later.amends_number, later.amends_dated) = (one.number, one.dated)
          )
        ORDER BY organization, period, CASE WHEN %(of)s::text[] IS NULL THEN kinds END,
            effective_on DESC, sequence DESC
    ) AS latest ORDER BY array_position(%(path)s::text[], organization) DESC, period, number
"""

ADOPTED = """
    SELECT DISTINCT ON (organization, issuer, number, dated) organization, issuer, told FROM {schema}.adoption
    WHERE {condition} AND adopted_on <= %(on)s
    ORDER BY organization, issuer, number, dated, adopted_on DESC
"""


class Frameworks(View):
    """Every framework as it was published, by its issuer, and every adoption, by who adopted it."""

    name = "frameworks"
    version = 3
    reads: ClassVar = {
        CriteriaFrameworkIssued.type: Raw,
        CriteriaFrameworkIssuedV2.type: Raw,
        CriteriaFrameworkAdopted.type: Raw,
    }
    envelope = Issued
    compared: ClassVar = {
        "framework by issuer, period and day": (
            "SELECT organization || ' ' || period || ' ' || effective_on || ' ' || sequence AS key,"
            " md5(issued) AS value FROM framework"
        ),
        "adoption by organization, framework and day": (
            "SELECT concat_ws(' ', organization, issuer, number, dated, adopted_on) AS key,"
            " md5(told) AS value FROM adoption"
        ),
    }
    tables = """
        CREATE TABLE framework (
            organization      text NOT NULL,
            period            text NOT NULL,
            effective_on      date NOT NULL,
            sequence          bigint NOT NULL,
            number            text NOT NULL,
            dated             date NOT NULL,
            kinds             text[] NOT NULL,
            amends_number     text,
            amends_dated      date,
            requires_adoption boolean NOT NULL,
            issued            text NOT NULL,
            PRIMARY KEY (organization, period, effective_on, sequence)
        );
        CREATE TABLE adoption (
            organization text NOT NULL,
            issuer       text NOT NULL,
            number       text NOT NULL,
            dated        date NOT NULL,
            adopted_on   date NOT NULL,
            told         text NOT NULL,
            PRIMARY KEY (organization, issuer, number, dated, adopted_on)
        );
        CREATE INDEX ON adoption (issuer, number, dated);
    """

    def fold(self) -> "Issues":
        """Return the fold of nothing yet."""
        return Issues()

    async def in_force(self, organization: Organization | Node, on: date) -> list[CriteriaFrameworkIssuedV2]:
        """Return what applies to `organization` on a day, nearest issuer first.

        To a cell applies what is for its kind or sector. Of one issuer's frameworks for months (or quarters,
        or years) the one that took effect last is in force, unless another amends it. A committee is shown
        those for any kind.
        """
        rows = await self.rows(
            IN_FORCE.format(schema=self.schema),
            path=list(organization.path),
            on=on,
            of=[organization.kind, organization.sector or ""] if organization.kind in CELLS else None,
        )
        return [CriteriaFrameworkIssuedV2.model_validate_json(row["issued"]) for row in rows]

    async def find(self, path: Sequence[str], document: Document) -> CriteriaFrameworkIssuedV2 | None:
        """Return the framework of this number and date that the nearest in `path` issued, or None."""
        rows = await self.rows(
            "SELECT issued FROM frameworks.framework WHERE organization = ANY(%(path)s)"
            " AND number = %(number)s AND dated = %(dated)s"
            " ORDER BY array_position(%(path)s::text[], organization) DESC LIMIT 1",
            path=list(path),
            number=document.number,
            dated=document.date,
        )
        return CriteriaFrameworkIssuedV2.model_validate_json(rows[0]["issued"]) if rows else None

    async def adopters(self, framework: CriteriaFrameworkIssuedV2, on: date) -> set[str]:
        """Return who had adopted `framework` by the end of `on`."""
        condition = "issuer = %(issuer)s AND number = %(number)s AND dated = %(dated)s"
        rows = await self.rows(
            ADOPTED.format(schema=self.schema, condition=condition),
            issuer=framework.organization,
            number=framework.framework.number,
            dated=framework.framework.date,
            on=on,
        )
        return {row["organization"] for row in rows}

    async def adoptions(self, path: Sequence[str], on: date) -> list[CriteriaFrameworkAdopted]:
        """Return what those on `path` had adopted by the end of `on`, nearest first, each as it counts."""
        rows = await self.rows(
            "SELECT told FROM ("
            + ADOPTED.format(schema=self.schema, condition="organization = ANY(%(path)s)")
            + ") AS latest ORDER BY array_position(%(path)s::text[], organization) DESC",
            path=list(path),
            on=on,
        )
        return [CriteriaFrameworkAdopted.model_validate_json(row["told"]) for row in rows]


class Issues:
    """Frameworks and adoptions in their whole wording, checked against the contract: they are judged by."""

    def __init__(self) -> None:
        self.issued: list[tuple[object, ...]] = []
        self.adopted: list[tuple[object, ...]] = []

    def add(self, told: Iterable[Issued]) -> None:
        """Take frameworks and adoptions in."""
        for one in told:
            if one.type == CriteriaFrameworkAdopted.type:
                self._adopt(CriteriaFrameworkAdopted.model_validate_json(bytes(one.data)))
            else:
                self._issue(CriteriaFrameworkIssuedV2.model_validate_json(bytes(one.data)), one.sequence)

    def _issue(self, event: CriteriaFrameworkIssuedV2, sequence: int) -> None:
        named = event.organization, event.period, event.effective_on, sequence
        document, amends = event.framework, event.amends
        amended = (amends.number, amends.date) if amends else (None, None)
        said = document.number, document.date, list(event.kinds), *amended, event.requires_adoption
        self.issued.append((*named, *said, event.model_dump_json()))

    def _adopt(self, event: CriteriaFrameworkAdopted) -> None:
        named = event.organization, event.issuer, event.framework.number, event.framework.date
        self.adopted.append((*named, event.adopted_on, event.model_dump_json()))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add them."""
        columns = (
            "organization, period, effective_on, sequence, number, dated, kinds, amends_number, amends_dated,"
            " requires_adoption, issued"
        )
        await load(cursor, "framework", columns, self.issued)
        columns = "organization, issuer, number, dated, adopted_on, told"
        await load(cursor, "adoption", columns, self.adopted)

"""Who owes a self-assessment. Fed by REGISTRY and ASSESSMENT."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from msgspec import Struct
from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued, SelfAssessmentSubmitted
from services.chassis.views.fold import Told, load
from services.chassis.views.places import PLACED, PLACES, Placing
from services.chassis.views.view import View
from services.notification.domain import month_after


class Framework(Struct, frozen=True):
    """A committee's criteria apply from a day on."""

    organization: str
    period: str
    effective_on: date


class Submission(Struct, frozen=True):
    """An organization assessed itself."""

    organization: str
    period: str


class Expected(View):
    """Who exists, which frameworks bind them, what they answered. Fed by REGISTRY and ASSESSMENT."""

    name = "expected"
    version = 2
    reads: ClassVar = {
        **PLACED,
        CriteriaFrameworkIssued.type: Framework,
        SelfAssessmentSubmitted.type: Submission,
    }
    compared: ClassVar = {
        "self-assessments by organization": (
            "SELECT organization AS key, count(*)::text AS value FROM submission GROUP BY organization"
        )
    }
    tables = f"""
        {PLACES}
        CREATE TABLE framework (
            issuer       text NOT NULL,
            effective_on date NOT NULL
        );
        CREATE INDEX framework_issuer ON framework (issuer);
        CREATE TABLE submission (
            organization text NOT NULL,
            period       text NOT NULL,
            PRIMARY KEY (organization, period)
        );
    """

    def fold(self) -> "Expectations":
        """Return the fold of nothing yet."""
        return Expectations()

    async def missing(self, month: str, kinds: Sequence[str]) -> list[str]:
        """Return who of `kinds` a monthly framework bound in `month` and said nothing of it, by code."""
        end = date.fromisoformat(f"{month_after(month)}-01")
        rows = await self.rows(MISSING, kinds=list(kinds), end=end, month=month)
        return [row["code"] for row in rows]


MISSING = """
    SELECT code FROM expected.organization o
    WHERE kind = ANY(%(kinds)s) AND founded_on < %(end)s AND (ended_on IS NULL OR ended_on >= %(end)s)
      AND EXISTS (
          SELECT 1 FROM expected.framework f WHERE f.issuer = ANY(o.path) AND f.effective_on < %(end)s
      )
      AND NOT EXISTS (
          SELECT 1 FROM expected.submission s WHERE s.organization = o.code AND s.period = %(month)s
      )
    ORDER BY code
"""


class Expectations:
    """Who exists, what binds them, and what they said."""

    def __init__(self) -> None:
        self._placing = Placing()
        self.frameworks: list[tuple[str, date]] = []
        self.said: list[tuple[str, str]] = []

    def add(self, told: Iterable[Told]) -> None:
        """Note what was said."""
        for one in told:
            match one.data:
                case Framework(period="MONTH") as event:
                    self.frameworks.append((event.organization, event.effective_on))
                case Submission() as event:
                    self.said.append((event.organization, event.period))
                case _:
                    self._placing.take(one)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add it."""
        await self._placing.write(cursor)
        await load(cursor, "framework", "issuer, effective_on", self.frameworks)
        await load(cursor, "submission", "organization, period", self.said, "ON CONFLICT DO NOTHING")

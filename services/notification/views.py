"""What notification must know: who owes a self-assessment, and what lies in whose inbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued, SelfAssessmentSubmitted
from contracts.message import Event
from contracts.notification import NoticeSent
from contracts.registry import OrganizationFounded
from services.chassis.delivery import Delivery
from services.chassis.view import View
from services.notification.domain import EMAIL, IN_APP, month_after


class Expected(View):
    """Who exists, which frameworks bind them, what they answered. Fed by REGISTRY and ASSESSMENT."""

    name = "expected"
    folds = frozenset({OrganizationFounded.type, CriteriaFrameworkIssued.type, SelfAssessmentSubmitted.type})
    tables = """
        CREATE TABLE organization (
            code       text PRIMARY KEY,
            kind       text NOT NULL,
            founded_on date NOT NULL,
            path       text[] NOT NULL
        );
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

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Note who exists, what binds them, and what they said."""
        async with cursor.connection.pipeline():
            for delivery in batch:
                await _expect(delivery.event, cursor)

    async def missing(self, month: str, kinds: Sequence[str]) -> list[str]:
        """Return who of `kinds` a monthly framework bound in `month` and said nothing of it, by code."""
        end = date.fromisoformat(f"{month_after(month)}-01")
        async with self.pool.connection() as connection:
            cursor = await connection.execute(MISSING, (list(kinds), end, end, month))
            return [row["code"] for row in await cursor.fetchall()]


MISSING = """
    SELECT code FROM expected.organization o
    WHERE kind = ANY(%s) AND founded_on < %s
      AND EXISTS (SELECT 1 FROM expected.framework f WHERE f.issuer = ANY(o.path) AND f.effective_on < %s)
      AND NOT EXISTS (
          SELECT 1 FROM expected.submission s WHERE s.organization = o.code AND s.period = %s
      )
    ORDER BY code
"""


async def _expect(event: Event | None, cursor: AsyncCursor[Any]) -> None:
    match event:
        case OrganizationFounded():
            await cursor.execute(
                "INSERT INTO organization VALUES (%s, %s, %s,"
                " coalesce((SELECT path FROM organization WHERE code = %s), '{}') || %s::text)",
                (event.organization, event.kind, event.founded_on, event.parent, event.organization),
            )
        case CriteriaFrameworkIssued(period="MONTH"):
            row = (event.organization, event.effective_on)
            await cursor.execute("INSERT INTO framework VALUES (%s, %s)", row)
        case SelfAssessmentSubmitted():
            said = (event.organization, event.period)
            await cursor.execute("INSERT INTO submission VALUES (%s, %s) ON CONFLICT DO NOTHING", said)


@dataclass(frozen=True)
class InboxNotice:
    """A notice as its recipient finds it. `emailed_at` is None until mail delivered it too."""

    notice: str
    rule: str
    organization: str
    period: str
    recipient: str
    role: str
    sent_at: datetime
    emailed_at: datetime | None


class NoticeBox(View):
    """Every notice by recipient, and whether mail has delivered it. Fed by NOTIFICATION."""

    name = "inboxes"
    folds = frozenset({NoticeSent.type})
    tables = """
        CREATE TABLE notice (
            notice       text PRIMARY KEY,
            rule         text NOT NULL,
            organization text NOT NULL,
            period       text NOT NULL,
            recipient    text NOT NULL,
            role         text NOT NULL,
            sent_at      timestamptz NOT NULL,
            emailed_at   timestamptz
        );
        CREATE INDEX notice_recipient ON notice (recipient, sent_at DESC);
        CREATE INDEX notice_organization ON notice (organization, sent_at DESC);
        CREATE INDEX notice_not_mailed ON notice (sent_at) WHERE emailed_at IS NULL;
    """

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Put notices into inboxes; a mail only marks one that lies there."""
        sent = [delivery.event for delivery in batch if isinstance(delivery.event, NoticeSent)]
        await cursor.executemany(
            "INSERT INTO notice VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (e.notice, e.rule, e.organization, e.period, e.recipient, e.role, e.sent_at)
                for e in sent
                if e.channel == IN_APP
            ],
        )
        await cursor.executemany(
            "UPDATE notice SET emailed_at = %s WHERE notice = %s",
            [(e.sent_at, e.notice) for e in sent if e.channel == EMAIL],
        )

    async def inbox(self, recipient: str, limit: int) -> list[InboxNotice]:
        """Return the newest notices to `recipient`."""
        return await self._notices("recipient = %s ORDER BY sent_at DESC, notice LIMIT %s", recipient, limit)

    async def about(self, root: str, limit: int) -> list[InboxNotice]:
        """Return the newest notices that speak of `root` or of anything beneath it, whoever was told."""
        beneath = "organization IN (SELECT code FROM tree.organization WHERE path @> ARRAY[%s]::text[])"
        return await self._notices(f"{beneath} ORDER BY sent_at DESC, notice LIMIT %s", root, limit)

    async def unmailed(self, since: datetime, but: Collection[str], limit: int) -> list[str]:
        """Return the notices made since `since` that mail has not delivered, oldest first, without `but`."""
        condition = (
            "emailed_at IS NULL AND sent_at >= %s AND notice <> ALL(%s) ORDER BY sent_at, notice LIMIT %s"
        )
        return [notice.notice for notice in await self._notices(condition, since, list(but), limit)]

    async def _notices(self, condition: str, *parameters: Any) -> list[InboxNotice]:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT notice, rule, organization, period, recipient, role, sent_at, emailed_at"
                f" FROM inboxes.notice WHERE {condition}",
                parameters,
            )
            return [InboxNotice(**row) for row in await cursor.fetchall()]

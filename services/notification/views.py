"""What notification must know: who owes a self-assessment, and what lies in whose inbox."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from msgspec import Struct
from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued, SelfAssessmentSubmitted
from contracts.notification import NoticeSent, NoticeSentV2
from services.chassis.views.fold import Told, load
from services.chassis.views.places import PLACED, PLACES, Placing
from services.chassis.views.view import View
from services.notification.domain import EMAIL, IN_APP, month_after


class Framework(Struct, frozen=True):
    """A committee's criteria apply from a day on."""

    organization: str
    period: str
    effective_on: date


class Submission(Struct, frozen=True):
    """An organization assessed itself."""

    organization: str
    period: str


class Sent(Struct, frozen=True):
    """Someone was told something, by one channel."""

    notice: str
    rule: str
    organization: str
    period: str
    recipient: str
    role: str
    channel: str
    sent_at: datetime
    holder: str | None = None


NOTICE = "notice, rule, organization, period, recipient, role, holder, sent_at"


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


@dataclass(frozen=True)
class InboxNotice:
    """A notice as its recipient finds it: the office, and who held it then, by code, if anybody did.

    `emailed_at` is None until mail delivered it too.
    """

    notice: str
    rule: str
    organization: str
    period: str
    recipient: str
    role: str
    holder: str | None
    sent_at: datetime
    emailed_at: datetime | None


class NoticeBox(View):
    """Every notice by recipient, and whether mail has delivered it. Fed by NOTIFICATION."""

    name = "inboxes"
    version = 2
    reads: ClassVar = {NoticeSent.type: Sent, NoticeSentV2.type: Sent}
    compared: ClassVar = {
        "notice, and whether it was mailed": (
            "SELECT notice AS key, (emailed_at IS NOT NULL)::text AS value FROM notice"
        )
    }
    tables = """
        CREATE TABLE notice (
            notice       text PRIMARY KEY,
            rule         text NOT NULL,
            organization text NOT NULL,
            period       text NOT NULL,
            recipient    text NOT NULL,
            role         text NOT NULL,
            holder       text,
            sent_at      timestamptz NOT NULL,
            emailed_at   timestamptz
        );
        CREATE INDEX notice_recipient ON notice (recipient, sent_at DESC);
        CREATE INDEX notice_organization ON notice (organization, sent_at DESC);
        CREATE INDEX notice_not_mailed ON notice (sent_at) WHERE emailed_at IS NULL;
    """

    def fold(self) -> "Notices":
        """Return the fold of nothing yet."""
        return Notices()

    async def inbox(self, recipient: str, limit: int) -> list[InboxNotice]:
        """Return the newest notices to `recipient`."""
        condition = "recipient = %(recipient)s ORDER BY sent_at DESC, notice LIMIT %(limit)s"
        return await self._notices(condition, recipient=recipient, limit=limit)

    async def about(self, root: str, limit: int) -> list[InboxNotice]:
        """Return the newest notices that speak of `root` or of anything beneath it, whoever was told."""
        beneath = "organization IN (SELECT code FROM tree.organization WHERE path @> ARRAY[%(root)s])"
        condition = f"{beneath} ORDER BY sent_at DESC, notice LIMIT %(limit)s"
        return await self._notices(condition, root=root, limit=limit)

    async def unmailed(self, since: datetime, but: Collection[str], limit: int) -> list[str]:
        """Return the notices made since `since` that mail has not delivered, oldest first, without `but`."""
        condition = (
            "emailed_at IS NULL AND sent_at >= %(since)s AND notice <> ALL(%(but)s)"
            " ORDER BY sent_at, notice LIMIT %(limit)s"
        )
        found = await self._notices(condition, since=since, but=list(but), limit=limit)
        return [notice.notice for notice in found]

    async def _notices(self, condition: str, **parameters: object) -> list[InboxNotice]:
        rows = await self.rows(
            f"SELECT {NOTICE}, emailed_at FROM inboxes.notice WHERE {condition}", **parameters
        )
        return [InboxNotice(**row) for row in rows]


class Notices:
    """Notices put into inboxes; a mail only marks one that lies there."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, ...]] = []
        self.emailed: dict[str, datetime] = {}

    def add(self, told: Iterable[Told]) -> None:
        """Take what was sent in."""
        for one in told:
            e: Sent = one.data
            if e.channel == IN_APP:
                told_to = e.recipient, e.role, e.holder
                self.sent.append((e.notice, e.rule, e.organization, e.period, *told_to, e.sent_at))
            elif e.channel == EMAIL:
                self.emailed[e.notice] = e.sent_at

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the notices, then mark them."""
        await load(cursor, "notice", NOTICE, self.sent, "ON CONFLICT DO NOTHING")
        if self.emailed:
            await cursor.execute(
                "UPDATE notice SET emailed_at = at"
                " FROM unnest(%s::text[], %s::timestamptz[]) AS mail (named, at) WHERE notice = named",
                (list(self.emailed), list(self.emailed.values())),
            )

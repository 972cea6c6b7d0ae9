"""What lies in whose inbox. Fed by NOTIFICATION."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct
from psycopg import AsyncCursor

from contracts.notification import NoticeSent, NoticeSentV2
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View
from services.notification.domain import EMAIL, IN_APP


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


class SentAbout(Sent, frozen=True):
    """The same, about a meeting or a concern."""

    about: str | None = None


NOTICE = "notice, rule, organization, period, recipient, role, holder, about, sent_at"


@dataclass(frozen=True)
class InboxNotice:
    """A notice as its recipient finds it: the office, and who held it then, by code, if anybody did.

    `about` is the code of the meeting or concern, if it is about one. `emailed_at` is None until mail
    delivered it too.
    """

    notice: str
    rule: str
    organization: str
    period: str
    recipient: str
    role: str
    holder: str | None
    about: str | None
    sent_at: datetime
    emailed_at: datetime | None


class NoticeBox(View):
    """Every notice by recipient, and whether mail has delivered it. Fed by NOTIFICATION."""

    name = "inboxes"
    version = 3
    reads: ClassVar = {NoticeSent.type: Sent, NoticeSentV2.type: SentAbout}
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
            about        text,
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
                about = e.about if isinstance(e, SentAbout) else None
                told_to = e.recipient, e.role, e.holder
                self.sent.append((e.notice, e.rule, e.organization, e.period, *told_to, about, e.sent_at))
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

"""How a notice reaches a mailbox: SMTP, one connection for a batch, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notification.letters import WORDS

TIMEOUT_S = 20.0


class ChannelAway(Exception):
    """The mail server is not there, or will not speak to us: nothing is wrong with any notice."""


class NotTaken(Exception):
    """The mail server refused this one notice, for now or for good (`final`)."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True)
class Letter:
    """What is mailed of a notice; `made_at` dates it, so the same notice gives the same letter.

    `about` is an organization; `names` the code of the meeting or concern, if it is about one.
    """

    notice: str
    rule: str
    about: str
    period: str
    recipient: str
    made_at: datetime
    names: str | None = None


class Post:
    """A mail server, reached at `smtp://[user:password@]host[:port]` or `smtps://…`."""

    def __init__(self, smtp_url: str, mail_domain: str) -> None:
        place = urlsplit(smtp_url)
        if place.scheme not in {"smtp", "smtps"} or not place.hostname:
            raise ValueError("must look like smtp://host:port")
        self._domain = mail_domain
        self._secure = place.scheme == "smtps"
        self._host = place.hostname
        self._port = place.port or (465 if self._secure else 25)
        self._username = unquote(place.username) if place.username else None
        self._password = unquote(place.password) if place.password else None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Counter]:
        """Hold a connection while the body runs. Raises ChannelAway."""
        smtp = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._secure,
            username=self._username,
            password=self._password,
            timeout=TIMEOUT_S,
        )
        try:
            await smtp.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ChannelAway(f"{type(error).__name__}: {error}"[:200]) from error
        try:
            yield Counter(smtp, self)
            with suppress(aiosmtplib.SMTPException):
                await smtp.quit()
        finally:
            smtp.close()

    def write(self, letter: Letter) -> EmailMessage:
        """Return the letter as mail. Its Message-ID is the notice's, so a mailbox can tell a second copy."""
        subject, body = WORDS[letter.rule]
        words = {"about": letter.about, "period": letter.period, "names": letter.names}
        mail = EmailMessage()
        mail["From"] = f"fourgood@{self._domain}"
        mail["To"] = f"secretary.{letter.recipient.lower()}@{self._domain}"
        mail["Subject"] = subject.format(**words)
        mail["Date"] = format_datetime(letter.made_at)
        mail["Message-ID"] = f"<{letter.notice}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(body.format(**words))
        return mail


class Counter:
    """Where letters are handed in, one after the other, over one connection."""

    def __init__(self, smtp: aiosmtplib.SMTP, post: Post) -> None:
        self._smtp = smtp
        self._post = post

    async def hand_in(self, letter: Letter) -> None:
        """Return once the server has accepted the letter. Raises NotTaken, ChannelAway.

        Only what is said of the recipient or the content is about this letter; whatever else goes
        wrong (our sender address, the connection, a full queue) would go wrong with the next one too.
        """
        try:
            await self._smtp.send_message(self._post.write(letter))
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code) from error
        except aiosmtplib.SMTPDataError as error:
            raise _refusal(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ChannelAway(f"{type(error).__name__}: {error}"[:200]) from error


def _refusal(code: int) -> NotTaken | ChannelAway:
    """Return what an answer means. Only its code is kept: its words may name a mailbox."""
    if code == 421:
        return ChannelAway("SMTP 421")
    return NotTaken(f"SMTP {code}", final=500 <= code < 600)

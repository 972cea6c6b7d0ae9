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

TIMEOUT_S = 20.0

WORDS = {
    "CELL_CLASSIFIED": (
        "[{about}] Xếp loại năm {period} | Classified for {period}",
        "Tổ chức đảng {about} đã được xếp loại năm {period}. Xem mức xếp loại và lý do trong hệ thống.\n\n"
        "{about} has been classified for {period}. The level and the reasons are in the system.\n",
    ),
    "SELF_ASSESSMENT_MISSING": (
        "[{about}] Chưa có phiếu tự đánh giá tháng {period} | Self-assessment missing for {period}",
        "Chi bộ {about} chưa gửi phiếu tự đánh giá tháng {period}, đã quá hạn.\n\n"
        "{about} has not submitted its self-assessment for {period}; the deadline has passed.\n",
    ),
    "CELL_BELOW_MINIMUM": (
        "[{about}] Không đủ đảng viên chính thức từ {period} | Too few full members from {period}",
        "Từ {period}, chi bộ {about} không còn đủ số đảng viên chính thức tối thiểu và không họp quyết định "
        "được. "
        "Cấp ủy cấp trên bổ sung đảng viên hoặc sáp nhập chi bộ.\n\n"
        "From {period} on {about} has fewer full members than a cell needs and decides nothing. "
        "Its superior sends members or merges it.\n",
    ),
    "CEREMONY_MISSED": (
        "[{about}] Lễ kết nạp quá hạn {period} | Ceremony later than {period}",
        "{about} tổ chức lễ kết nạp sau ngày {period}, quá hạn 30 ngày làm việc.\n\n"
        "{about} held an admission ceremony later than {period}, its last day.\n",
    ),
    "RECOGNITION_MISSED": (
        "[{about}] Quá hạn công nhận đảng viên chính thức {period} | Recognition overdue since {period}",
        "Đến hết ngày {period}, {about} chưa có quyết định công nhận đối với đảng viên "
        "đã hết thời gian dự bị.\n\n"
        "By {period} no recognition was recorded at {about} of a member whose probation is over.\n",
    ),
    "RELEASE_NEAR": (
        "[{about}] Tiếp nhận đảng viên trước {period} | Accept a member by {period}",
        "{about} cần tiếp nhận đảng viên chuyển đến trong ngày {period}.\n\n"
        "A member was released to {about}, to be accepted by {period}.\n",
    ),
    "RELEASE_MISSED": (
        "[{about}] Quá hạn tiếp nhận {period} | Release lapsed on {period}",
        "Đảng viên do {about} giới thiệu chuyển đi chưa được tiếp nhận trước hết ngày {period}; "
        "cần làm lại thủ tục.\n\n"
        "Nobody accepted by {period} a member whom {about} released; it releases anew.\n",
    ),
    "DATA_REQUEST_ANSWER_NEAR": (
        "[{about}] Trả lời yêu cầu dữ liệu cá nhân trước {period} | Answer a data request by {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} cần được trả lời trong ngày {period}.\n\n"
        "A request about personal data at {about} is to be answered by {period}.\n",
    ),
    "DATA_REQUEST_ANSWER_MISSED": (
        "[{about}] Quá hạn trả lời yêu cầu dữ liệu cá nhân {period} | Data request unanswered since {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} đã quá hạn trả lời ngày {period}.\n\n"
        "A request about personal data at {about} was to be answered by {period}, and was not.\n",
    ),
    "DATA_REQUEST_NEAR": (
        "[{about}] Thực hiện yêu cầu dữ liệu cá nhân trước {period} | Fulfil a data request by {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} cần được thực hiện trong ngày {period}.\n\n"
        "A request about personal data at {about} is to be fulfilled by {period}.\n",
    ),
    "DATA_REQUEST_MISSED": (
        "[{about}] Quá hạn thực hiện yêu cầu dữ liệu cá nhân {period} | Data request overdue since {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} đã quá hạn thực hiện ngày {period}.\n\n"
        "A request about personal data at {about} was to be fulfilled by {period}, and was not.\n",
    ),
}
"""What is written: codes and periods only. Who wants to know more signs in, where rights are checked."""


class ChannelAway(Exception):
    """The mail server is not there, or will not speak to us: nothing is wrong with any notice."""


class NotTaken(Exception):
    """The mail server refused this one notice, for now or for good (`final`)."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True)
class Letter:
    """What is mailed of a notice; `made_at` dates it, so the same notice gives the same letter."""

    notice: str
    rule: str
    about: str
    period: str
    recipient: str
    made_at: datetime


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
        words = {"about": letter.about, "period": letter.period}
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

"""Mail through a real SMTP server on loopback: sent once, tried again, given up, known again when doubled."""

import asyncio
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.smtp import SMTP

from services.chassis.eventlog.store import Origin
from services.notification.channels import ChannelAway, Letter, Post
from services.notification.domain import EMAIL, Occasion
from services.notification.reactions import Outbox

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="test", correlation="c-1", causation="c-1")
CLASSIFIED = Occasion("CELL_CLASSIFIED", "TU-C-001", "2024")


class Mailboxes:
    """What a mail server took, and what it is told to answer to a recipient."""

    def __init__(self):
        self.mails = []
        self.answers = {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        answer = self.answers.get(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 accepted"

    @property
    def recipients(self):
        return [recipient for recipients, _ in self.mails for recipient in recipients]


@pytest.fixture
def mailboxes():
    return Mailboxes()


@pytest.fixture
async def server(mailboxes):
    """Return the port of a mail server that serves as long as the story lasts."""
    loop = asyncio.get_running_loop()
    serving = await loop.create_server(lambda: SMTP(mailboxes, loop=loop), "127.0.0.1", 0)
    yield serving.sockets[0].getsockname()[1]
    serving.close()


@pytest.fixture
def outbox(notices, box, server):
    return Outbox(notices, box, Post(f"smtp://127.0.0.1:{server}", "laichau.example"))


@pytest.fixture
async def told(notices, carry):
    """The secretary of TU-C-001 and of Than Uyên have a notice; return the secretary's."""
    receipt = await notices.tell_of(CLASSIFIED, ASKED)
    await carry()
    return receipt.subject


SECRETARY = "secretary.tu-c-001@laichau.example"
SUPERIOR = "secretary.than-uyen@laichau.example"


async def test_a_notice_is_mailed_to_each_recipient(outbox, told, mailboxes):
    await outbox.deliver()

    assert [SECRETARY, SUPERIOR] == sorted(mailboxes.recipients, reverse=True)


async def test_a_mail_says_what_it_is_about_in_both_languages_and_names_nobody(outbox, told, mailboxes):
    await outbox.deliver()
    _, mail = mailboxes.mails[0]
    words = mail.get_payload(decode=True).decode()

    assert "Tổ chức đảng TU-C-001 đã được xếp loại năm 2024" in words
    assert "TU-C-001 has been classified for 2024" in words
    assert "auto-generated" == mail["Auto-Submitted"]


async def test_what_was_mailed_is_recorded_and_not_mailed_again(outbox, told, mailboxes, notices, carry):
    await outbox.deliver()
    await carry()
    await outbox.deliver()

    assert 2 == len(mailboxes.mails)
    assert not (await notices.notice(told)).open_for(EMAIL)


async def test_an_inbox_that_lags_behind_the_log_mails_nobody_twice(outbox, told, mailboxes):
    await outbox.deliver()
    await outbox.deliver()

    assert 2 == len(mailboxes.mails)


async def test_a_process_that_died_before_recording_sends_a_mail_that_can_be_recognised(
    outbox, told, mailboxes, notices, box, server
):
    """The server has accepted, the fact is not stored: at least once, under the same Message-ID."""
    post = Post(f"smtp://127.0.0.1:{server}", "laichau.example")
    notice = await notices.notice(told)
    letter = Letter(
        told, notice.rule, notice.organization, notice.period, notice.recipient, notice.created_on
    )
    async with post.open() as counter:
        await counter.hand_in(letter)
    await outbox.deliver()
    copies = [mail["Message-ID"] for recipients, mail in mailboxes.mails if recipients == [SECRETARY]]

    assert [f"<{told}@laichau.example>"] * 2 == copies


async def test_a_mailbox_that_does_not_exist_is_given_up_and_the_others_are_served(
    outbox, told, mailboxes, notices
):
    mailboxes.answers[SECRETARY] = "550 no such mailbox"
    await outbox.deliver()

    assert [SUPERIOR] == mailboxes.recipients
    assert {EMAIL} == (await notices.notice(told)).given_up


async def test_a_mailbox_that_is_full_is_tried_again_after_a_while(
    outbox, told, mailboxes, notices, carry, clock
):
    mailboxes.answers[SECRETARY] = "452 mailbox full"
    await outbox.deliver()
    await carry()
    mailboxes.answers.clear()
    await outbox.deliver()

    assert [SUPERIOR] == mailboxes.recipients

    clock.now += timedelta(seconds=60)
    await outbox.deliver()

    assert [SUPERIOR, SECRETARY] == mailboxes.recipients


async def test_a_refusal_is_kept_by_its_code_without_the_address(outbox, told, mailboxes, store):
    mailboxes.answers[SECRETARY] = f"452 <{SECRETARY}> mailbox full"
    await outbox.deliver()
    [failed] = [r.fact for r in await store.read(0, 100) if type(r.fact).__name__ == "Failed"]

    assert "SMTP 452" == failed.reason


async def test_a_notice_older_than_a_week_is_read_in_the_inbox_and_not_mailed(outbox, told, mailboxes, clock):
    clock.now += timedelta(days=8)
    await outbox.deliver()

    assert [] == mailboxes.mails


async def test_a_mail_server_that_is_away_is_no_notices_fault(notices, box, told, store):
    head = await store.head()
    nobody_there = Outbox(notices, box, Post("smtp://127.0.0.1:1", "laichau.example"))

    with pytest.raises(ChannelAway):
        await nobody_there.deliver()
    assert head == await store.head()


async def test_of_two_processes_one_mails(outbox, told, mailboxes, store):
    async with store.pool.connection() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtext('notification outbox'))")

        assert 0 == await outbox.deliver()
    assert [] == mailboxes.mails


@pytest.mark.parametrize("address", ["localhost:25", "http://localhost", "smtp://"])
def test_an_address_that_names_no_mail_server_is_refused(address):
    with pytest.raises(ValueError, match="smtp://host:port"):
        Post(address, "laichau.example")

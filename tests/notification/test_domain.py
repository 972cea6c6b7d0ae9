"""A notice is made once, told by each channel once, and not tried for ever."""

from datetime import timedelta

import pytest

from services.notification.domain import (
    EMAIL,
    IN_APP,
    Notice,
    Occasion,
    Patience,
    Recipient,
)
from tests.spec import NOW, fact, spec

notice = spec(Notice)

OCCASION = Occasion("SELF_ASSESSMENT_MISSING", "TU-C-001", "2024-11")
SECRETARY = Recipient("TU-C-001", "SECRETARY")
SUPERIOR = Recipient("THAN-UYEN", "SUPERIOR")
TWO_TRIES = Patience([60, 300])
WORDS = {
    "organization": "TU-C-001",
    "rule": "SELF_ASSESSMENT_MISSING",
    "period": "2024-11",
    "recipient": "TU-C-001",
    "role": "SECRETARY",
    "holder": None,
    "about": None,
}
made = fact(Notice.Made, **WORDS)
in_inbox = fact(Notice.Sent, **WORDS, channel=IN_APP)
mailed = fact(Notice.Sent, **WORDS, channel=EMAIL)
failed = fact(Notice.Failed, channel=EMAIL, reason="451 try later", retry_at=NOW + timedelta(seconds=60))
failed_again = fact(
    Notice.Failed, channel=EMAIL, reason="451 try later", retry_at=NOW + timedelta(seconds=300)
)
given_up = fact(Notice.GivenUp, channel=EMAIL, reason="451 try later")


# -- Notices ---------------------------------------------------------------------------------------


def test_a_notice_is_in_the_inbox_the_moment_it_is_made():
    notice().when(Notice.make, OCCASION, SECRETARY).then(made, in_inbox)


def test_a_notice_to_an_office_keeps_who_held_it():
    held = {"holder": "M-0042"}
    notice().when(Notice.make, OCCASION, SECRETARY, **held).then(
        fact(Notice.Made, **WORDS | held), fact(Notice.Sent, **WORDS | held, channel=IN_APP)
    )


def test_the_same_occasion_for_the_same_recipient_is_the_same_notice():
    assert Notice.id_for(OCCASION, SECRETARY) == Notice.id_for(OCCASION, SECRETARY)


@pytest.mark.parametrize(
    ("occasion", "recipient"),
    [
        (OCCASION, SUPERIOR),
        (OCCASION, Recipient("TU-C-001", "SUPERIOR")),
        (Occasion("CELL_CLASSIFIED", "TU-C-001", "2024-11"), SECRETARY),
        (Occasion("SELF_ASSESSMENT_MISSING", "TU-C-002", "2024-11"), SECRETARY),
        (Occasion("SELF_ASSESSMENT_MISSING", "TU-C-001", "2024-12"), SECRETARY),
    ],
)
def test_another_rule_organization_period_recipient_or_role_is_another_notice(occasion, recipient):
    assert Notice.id_for(OCCASION, SECRETARY) != Notice.id_for(occasion, recipient)


def test_a_channel_delivers_a_notice_once():
    notice(made, in_inbox).when(Notice.send, EMAIL).then(mailed)


def test_a_channel_that_has_delivered_has_nothing_more_to_do():
    notice(made, in_inbox, mailed).when(Notice.send, EMAIL).then()


def test_a_failed_channel_is_tried_again_after_its_delay():
    notice(made, in_inbox).when(Notice.fail, EMAIL, "451 try later", patience=TWO_TRIES).then(failed)


def test_each_failure_waits_longer():
    trying = notice(made, in_inbox, failed).when(Notice.fail, EMAIL, "451 try later", patience=TWO_TRIES)

    trying.then(failed_again)


def test_a_channel_is_given_up_after_the_last_delay():
    trying = notice(made, in_inbox, failed, failed_again)

    trying.when(Notice.fail, EMAIL, "451 try later", patience=TWO_TRIES).then(given_up)


def test_a_final_refusal_is_not_tried_again():
    unknown = fact(Notice.GivenUp, channel=EMAIL, reason="550 no such mailbox")

    notice(made, in_inbox).when(
        Notice.fail, EMAIL, "550 no such mailbox", patience=TWO_TRIES, final=True
    ).then(unknown)


def test_a_delivered_notice_cannot_fail_any_more():
    notice(made, in_inbox, mailed).when(Notice.fail, EMAIL, "451", patience=TWO_TRIES).then()


def test_a_notice_is_due_by_mail_until_delivered_or_given_up():
    assert notice(made, in_inbox).aggregate().due(EMAIL, NOW)
    assert not notice(made, in_inbox, mailed).aggregate().due(EMAIL, NOW)
    assert not notice(made, in_inbox, given_up).aggregate().due(EMAIL, NOW)


def test_after_a_failure_a_notice_is_not_due_before_its_delay_is_over():
    waiting = notice(made, in_inbox, failed).aggregate()

    assert not waiting.due(EMAIL, NOW + timedelta(seconds=59))
    assert waiting.due(EMAIL, NOW + timedelta(seconds=60))

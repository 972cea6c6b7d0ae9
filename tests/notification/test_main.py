"""What notification is made of, and what it needs to be told before it mails."""

import pytest

from services.notification.main import NotificationSettings, create

TOLD = {
    "database_url": "postgresql://notification:pw@127.0.0.1:15432/notification",
    "nats_url": "nats://notification:pw@127.0.0.1:14222",
    "auth_public_key": "-----BEGIN PUBLIC KEY-----",
}
MAIL = {"smtp_url": "smtp://127.0.0.1:25", "mail_domain": "laichau.example"}


def test_notification_follows_everyone_and_takes_in_nothing():
    service = create(NotificationSettings(**TOLD))

    assert [
        "tree",
        "officials",
        "restrictions",
        "calls",
        "inboxes",
        "on_classified",
        "on_registry",
        "on_assessment",
    ] == list(service.rebuilder.feeds)
    assert service.intake is None


def test_without_a_mail_server_nothing_is_mailed():
    assert len(create(NotificationSettings(**TOLD))._tasks) + 1 == len(
        create(NotificationSettings(**TOLD | MAIL))._tasks
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"smtp_url": "smtp://127.0.0.1:25"}, "MAIL_DOMAIN: value error, is needed with a mail server"),
        (
            {"smtp_url": "secret@host", "mail_domain": "laichau.example"},
            "SMTP_URL: value error, must look like smtp://host:port",
        ),
    ],
)
def test_what_cannot_work_ends_the_start_in_one_line_that_repeats_no_secret(told, why, capsys):
    with pytest.raises(SystemExit) as ended:
        NotificationSettings.load(**TOLD | told)

    line = capsys.readouterr().err
    assert 2 == ended.value.code
    assert line.startswith(f"notification: cannot start: {why}")
    assert "secret" not in line

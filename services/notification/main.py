"""Composition root: settings in, notification out."""

from typing import ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.chassis.clock import Clock, utc_now
from services.chassis.edge.rights import Rights
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.notification.api import routes
from services.notification.application import Notices
from services.notification.channels import Post
from services.notification.occasions import Occasions
from services.notification.publication import publish
from services.notification.reactions import (
    OnAssessment,
    OnClassified,
    OnRegistry,
    Outbox,
)
from services.notification.rules import read_rules
from services.notification.views import Calls, NoticeBox


class NotificationSettings(Settings):
    """Notification's settings: those of every service, and the mail server."""

    service: ClassVar[str] = "notification"
    port_default: ClassVar[int] = 8104

    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://[user:password@]host:port or smtps://…; without it nothing is mailed",
    )
    mail_domain: str | None = Field(
        default=None,
        validate_default=True,
        pattern=r"^[a-z0-9.-]{1,200}$",
        description="mail goes to secretary.<code>@<this>; needed with SMTP_URL",
    )

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse, without repeating it, what names no mail server."""
        if value:
            Post(value.get_secret_value(), "")
        return value

    @field_validator("mail_domain")
    @classmethod
    def _mail_needs_a_domain(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse a mail server without a domain to write to."""
        if value is None and info.data.get("smtp_url"):
            raise ValueError("is needed with a mail server")
        return value


def create(settings: NotificationSettings, *, clock: Clock = utc_now) -> Service:
    """Return notification, ready to run."""
    service = Service(settings, "Who is told what, once: notices, their channels, the inbox.", clock=clock)
    tree = Tree(service.pool)
    officials, restrictions = Officials(service.pool), Restrictions(service.pool)
    calls = Calls(service.pool)
    box = NoticeBox(service.pool)
    rights = Rights(tree, officials, clock)
    rules = read_rules()
    notices = Notices(service.keeps_log(), tree, officials, restrictions, rules)
    told = notices, Occasions(rules, calls, clock)

    service.bounds += [tree.known.bound, officials.known.bound]
    service.publishes(publish)
    service.follows(tree, "registry")
    service.follows(officials, "registry")
    service.follows(restrictions, "registry")
    service.follows(calls, "assessment")
    service.follows(box, "notification")
    service.follows(OnClassified(service.pool, *told), "classification")
    service.follows(OnRegistry(service.pool, *told, tree, officials, restrictions), "registry")
    service.follows(OnAssessment(service.pool, *told, calls), "assessment")
    if settings.smtp_url and settings.mail_domain:
        post = Post(settings.smtp_url.get_secret_value(), settings.mail_domain)
        outbox = Outbox(notices, box, post)
        service.bounds.append(outbox.bound)
        service.keeps_running(outbox.run)
    service.answers(routes(box, rights, service.auth))
    return service


def main() -> None:
    """Run notification until it is told to stop."""
    create(NotificationSettings.load()).run()

"""Notification's use cases: one command, one method, one transaction."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from contracts.days import PROVINCE_TIME
from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.notification.domain import EMAIL, Notice, Occasion, Recipient
from services.notification.rules import NoticeRules

log = structlog.get_logger()

SECRETARIES = ("SECRETARY", "DEPUTY_SECRETARY")
"""Who opens what is sent to an organization's secretary."""


class Notices:
    """Making notices, each once, whatever the number of times it is called for."""

    def __init__(
        self,
        store: Store,
        tree: Tree,
        officials: Officials,
        restrictions: Restrictions,
        rules: NoticeRules,
    ) -> None:
        self.store = store
        self.tree = tree
        self.officials = officials
        self.restrictions = restrictions
        self.rules = rules

    # -- Making

    async def tell_of(self, occasion: Occasion, origin: Origin) -> Receipt:
        """Tell whom the rule names: the organization, its superior, if it has one, and who is told besides.

        Who was told already is not told again. Where nothing is new, nothing is stored.
        Raises UnknownOrganization.
        """
        organization = await self.tree.find(occasion.organization)
        if organization is None:
            raise UnknownOrganization(f"no organization {occasion.organization} is known here")
        offices = {"SECRETARY": organization.code, "SUPERIOR": organization.parent}
        roles = self.rules.offices[occasion.rule].to
        recipients = [Recipient(code, role) for role in roles if (code := offices.get(role))]
        recipients += [one for one in occasion.besides if one.role in roles]
        return await self._make(occasion, recipients, origin)

    @retried
    async def _make(self, occasion: Occasion, recipients: Sequence[Recipient], origin: Origin) -> Receipt:
        notices = [await self._made(occasion, recipient) for recipient in recipients]
        return await self.store.record(*notices, origin=origin)

    async def _made(self, occasion: Occasion, recipient: Recipient) -> Notice:
        if earlier := await self.store.look_up(Notice, Notice.id_for(occasion, recipient)):
            return earlier
        holder = await self._holder(recipient)
        return Notice.make(occasion, recipient, holder=holder, at=self.store.clock())

    async def _holder(self, recipient: Recipient) -> str | None:
        """Return who is told, or is secretary today, or else a deputy, by code: the office is in any case.

        Who had the use of their data restricted is not named.
        """
        holder = recipient.member
        if holder is None:
            held = await self.officials.on(recipient.organization, self._now().date())
            holder = next((one.member for one in held if one.position in SECRETARIES), None)
        return None if holder and await self.restrictions.among([holder]) else holder

    # -- Mailing

    async def notice(self, id: str) -> Notice:
        """Return a notice. Raises NotFound."""
        return await self.store.find(Notice, id)

    @retried
    async def mail_sent(self, id: str) -> Receipt:
        """Record that mail delivered a notice; the second time nothing is stored."""
        notice = await self.store.find(Notice, id)
        notice.send(EMAIL, at=self.store.clock())
        return await self.store.record(notice, origin=_by_clock(f"mail:{id}"))

    @retried
    async def mail_refused(self, id: str, reason: str, *, final: bool) -> Receipt:
        """Record that the mail server refused a notice, and when to try again."""
        notice = await self.store.find(Notice, id)
        patience = self.rules.email.patience
        notice.fail(EMAIL, reason, patience=patience, final=final, at=self.store.clock())
        return await self.store.record(notice, origin=_by_clock(f"mail:{id}"))

    def _now(self) -> datetime:
        return self.store.clock().astimezone(PROVINCE_TIME)


def _by_clock(what: str) -> Origin:
    """Return the origin of what nobody asked for but the time."""
    return Origin(actor="notification", correlation=what, causation="clock")

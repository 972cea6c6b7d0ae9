"""Notification's use cases: one command, one method, one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Protocol

import structlog
from pydantic import BaseModel, Field

from contracts.days import PROVINCE_TIME
from services.chassis.errors import Refused, UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.stated import Command
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.notification.domain import EMAIL, Notice, Occasion, Recipient, Sweep, check_due
from services.notification.rules import NoticeRules

log = structlog.get_logger()

ABREAST_MAX = 8
"""Cells told at the same moment: their facts are committed together, and connections remain for readers."""

SECRETARIES = ("SECRETARY", "DEPUTY_SECRETARY")
"""Who opens what is sent to an organization's secretary."""

Month = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2024-11"])]


class StillReading(Refused):
    """Silence can be judged only when everything said has been read: a late-read submission is none."""


class SweepMonth(Command):
    """Ask for the notices of one month whose deadline has passed."""

    month: Month


class Swept(BaseModel):
    """What a sweep of one month found: how many cells had said nothing."""

    month: str
    missing: int


class Silence(Protocol):
    """Who has said nothing. The answer is a view, and views come after use cases."""

    async def missing(self, month: str, kinds: Sequence[str]) -> list[str]:
        """Return the codes of the cells due for `month` that submitted nothing."""
        ...


class Notices:
    """Making notices, each once, whatever the number of times it is called for."""

    def __init__(
        self,
        store: Store,
        tree: Tree,
        officials: Officials,
        restrictions: Restrictions,
        silence: Silence,
        rules: NoticeRules,
        *,
        caught_up: Callable[[], Awaitable[bool]],
    ) -> None:
        self.store = store
        self.tree = tree
        self.officials = officials
        self.restrictions = restrictions
        self.silence = silence
        self.rules = rules
        self.caught_up = caught_up

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

    # -- Silence

    async def sweep(self, *, first: str | None = None) -> list[Swept]:
        """Tell of everything missing in the months whose deadline has passed since the last sweep.

        The first sweep ever begins with the month `first`, by default the present one: a province
        that starts today does not hear of the years before. Where the views have not read
        everything, nothing is judged, and the months wait for the next call.
        """
        sweep = await self.store.look_up(Sweep, Sweep.ID)
        if sweep is None:
            sweep = Sweep.begin(first or f"{self._now():%Y-%m}", at=self.store.clock())
            await self.store.record(sweep, origin=_by_clock("sweep:begin"))
        swept: list[Swept] = []
        while self._now() >= self.rules.self_assessment_missing.deadline(sweep.next):
            month = sweep.next
            if not await self.caught_up():
                log.info("sweep waits for the views", month=month)
                break
            missing = await self._tell_missing(month, _by_clock(f"sweep:{month}"))
            deadline = self.rules.self_assessment_missing.deadline(month)
            sweep.finish(month, missing, deadline=deadline, at=self.store.clock())
            await self.store.record(sweep, origin=_by_clock(f"sweep:{month}"))
            log.info("month swept", month=month, missing=missing)
            swept.append(Swept(month=month, missing=missing))
        return swept

    async def sweep_month(self, command: SweepMonth, origin: Origin) -> Swept:
        """Tell of everything missing in one month, as an operator asks. Raises NotYetDue, StillReading."""
        deadline = self.rules.self_assessment_missing.deadline(command.month)
        check_due(command.month, deadline, self._now())
        if not await self.caught_up():
            raise StillReading("the views have not read everything yet; ask again in a moment")
        return Swept(month=command.month, missing=await self._tell_missing(command.month, origin))

    async def _tell_missing(self, month: str, origin: Origin) -> int:
        """Make the notices of one month, some cells at a time; who dies between goes on at the next call."""
        missing = await self.silence.missing(month, self.rules.self_assessment_missing.kinds)
        for start in range(0, len(missing), ABREAST_MAX):
            told = [
                self.tell_of(Occasion("SELF_ASSESSMENT_MISSING", code, month), origin)
                for code in missing[start : start + ABREAST_MAX]
            ]
            for outcome in await asyncio.gather(*told, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
        return len(missing)

    def _now(self) -> datetime:
        return self.store.clock().astimezone(PROVINCE_TIME)


def _by_clock(what: str) -> Origin:
    """Return the origin of what nobody asked for but the time."""
    return Origin(actor="notification", correlation=what, causation="clock")

"""What notification does by itself: when it hears of something, and when mail is due."""

import asyncio
from datetime import datetime, timedelta

import structlog
from eventsourcing.persistence import Tracking

from contracts.assessment_concerns import ConcernEscalated, ConcernRaised
from contracts.assessment_duties import ObligationEnded
from contracts.assessment_meetings import MeetingCancelled, MeetingScheduled
from contracts.assessment_selves import SelfAssessmentReturned
from contracts.assessment_visits import VisitMismatchNoted
from contracts.classification import CellClassified
from contracts.registry_findings import CellFellBelowMinimum, DeadlineNoted
from services.chassis.bounds import Bound
from services.chassis.delivery import Delivery, Gap, NotYetRead
from services.chassis.errors import AlreadyDone, UnknownOrganization
from services.chassis.eventlog.store import Origin
from services.chassis.eventlog.writer import Pool
from services.chassis.regularly import AWAY
from services.chassis.views.policy import Policy
from services.chassis.views.view import View
from services.notification.application import Notices
from services.notification.channels import ChannelAway, Letter, NotTaken, Post
from services.notification.domain import EMAIL, Notice
from services.notification.occasions import Occasions
from services.notification.views import NoticeBox

log = structlog.get_logger()

READ_WITHIN_S = 1.0
MAIL_EVERY_S = 2.0
AWAY_MAX_S = 300.0
LETTERS_MAX = 100
"""Letters handed in over one connection."""

PUT_OFF_MAX = 10_000
"""Notices remembered as not to be mailed before some instant; of more, the first due is looked at again."""


class Tells(Policy):
    """Tells the offices that an event concerns, once. Subclasses say which events those are.

    `first` are the views that read the same stream, and have to have read as far before anybody is told.
    """

    def __init__(self, pool: Pool, notices: Notices, occasions: Occasions, *first: View) -> None:
        super().__init__(pool)
        self.notices = notices
        self.occasions = occasions
        self.first = first

    async def react(self, delivery: Delivery) -> None:
        """Tell of it. Raises Gap while what it has to know has not been read."""
        for view in self.first:
            try:
                await view.reached(delivery.message.source, delivery.message.sequence, READ_WITHIN_S)
            except NotYetRead as lag:
                raise Gap(f"{self.name}: {lag}") from lag
        await self._hand_on(delivery, Tracking(delivery.message.source, delivery.message.sequence))

    async def repair(self, delivery: Delivery) -> None:
        """Tell of an event that was parked before; whoever was told already is not told again."""
        await self._hand_on(delivery, None)

    async def _hand_on(self, delivery: Delivery, cause: Tracking | None) -> None:
        occasion = await self.occasions.of(delivery.event)
        if occasion is None:
            return
        try:
            await self.notices.tell_of(occasion, _origin(delivery, cause))
        except AlreadyDone:
            log.info("already told", event_id=delivery.message.id)
        except UnknownOrganization as error:
            # The registry has founded what is spoken of: the news is on its way to our tree.
            raise Gap(f"{self.name}: {error}") from error


class OnClassified(Tells):
    """Whenever an organization is classified, tell its secretary and its superior's."""

    name = "on_classified"
    hears = frozenset({CellClassified.type})


class OnRegistry(Tells):
    """Whenever the registry notes that something is amiss, tell the offices that have to mend it."""

    name = "on_registry"
    hears = frozenset({CellFellBelowMinimum.type, DeadlineNoted.type})


class OnAssessment(Tells):
    """Whenever something is to come, to be done or was not done, tell those who have to come or to do it."""

    name = "on_assessment"
    hears = frozenset(
        {
            MeetingScheduled.type,
            MeetingCancelled.type,
            SelfAssessmentReturned.type,
            ConcernRaised.type,
            ConcernEscalated.type,
            VisitMismatchNoted.type,
            ObligationEnded.type,
        }
    )


def _origin(delivery: Delivery, cause: Tracking | None) -> Origin:
    message = delivery.message
    return Origin(
        actor="notification",
        correlation=message.correlationid,
        causation=f"{message.source}:{message.id}",
        cause=cause,
    )


class Outbox:
    """Mails every notice that mail has not delivered yet. `run` is its task.

    One process at a time, by an advisory lock. If it dies after the server accepted a letter and
    before that is recorded, the letter goes out again, with the same Message-ID.
    """

    def __init__(self, notices: Notices, box: NoticeBox, post: Post) -> None:
        self.notices = notices
        self.box = box
        self.post = post
        self._not_before: dict[str, datetime] = {}
        """Notices that need not be looked at before an instant: given up, or waiting for the next try."""
        self.bound = Bound("notices put off", PUT_OFF_MAX, lambda: len(self._not_before))

    async def run(self) -> None:
        """Mail until cancelled. A mail server that is away is asked again, later each time."""
        away_s = MAIL_EVERY_S
        while True:
            try:
                if await self.deliver() == LETTERS_MAX:
                    continue
                away_s = MAIL_EVERY_S
                await asyncio.sleep(MAIL_EVERY_S)
            except (*AWAY, ChannelAway) as error:
                log.warning("mail waits", seconds=away_s, reason=f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(away_s)
                away_s = min(AWAY_MAX_S, 2 * away_s)

    async def deliver(self) -> int:
        """Hand in what is due, at most LETTERS_MAX. Return how many were looked at. Raises ChannelAway."""
        async with self.box.pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext('notification outbox')) AS ours"
            )
            row = await cursor.fetchone()
            return await self._deliver() if row and row["ours"] else 0

    async def _deliver(self) -> int:
        now = self.notices.store.clock()
        since = now - timedelta(days=self.notices.rules.email.made_within_days)
        self._not_before = {id: at for id, at in self._not_before.items() if at > now}
        waiting = await self.box.unmailed(since, self._not_before, LETTERS_MAX)
        due = [notice for id in waiting if (notice := await self._due(id, now))]
        if due:
            async with self.post.open() as counter:
                for notice in due:
                    try:
                        await counter.hand_in(_letter(notice))
                    except NotTaken as refusal:
                        log.warning(
                            "mail refused", notice=notice.id, reason=str(refusal), final=refusal.final
                        )
                        await self.notices.mail_refused(notice.id, str(refusal), final=refusal.final)
                    else:
                        await self.notices.mail_sent(notice.id)
        return len(waiting)

    async def _due(self, id: str, now: datetime) -> Notice | None:
        """Return the notice if it is to be mailed now; the log knows, the view may lag behind it."""
        notice = await self.notices.notice(id)
        if notice.due(EMAIL, now):
            return notice
        a_while = now + timedelta(minutes=1)
        self._not_before[id] = notice.retry_at.get(EMAIL, a_while) if notice.open_for(EMAIL) else a_while
        if len(self._not_before) > PUT_OFF_MAX:
            del self._not_before[min(self._not_before, key=self._not_before.__getitem__)]
        return None


def _letter(notice: Notice) -> Letter:
    return Letter(
        notice=notice.id,
        rule=notice.rule,
        about=notice.organization,
        period=notice.period,
        recipient=notice.recipient,
        made_at=notice.created_on,
        names=notice.about,
    )

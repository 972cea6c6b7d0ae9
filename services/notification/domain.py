"""What notification decides, and when it refuses.

Top to bottom: the refusals, then the aggregates: state, facts, decisions. No I/O, no clock, no
randomness: the same calls always give the same facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.chassis.aggregate import Aggregate, Fact, FirstFact

IN_APP = "IN_APP"
EMAIL = "EMAIL"


@dataclass(frozen=True)
class Occasion:
    """Why someone is told: the rule, and the organization and period it speaks of.

    `about` is the code of the meeting or concern it is about; `which` tells it from others like it, as a
    meeting that is called anew from how it was called before. `besides` are who is told beside the offices
    of the organization and of its superior, if the rule names their roles.
    """

    rule: str
    organization: str
    period: str
    about: str | None = None
    which: str | None = None
    besides: tuple[Recipient, ...] = ()


@dataclass(frozen=True)
class Recipient:
    """Who is told at `organization`: the one `member` it sent, or else its secretary, whoever that is."""

    organization: str
    role: str
    member: str | None = None


@dataclass(frozen=True)
class Patience:
    """How long to go on trying a channel: the delays between tries. After the last try it is given up."""

    delays_s: Sequence[int]


class Notice(Aggregate):
    """One thing told to one recipient, by every channel at most once."""

    TOPIC = "notification.Notice"

    # -- State: only what decisions need -------------------------------------------------------

    organization: str
    rule: str
    period: str
    recipient: str
    role: str

    holder: str | None
    about: str | None

    def __init__(
        self,
        organization: str,
        rule: str,
        period: str,
        recipient: str,
        role: str,
        holder: str | None = None,
        about: str | None = None,
    ) -> None:
        self.organization = organization
        self.rule = rule
        self.period = period
        self.recipient = recipient
        self.role = role
        self.holder = holder
        self.about = about
        self.sent: set[str] = set()
        self.given_up: set[str] = set()
        self.failures: dict[str, int] = {}
        self.retry_at: dict[str, datetime] = {}

    # -- Facts: stored for ever, so primitive fields and a fixed TOPIC -------------------------

    class Event(Fact):
        """A fact about one notice."""

    class Made(FirstFact):
        TOPIC = "notification.Notice.Made"
        organization: str
        rule: str
        period: str
        recipient: str
        role: str
        holder: str | None = None  # who held the office on that day; notices before offices have none
        about: str | None = None  # the code of a meeting or concern; notices before these have none

    class Sent(Event):
        TOPIC = "notification.Notice.Sent"
        organization: str
        rule: str
        period: str
        recipient: str
        role: str
        channel: str
        holder: str | None = None
        about: str | None = None

        def apply(self, notice: Notice) -> None:
            """A channel that has delivered is done."""
            notice.sent.add(self.channel)
            notice.retry_at.pop(self.channel, None)

    class Failed(Event):
        """The channel did not take it. `reason` is the channel's answer, without addresses."""

        TOPIC = "notification.Notice.Failed"
        channel: str
        reason: str
        retry_at: datetime

        def apply(self, notice: Notice) -> None:
            """Count the failure, and wait."""
            notice.failures[self.channel] = notice.failures.get(self.channel, 0) + 1
            notice.retry_at[self.channel] = self.retry_at

    class GivenUp(Event):
        TOPIC = "notification.Notice.GivenUp"
        channel: str
        reason: str

        def apply(self, notice: Notice) -> None:
            """Never try this channel again."""
            notice.given_up.add(self.channel)

    # -- Decisions: check the rules, then state a fact -----------------------------------------

    @staticmethod
    def id_for(occasion: Occasion, recipient: Recipient) -> str:
        """One occasion and recipient, one id: told twice, it is the same notice."""
        words = [
            occasion.rule,
            occasion.organization,
            occasion.period,
            recipient.organization,
            recipient.role,
        ]
        words += [word for word in (occasion.about, occasion.which, recipient.member) if word]
        return f"notice-{sha256('|'.join(words).encode()).hexdigest()[:32]}"

    @classmethod
    def make(
        cls, occasion: Occasion, recipient: Recipient, *, holder: str | None = None, at: datetime
    ) -> Notice:
        """Make a notice to an office, which `holder` holds if anybody does.

        It is in the office's in-app inbox at once: the record is the delivery.
        """
        notice = cls._create(
            cls.Made,
            id=cls.id_for(occasion, recipient),
            organization=occasion.organization,
            rule=occasion.rule,
            period=occasion.period,
            recipient=recipient.organization,
            role=recipient.role,
            holder=holder,
            about=occasion.about,
            timestamp=at,
        )
        notice.send(IN_APP, at=at)
        return notice

    def send(self, channel: str, *, at: datetime) -> None:
        """Record that `channel` delivered it; the second time nothing happens."""
        if channel in self.sent:
            return
        self.trigger_event(
            self.Sent,
            organization=self.organization,
            rule=self.rule,
            period=self.period,
            recipient=self.recipient,
            role=self.role,
            channel=channel,
            holder=self.holder,
            about=self.about,
            timestamp=at,
        )

    def fail(
        self, channel: str, reason: str, *, patience: Patience, final: bool = False, at: datetime
    ) -> None:
        """Record that `channel` refused it and when to try again; the last, or a final refusal, ends it."""
        if not self.open_for(channel):
            return
        failures = self.failures.get(channel, 0)
        if final or failures >= len(patience.delays_s):
            self.trigger_event(self.GivenUp, channel=channel, reason=reason, timestamp=at)
            return
        retry_at = at + timedelta(seconds=patience.delays_s[failures])
        self.trigger_event(self.Failed, channel=channel, reason=reason, retry_at=retry_at, timestamp=at)

    # -- Questions -----------------------------------------------------------------------------

    def open_for(self, channel: str) -> bool:
        """Return whether `channel` has neither delivered it nor been given up."""
        return channel not in self.sent and channel not in self.given_up

    def due(self, channel: str, at: datetime) -> bool:
        """Return whether `channel` should try now."""
        return self.open_for(channel) and self.retry_at.get(channel, at) <= at


class Sweep(Aggregate):
    """How notification looked for missing self-assessments before assessment told of them.

    Nothing is recorded of it any more; what was recorded is read as ever.
    """

    TOPIC = "notification.Sweep"

    first: str

    class Event(Fact):
        """A fact about the sweep."""

    class Begun(FirstFact):
        """`first` was the first month ever swept: nobody was told about months before it."""

        TOPIC = "notification.Sweep.Begun"
        first: str

    class Done(Event):
        """Silence recorded: of the cells due for `month`, `missing` had said nothing."""

        TOPIC = "notification.Sweep.Done"
        month: str
        missing: int

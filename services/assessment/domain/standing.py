"""What stands of a self-assessment on a day: which answers, and what the superior made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from services.chassis.aggregate import Fact
from services.chassis.errors import NotYetKnown, Refused


class NothingSubmitted(NotYetKnown):
    """Only what was submitted can be corrected or decided about; that may be on its way (house rule)."""


class NothingCorrected(NotYetKnown):
    """A correction changes at least one answer, perhaps of a version that is on its way (house rule)."""


class NotReturned(NotYetKnown):
    """Only what a superior returned is submitted again; that may be on its way (house rule)."""


class NotResubmitted(NotYetKnown):
    """What was returned waits for the cell to submit it again; that may be on its way (house rule)."""


class NotAccepted(NotYetKnown):
    """What is not accepted is corrected, not restated; its acceptance may be on its way (house rule)."""


class AlreadyAccepted(Refused):
    """From its acceptance on a result changes only if the superior restates it (house rule)."""


class DecidedTooEarly(Refused):
    """A superior decides on what was submitted by that day (house rule)."""


class DueBeforeReturned(Refused):
    """A cell may submit again at least on the day of the return (house rule)."""


State = Literal["SUBMITTED", "RETURNED", "ACCEPTED"]


class Told(Fact):
    """What is told of a self-assessment: a version of it, or a verdict on it."""

    organization: str
    period: str

    @property
    def on(self) -> str:
        """Return the day from which it counts."""
        raise NotImplementedError

    def change(self, now: Standing) -> Standing:
        """Return what stands after it."""
        raise NotImplementedError

    def apply(self, assessment: Any) -> None:
        """Remember it: what stands is read when it is asked for."""
        assessment.told = (*assessment.told, self)


class Version(Told):
    """One version of a cell's answers. What is new has a default: older facts lack it.

    `results` are {criterion, achieved, value, note}, `goods` {good, achieved}, as judged. `rules` say when a
    period is locked; `admitted_by` is the decision {number, date} that had reopened it, if it was. `points`
    and `level` are of the whole form; `adopted` {organization, adopted_on} are the adoptions it rests on.
    """

    issuer: str
    number: str
    dated: str
    results: list[dict[str, Any]]
    goods: list[dict[str, Any]]
    four_good: bool
    submitted_on: str
    rules: str | None = None
    admitted_by: dict[str, str] | None = None
    points: Decimal | None = None
    level: str | None = None
    adopted: list[dict[str, str]] | None = None

    @property
    def on(self) -> str:
        """Return the day on which it was signed."""
        return self.submitted_on

    def change(self, now: Standing) -> Standing:
        """Return what stands: these answers, in the same state."""
        return replace(now, version=self)


class Reasoned(Fact):
    """What says why: listed after the version it is said of, whose new fields have defaults."""

    reason: str


class Decided(Reasoned):
    """What says which superior decided it, and why."""

    decided_by: str


class Resubmitting(Version):
    """The answers to a return."""

    def change(self, now: Standing) -> Standing:
        """Return what stands: these answers, submitted."""
        return replace(now, state="SUBMITTED", version=self)


class Returning(Told):
    """A superior gave it back."""

    returned_by: str
    returned_on: str
    reason: str
    resubmit_by: str

    @property
    def on(self) -> str:
        """Return the day of the return."""
        return self.returned_on

    def change(self, now: Standing) -> Standing:
        """Return what stands: the same answers, returned. What is accepted stays so."""
        if now.state == "ACCEPTED":
            return now
        return replace(now, state="RETURNED", returned_on=self.on, resubmit_by=self.resubmit_by)


class Accepting(Told):
    """A superior took it as the cell's result."""

    accepted_by: str
    accepted_on: str

    @property
    def on(self) -> str:
        """Return the day of the acceptance."""
        return self.accepted_on

    def change(self, now: Standing) -> Standing:
        """Return what stands: the same answers, accepted."""
        return replace(now, state="ACCEPTED")


@dataclass(frozen=True)
class Standing:
    """What stands: its state, the version, and of the last return the day and until when to answer it."""

    state: State
    version: Version
    returned_on: str | None = None
    resubmit_by: str | None = None

    def require_not_accepted(self) -> None:
        """Raise AlreadyAccepted if it is."""
        if self.state == "ACCEPTED":
            raise AlreadyAccepted(f"{self.version.organization} {self.version.period}")

    def require_submitted(self) -> None:
        """Raise AlreadyAccepted or NotResubmitted unless it waits for the superior."""
        self.require_not_accepted()
        if self.state == "RETURNED":
            said = f"{self.version.organization} {self.version.period}"
            raise NotResubmitted(f"{said} was returned on {self.returned_on}")

    def require_change(self, judged: dict[str, Any]) -> None:
        """Raise NothingCorrected if `judged` says what the version says."""
        same = ("issuer", "number", "dated", "results")
        if all(judged[name] == getattr(self.version, name) for name in same):
            raise NothingCorrected(f"{self.version.organization} {self.version.period}")


def standing(told: Sequence[Told], by: str | None = None, *, known_at: datetime | None = None) -> Standing:
    """Return what stands at the end of the day `by`, from what was recorded by `known_at`.

    Days decide, however late each was told; of one day, what was told later counts. Raises NothingSubmitted.
    """
    known = (one for one in told if known_at is None or one.timestamp <= known_at)
    by_day = sorted((one for one in known if by is None or one.on <= by), key=lambda one: one.on)
    if not by_day or not isinstance(first := by_day[0], Version):
        raise NothingSubmitted(f"nothing was submitted by {by or known_at}")
    now = Standing("SUBMITTED", first)
    for one in by_day[1:]:
        now = one.change(now)
    return now

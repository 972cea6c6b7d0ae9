"""Self-assessments: how a cell sees its month or year, and what its superior makes of that.

What is told of one may arrive in any order, so what stands is read by the days stated, not by arrival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Answer
from services.assessment.domain.figures import NOTHING_MEASURED, Measured
from services.assessment.domain.form import Form
from services.assessment.domain.judging import SubmittedTooEarly, judged_by
from services.assessment.domain.organization import InTheFuture, Organization
from services.assessment.domain.standing import (
    Accepting,
    Decided,
    DecidedTooEarly,
    DueBeforeReturned,
    NotAccepted,
    NothingSubmitted,
    NotReturned,
    Reasoned,
    Resubmitting,
    Returning,
    Standing,
    Told,
    Version,
    standing,
)
from services.assessment.domain.submission_lock import Window
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class UnknownFramework(NotYetKnown):
    """A cell assesses itself by what it, or a committee above it, issued (05-HD/BTCTU, 2024-05-19)."""


class AlreadySubmitted(Refused):
    """A period is assessed once; what was wrong is corrected, with a reason (house rule)."""


class SelfAssessment(Aggregate):
    """One cell's assessment of itself for one period."""

    TOPIC = "assessment.SelfAssessment"

    # -- State: all that was told, in order of arrival
    organization: str
    period: str
    told: tuple[Told, ...] = ()

    # -- Facts
    class Event(Fact):
        """A fact about one self-assessment."""

    class Submitted(Version, FirstFact):
        TOPIC = "assessment.SelfAssessment.Submitted"

    class Corrected(Version, Reasoned, Event):
        TOPIC = "assessment.SelfAssessment.Corrected"

    class Returned(Returning, Event):
        TOPIC = "assessment.SelfAssessment.Returned"

    class Resubmitted(Resubmitting, Event):
        TOPIC = "assessment.SelfAssessment.Resubmitted"

    class Accepted(Accepting, Event):
        TOPIC = "assessment.SelfAssessment.Accepted"

    class Restated(Version, Decided, Event):
        TOPIC = "assessment.SelfAssessment.Restated"

    @property
    def latest(self) -> Version:
        """Return the version that stands."""
        return standing(self.told).version

    # -- Decisions
    @staticmethod
    def id_for(organization: str, period: str) -> str:
        """Return `self-assessment-<organization>-<period>`."""
        return f"self-assessment-{organization}-{period}"

    @classmethod
    def submit(
        cls,
        cell: Organization,
        form: Form,
        period: Period,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        window: Window,
        submitted_on: date,
        at: datetime,
    ) -> SelfAssessment:
        """Record how `cell` saw itself in `period`, judged by `form` and what its meetings show.

        Raises NotACell, FuturePeriod, InTheFuture, BeforeFounding, SubmittedTooEarly, NotInForce, Locked and
        what `Form.evaluate` raises.
        """
        judged = judged_by(cell, form, period, answers, figures, submitted_on=submitted_on, at=at)
        judged |= _admitted(window, period, submitted_on)
        return cls._create(cls.Submitted, id=cls.id_for(cell.code, period.text), **judged, timestamp=at)

    def correct(
        self,
        cell: Organization,
        form: Form,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        reason: str,
        window: Window,
        submitted_on: date,
        at: datetime,
    ) -> None:
        """Replace the answers before the superior decides, and say why.

        Raises NothingCorrected, AlreadyAccepted, NotResubmitted and what `submit` raises.
        """
        period = Period(self.period)
        judged = judged_by(cell, form, period, answers, figures, submitted_on=submitted_on, at=at)
        stands = self._stood(submitted_on, SubmittedTooEarly)
        stands.require_submitted()
        stands.require_change(judged)
        judged |= _admitted(window, period, submitted_on)
        self.trigger_event(self.Corrected, **judged, reason=reason, timestamp=at)

    def send_back(
        self,
        cell: Organization,
        superior: Organization,
        *,
        returned_on: date,
        reason: str,
        resubmit_by: date,
        at: datetime,
    ) -> None:
        """Return it to the cell, which is to submit it again by `resubmit_by`.

        Raises NotASuperior, InTheFuture, DecidedTooEarly, AlreadyAccepted, NotResubmitted, DueBeforeReturned.
        """
        self._decided(cell, superior, returned_on, at=at).require_submitted()
        if resubmit_by < returned_on:
            raise DueBeforeReturned(f"{resubmit_by} is before {returned_on}")
        self.trigger_event(
            self.Returned,
            organization=self.organization,
            period=self.period,
            returned_by=superior.code,
            returned_on=returned_on.isoformat(),
            reason=reason,
            resubmit_by=resubmit_by.isoformat(),
            timestamp=at,
        )

    def resubmit(
        self,
        cell: Organization,
        form: Form,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        window: Window,
        submitted_on: date,
        at: datetime,
    ) -> None:
        """Answer anew what was returned; a cell may stand by its answers, and note why.

        It may until the day it was given, or until the period is locked if that is later. Raises NotReturned,
        AlreadyAccepted and what `submit` raises.
        """
        period = Period(self.period)
        judged = judged_by(cell, form, period, answers, figures, submitted_on=submitted_on, at=at)
        stands = self._stood(submitted_on, SubmittedTooEarly)
        stands.require_not_accepted()
        if stands.state != "RETURNED" or stands.resubmit_by is None:
            raise NotReturned(f"{self.organization} {self.period} was not returned by {submitted_on}")
        until = date.fromisoformat(stands.resubmit_by)
        judged |= _admitted(window, period, submitted_on, until=until)
        self.trigger_event(self.Resubmitted, **judged, timestamp=at)

    def accept(self, cell: Organization, superior: Organization, *, accepted_on: date, at: datetime) -> None:
        """Take it as the cell's result of the period.

        Raises NotASuperior, InTheFuture, DecidedTooEarly, AlreadyAccepted, NotResubmitted.
        """
        self._decided(cell, superior, accepted_on, at=at).require_submitted()
        self.trigger_event(
            self.Accepted,
            organization=self.organization,
            period=self.period,
            accepted_by=superior.code,
            accepted_on=accepted_on.isoformat(),
            timestamp=at,
        )

    def restate(
        self,
        cell: Organization,
        superior: Organization,
        form: Form,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        reason: str,
        submitted_on: date,
        at: datetime,
    ) -> None:
        """Replace an accepted result by decision of `superior`, locked or not.

        Raises NotASuperior, DecidedTooEarly, NotAccepted, NothingCorrected and, but for Locked, what
        `submit` raises.
        """
        stands = self._decided(cell, superior, submitted_on, at=at)
        period = Period(self.period)
        judged = judged_by(cell, form, period, answers, figures, submitted_on=submitted_on, at=at)
        if stands.state != "ACCEPTED":
            raise NotAccepted(f"{self.organization} {self.period} was not accepted by {submitted_on}")
        stands.require_change(judged)
        self.trigger_event(self.Restated, **judged, decided_by=superior.code, reason=reason, timestamp=at)

    def _stood(self, on: date, too_early: type[Refused]) -> Standing:
        """Return what stood on `on`. Raises `too_early` if nothing was submitted by then."""
        try:
            return standing(self.told, on.isoformat())
        except NothingSubmitted as nothing:
            raise too_early(f"{self.organization} {self.period}: {nothing}") from nothing

    def _decided(self, cell: Organization, superior: Organization, on: date, *, at: datetime) -> Standing:
        """Return what `superior` decided about. Raises NotASuperior, InTheFuture, DecidedTooEarly."""
        cell.require_beneath(superior)
        if on > day_of(at):
            raise InTheFuture(f"{on} is after today, {day_of(at)}")
        return self._stood(on, DecidedTooEarly)


def _admitted(window: Window, period: Period, on: date, *, until: date | None = None) -> dict[str, Any]:
    """Return the fields that say why a version was still taken. Raises Locked."""
    return {"rules": window.rules.name, "admitted_by": window.admit(period, on, until=until)}

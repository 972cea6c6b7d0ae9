"""The emulation movement: which committee launched it when, and whose launch that carried on."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class AlreadyLaunched(Refused):
    """A committee launches once by one document; a new movement has another (house rule)."""


class LaunchedBeforeDocument(Refused):
    """A movement is launched on the day of its document or later (house rule)."""


class LaunchedBeforeSuperior(Refused):
    """S004, 2024-06-28: after the district's ceremony each committee holds its own, that day or later."""


class UnknownLaunch(NotYetKnown):
    """A launch follows one that was held above; the news of it may be on its way (S004)."""


class Movement(Aggregate):
    """One committee's launch, by its document: number and date are needed, as of a framework."""

    TOPIC = "assessment.Movement"

    # -- State: what the launches below are checked against
    organization: str
    number: str
    dated: str
    launched_on: date = field(init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one launch."""

    class Launched(FirstFact):
        """`dated` and `launched_on` are ISO dates; `follows` is {organization, number, dated} or None."""

        TOPIC = "assessment.Movement.Launched"
        organization: str
        number: str
        dated: str
        title: str
        launched_on: str
        follows: dict[str, Any] | None

        def apply(self, movement: Movement) -> None:
            """Remember the day."""
            movement.launched_on = date.fromisoformat(self.launched_on)

    # -- Decisions
    @staticmethod
    def id_for(organization: str, number: str, dated: date) -> str:
        """Return `movement-<organization>-<number>-<date>`, one for every way to encode accents."""
        return f"movement-{organization}-{normalize('NFC', number)}-{dated}"

    @classmethod
    def launch(
        cls,
        committee: Organization,
        *,
        number: str,
        dated: date,
        title: str,
        launched_on: date,
        follows: Movement | None,
        at: datetime,
    ) -> Movement:
        """Record that `committee` launched the movement, carrying on the launch it `follows`, if any.

        Raises NotACommittee, InTheFuture, BeforeFounding, OrganizationEnded, LaunchedBeforeDocument,
        NotASuperior, LaunchedBeforeSuperior.
        """
        committee.require_committee()
        committee.require_past(launched_on, at=at)
        if launched_on < dated:
            raise LaunchedBeforeDocument(f"{number} is of {dated}, after {launched_on}")
        if follows:
            committee.require_superior(follows.organization)
            if launched_on < follows.launched_on:
                raise LaunchedBeforeSuperior(f"{follows.organization} launched on {follows.launched_on}")
        named = ("organization", "number", "dated")
        return cls._create(
            cls.Launched,
            id=cls.id_for(committee.code, number, dated),
            organization=committee.code,
            number=number,
            dated=dated.isoformat(),
            title=title,
            launched_on=launched_on.isoformat(),
            follows={name: getattr(follows, name) for name in named} if follows else None,
            timestamp=at,
        )

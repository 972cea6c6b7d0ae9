"""What lets a district's system in: credentials issued, rotated with an overlap, expired and revoked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused

# -- Refusals: the docstring is the rule and its source, or that it is ours


class HasCredentials(Refused):
    """Who can connect gets another credential by rotation, so none lives on unnoticed (house rule)."""


class NoCredentials(Refused):
    """Only what still lets a district in is rotated or revoked (house rule)."""


class AlreadyOver(Refused):
    """A credential ends after it was issued (house rule)."""


@dataclass(frozen=True)
class Credential:
    """One credential of a district. `ends_at` is the first instant at which it opens nothing."""

    number: int
    issued_at: datetime
    ends_at: datetime | None
    revoked: bool = False

    def opens_at(self, at: datetime) -> bool:
        """Return whether it lets the district in at that instant."""
        return self.ends_at is None or at < self.ends_at


class Credentials(Aggregate):
    """The credentials of one district, numbered from 1. Secrets follow from MASTER_KEY; none is kept here."""

    TOPIC = "registry.Credentials"

    # -- State

    district: str
    issued: tuple[Credential, ...] = ()

    # -- Facts

    class Event(Fact):
        """A fact about the credentials of one district."""

    class Begun(FirstFact):
        """The list begins, empty."""

        TOPIC = "registry.Credentials.Begun"
        district: str

    class Issued(Event):
        TOPIC = "registry.Credentials.Issued"
        district: str
        number: int
        ends_at: datetime | None

        def apply(self, credentials: Credentials) -> None:
            """Add it."""
            new = Credential(self.number, self.timestamp, self.ends_at)
            credentials.issued = (*credentials.issued, new)

    class Ended(Event):
        TOPIC = "registry.Credentials.Ended"
        district: str
        number: int
        ends_at: datetime
        reason: str  # ROTATED or REVOKED

        def apply(self, credentials: Credentials) -> None:
            """End it, at once or at an instant ahead."""
            credentials.issued = tuple(
                replace(one, ends_at=self.ends_at, revoked=self.reason == "REVOKED")
                if one.number == self.number
                else one
                for one in credentials.issued
            )

    def opening(self, at: datetime) -> list[Credential]:
        """Return those that let the district in at that instant."""
        return [one for one in self.issued if one.opens_at(at)]

    def numbered(self, number: int) -> Credential | None:
        """Return the credential of that number, None if it was never issued."""
        return self.issued[number - 1] if 1 <= number <= len(self.issued) else None

    def signs(self, number: int) -> bool:
        """Return whether the key of that number counts: also of one that ended since, for lines are slow."""
        one = self.numbered(number)
        return one is not None and not one.revoked

    # -- Decisions

    @staticmethod
    def id_for(district: str) -> str:
        """Return the one id of a district's credentials."""
        return f"credentials-{district}"

    @classmethod
    def begin(cls, district: str, *, at: datetime) -> Credentials:
        """Begin the list of `district`."""
        return cls._create(cls.Begun, id=cls.id_for(district), district=district, timestamp=at)

    def issue(self, *, ends_at: datetime | None, at: datetime) -> Credential:
        """Let the district in, until `ends_at` if given. Raises HasCredentials, AlreadyOver."""
        if found := self.opening(at):
            raise HasCredentials(f"{self.district} has credential {found[-1].number}: rotate it")
        return self._issue(ends_at, at)

    def rotate(self, *, overlap: timedelta, ends_at: datetime | None, at: datetime) -> Credential:
        """Issue one more; those before it open for `overlap` still. Raises NoCredentials, AlreadyOver."""
        for one in self._opening(None, at):
            if one.opens_at(at + overlap):
                self._end(one, at + overlap, "ROTATED", at)
        return self._issue(ends_at, at)

    def revoke(self, number: int | None, *, at: datetime) -> None:
        """End one credential, or all, at once. Raises NoCredentials."""
        for one in self._opening(number, at):
            self._end(one, at, "REVOKED", at)

    def _opening(self, number: int | None, at: datetime) -> list[Credential]:
        found = [one for one in self.opening(at) if number in {None, one.number}]
        if not found:
            raise NoCredentials(
                f"{self.district} has none that opens" + (f" of number {number}" if number else "")
            )
        return found

    def _issue(self, ends_at: datetime | None, at: datetime) -> Credential:
        if ends_at and ends_at <= at:
            raise AlreadyOver(f"it would end at {ends_at}, before it begins")
        self.trigger_event(
            self.Issued, district=self.district, number=len(self.issued) + 1, ends_at=ends_at, timestamp=at
        )
        return self.issued[-1]

    def _end(self, one: Credential, ends_at: datetime, reason: str, at: datetime) -> None:
        self.trigger_event(
            self.Ended,
            district=self.district,
            number=one.number,
            ends_at=ends_at,
            reason=reason,
            timestamp=at,
        )

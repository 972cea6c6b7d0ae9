"""Emulation agreements: what two organizations agree to strive for, once both have signed."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime

from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class AlreadySigned(Refused):
    """S004: an agreement has two signatures, one of each side."""


class SignedAlone(Refused):
    """S004: a committee signs with a cell or a committee; nobody agrees with itself."""


class DiffersFromAgreed(Refused):
    """Both sides sign the same: the same two, and the same words (house rule)."""


class Agreement(Aggregate):
    """One agreement of two organizations. Either may be the first to sign."""

    TOPIC = "assessment.Agreement"

    # -- State: who agreed on what; the facts themselves answer who asks
    agreement: str
    agreed: str
    parties: frozenset[str] = field(init=False)
    signed: dict[str, str] = field(init=False)
    """The day of each signature, by who signed."""

    # -- Facts
    class Event(Fact):
        """A fact about one agreement."""

    class Signed(FirstFact):
        """`organization` was the first to sign, on the ISO date `signed_on`."""

        TOPIC = "assessment.Agreement.Signed"
        agreement: str
        organization: str
        partner: str
        agreed: str
        signed_on: str

        def apply(self, agreement: Agreement) -> None:
            """Remember the two, and who signed."""
            agreement.parties = frozenset({self.organization, self.partner})
            agreement.signed = {self.organization: self.signed_on}

    class Countersigned(Event):
        """`organization` signed what `partner` had signed."""

        TOPIC = "assessment.Agreement.Countersigned"
        agreement: str
        organization: str
        partner: str
        agreed: str
        signed_on: str

        def apply(self, agreement: Agreement) -> None:
            """Remember that both signed."""
            agreement.signed = agreement.signed | {self.organization: self.signed_on}

    # -- Decisions
    @staticmethod
    def id_for(code: str) -> str:
        """Return `agreement-<code>`."""
        return f"agreement-{code}"

    @classmethod
    def sign(
        cls, signatory: Organization, code: str, partner: str, agreed: str, *, signed_on: date, at: datetime
    ) -> Agreement:
        """Record the first signature. Raises SignedAlone, InTheFuture, BeforeFounding, OrganizationEnded."""
        if partner == signatory.code:
            raise SignedAlone(f"{code}: {partner} with itself")
        signatory.require_past(signed_on, at=at)
        return cls._create(
            cls.Signed,
            id=cls.id_for(code),
            agreement=code,
            organization=signatory.code,
            partner=partner,
            agreed=agreed,
            signed_on=signed_on.isoformat(),
            timestamp=at,
        )

    def countersign(
        self, signatory: Organization, partner: str, agreed: str, *, signed_on: date, at: datetime
    ) -> None:
        """Record the second signature.

        Raises DiffersFromAgreed, AlreadySigned, InTheFuture, BeforeFounding, OrganizationEnded.
        """
        if {signatory.code, partner} != self.parties or agreed != self.agreed:
            raise DiffersFromAgreed(f"{self.agreement} is of {' and '.join(sorted(self.parties))}")
        if signatory.code in self.signed:
            raise AlreadySigned(f"{signatory.code}: {self.agreement} on {self.signed[signatory.code]}")
        signatory.require_past(signed_on, at=at)
        self.trigger_event(
            self.Countersigned,
            agreement=self.agreement,
            organization=signatory.code,
            partner=partner,
            agreed=agreed,
            signed_on=signed_on.isoformat(),
            timestamp=at,
        )

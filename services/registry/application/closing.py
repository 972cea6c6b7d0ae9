"""Closed months: a district's signed manifest, checked and recorded."""

import hmac
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from contracts.message import Code
from contracts.registry_closings import (
    KeyNumber,
    Sha256,
    Source,
    StreamClosed,
    WrittenInstant,
    instant_in,
    signature_of,
)
from contracts.vocabulary import Month
from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.stated import Command
from services.registry.application.organization import Organizations
from services.registry.domain.closings import BadSignature, Closings, Cut
from services.registry.domain.credentials import Credentials


class ClosePeriod(Command):
    """Record that a district closed a month: its manifest, as it signed it."""

    organization: Code
    source: Source
    period: Month
    closed_at: WrittenInstant
    streams: Annotated[tuple[StreamClosed, ...], Field(min_length=1, max_length=10)]
    key: KeyNumber
    signature: Sha256


def signing_key(master_key: bytes, district: str, number: int) -> str:
    """Return a district's signing key of that number, in hex: the master key tells it again."""
    return hmac.new(master_key, f"district {district} {number}".encode(), sha256).hexdigest()


class SigningKeys:
    """The keys districts sign with: told again from the master key, and kept nowhere."""

    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key

    def of(self, district: str, number: int) -> str:
        """Return a district's key of that number, in hex."""
        return signing_key(self._master_key, district, number)


class ClosedPeriods:
    """The use case of closed months."""

    def __init__(self, store: Store, organizations: Organizations, keys: SigningKeys) -> None:
        self.store = store
        self.organizations = organizations
        self.keys = keys

    @retried
    async def close(self, command: ClosePeriod, origin: Origin) -> Receipt:
        """Record that a month is closed.

        Raises UnknownOrganization, BadSignature, PeriodNotOver, DateInFuture, CountDiffers,
        PeriodClosedAlready, EarlierStillOpen, ClosedBefore.
        """
        district, source, at = command.organization, command.source, self.store.clock()
        await self.organizations.known(district, UnknownOrganization)
        signature = signature_of(command.model_dump(mode="json"), self.keys.of(district, command.key))
        if not hmac.compare_digest(signature, command.signature):
            raise BadSignature(f"key {command.key} of {district} signs this otherwise")
        credentials = await self.store.look_up(Credentials, Credentials.id_for(district))
        if credentials and not credentials.signs(command.key):
            raise BadSignature(f"key {command.key} of {district} is not in use")
        closings = await self.store.look_up(Closings, Closings.id_for(district, source))
        closings = closings or Closings.begin(district, source, at=at)
        closings.close(
            command.period,
            tuple(Cut(**stream.model_dump()) for stream in command.streams),
            closed_at=instant_in(command.closed_at),
            written=command.closed_at,
            key=command.key,
            signature=signature,
            at=at,
        )
        resting_on = [credentials] if credentials else []
        return await self.store.record(closings, origin=origin, resting_on=resting_on)

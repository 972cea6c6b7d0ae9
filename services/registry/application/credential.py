"""Credentials of districts: issued, rotated, revoked; and what they are made of."""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import Field, Strict

from contracts.days import PROVINCE_TIME
from contracts.message import Code, DayOn
from contracts.subjects import inbox_prefix
from services.chassis.eventlog.store import Origin, Store, retried
from services.chassis.eventlog.writer import Pool
from services.chassis.stated import Command
from services.registry.application.closing import SigningKeys
from services.registry.domain.credentials import Credential, Credentials, NoCredentials

OVERLAP_H_MAX = 24 * 90
TABLE = """
CREATE INDEX IF NOT EXISTS registry_credentials_begun ON registry_events (originator_id)
    WHERE topic = 'registry.Credentials.Begun';
"""

Expiry = Annotated[
    DayOn | None, Field(default=None, description="the first day, in the province, on which it opens nothing")
]


class IssueCredential(Command):
    """Let a district's system in."""

    expires_on: Expiry


class RotateCredential(Command):
    """Give a district one more credential; those before it open for `overlap_h` hours still."""

    expires_on: Expiry
    overlap_h: Annotated[int, Strict(), Field(ge=0, le=OVERLAP_H_MAX)] = 24


class RevokeCredential(Command):
    """End a credential at once, or all of a district's where none is named."""

    number: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] | None = None


@dataclass(frozen=True)
class Handed:
    """What a district is handed, but for the addresses of NATS: see contracts/credentials.py."""

    subject: str
    position: int
    district: str
    user: str
    password: str = field(repr=False)
    inbox_prefix: str
    signing_key: str = field(repr=False)
    key: int
    expires: date | None


class Secrets(SigningKeys):
    """What is secret about a credential: told again from the master key, and kept nowhere."""

    def password(self, district: str, number: int) -> str:
        """Return the password of a district's credential. It begins with a letter, as NATS wants."""
        said = f"password {district} {number}".encode()
        return "p" + hmac.new(self._master_key, said, sha256).hexdigest()


def user_of(district: str, number: int) -> str:
    """Return the name under which a credential signs in: `THAN-UYEN_2`. No code holds a `_`."""
    return f"{district}_{number}"


class DistrictCredentials:
    """The use cases of credentials, on the registry's own log."""

    def __init__(self, store: Store, secrets: Secrets) -> None:
        self.store = store
        self.secrets = secrets

    async def prepare(self) -> None:
        """Create the index by which districts are found."""
        async with self.store.pool.connection() as connection:
            await connection.execute(TABLE)

    async def of(self, district: str) -> Credentials | None:
        """Return a district's credentials, None if it never had any."""
        return await self.store.look_up(Credentials, Credentials.id_for(district))

    async def all(self) -> list[Credentials]:
        """Return those of every district, by its code."""
        found = [await self.of(district) for district in await _districts(self.store.pool)]
        return [one for one in found if one]

    @retried
    async def issue(self, district: str, command: IssueCredential, origin: Origin) -> Handed:
        """Issue a district's first credential, or one after the others ended.

        Raises HasCredentials, AlreadyOver.
        """
        at = self.store.clock()
        credentials = await self.of(district) or Credentials.begin(district, at=at)
        new = credentials.issue(ends_at=_beginning(command.expires_on), at=at)
        return await self._handed(credentials, new, command.expires_on, origin)

    @retried
    async def rotate(self, district: str, command: RotateCredential, origin: Origin) -> Handed:
        """Issue one more, and end those before it after the overlap. Raises NoCredentials, AlreadyOver."""
        at, ends_at = self.store.clock(), _beginning(command.expires_on)
        credentials = await self._known(district)
        new = credentials.rotate(overlap=timedelta(hours=command.overlap_h), ends_at=ends_at, at=at)
        return await self._handed(credentials, new, command.expires_on, origin)

    @retried
    async def revoke(self, district: str, command: RevokeCredential, origin: Origin) -> None:
        """End one or all at once. Raises NoCredentials."""
        credentials = await self._known(district)
        credentials.revoke(command.number, at=self.store.clock())
        await self.store.record(credentials, origin=origin)

    async def _known(self, district: str) -> Credentials:
        credentials = await self.of(district)
        if credentials is None:
            raise NoCredentials(f"{district} never had any")
        return credentials

    async def _handed(
        self, credentials: Credentials, new: Credential, expires_on: date | None, origin: Origin
    ) -> Handed:
        receipt = await self.store.record(credentials, origin=origin)
        district, number = credentials.district, new.number
        return Handed(
            subject=receipt.subject,
            position=receipt.position,
            district=district,
            user=user_of(district, number),
            password=self.secrets.password(district, number),
            inbox_prefix=inbox_prefix(district),
            signing_key=self.secrets.of(district, number),
            key=number,
            expires=expires_on,
        )


def _beginning(day: date | None) -> datetime | None:
    """Return when a day begins in the province."""
    return datetime.combine(day, time(), PROVINCE_TIME) if day else None


async def _districts(pool: Pool) -> list[Code]:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT originator_id FROM registry_events WHERE topic = 'registry.Credentials.Begun'"
            " ORDER BY originator_id"
        )
        return [row["originator_id"].removeprefix("credentials-") for row in await cursor.fetchall()]

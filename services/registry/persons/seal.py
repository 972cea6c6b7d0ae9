"""Persons sealed under a key of their own each, so that losing the key erases the person.

The log keeps the sealed text for ever; the key lies beside it in `person_key`, itself wrapped by the
service's master key. Log, events and backups of the log therefore name nobody, and `forget` reaches
every copy at once. Both layers are AES-256-GCM (NIST SP 800-38D) bound to the member's code, so a text
or a key moved to another member does not open.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from os import urandom
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.errors import ChangedSince, Conflict, Refused
from services.chassis.eventlog.writer import Pool
from services.registry.persons import access, named, requests
from services.registry.persons.access import Accesses
from services.registry.persons.named import Named
from services.registry.persons.person import Person
from services.registry.persons.requests import OpenRequests

FORMAT = b"\x01"
"""The first byte of everything sealed: it says how to open the rest."""

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 16

TABLE = """
CREATE TABLE IF NOT EXISTS person_key (
    id      uuid PRIMARY KEY,
    member  text NOT NULL,
    wrapped bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS person_key_member ON person_key (member);
"""


class SealBroken(Exception):
    """A sealed person or key was altered, moved to another member, or sealed under another MASTER_KEY."""


@dataclass(frozen=True)
class Sealed:
    """A sealed person, and the wrapped key without which `text` says nothing."""

    text: str
    key_id: UUID
    member: str
    wrapped: bytes = field(repr=False)


class Persons:
    """Seals, opens and forgets. `pool` is the registry's database, `master_key` 32 secret bytes."""

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY_BYTES}")
        self._pool = pool
        self._master = AESGCM(master_key)
        self.accesses = Accesses(pool)
        self.open_requests = OpenRequests(pool)
        self.named = Named(pool)

    async def prepare(self) -> None:
        """Create what is missing of the tables."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('person_key'))")
            for table in (TABLE, access.TABLE, requests.TABLE, named.TABLE):
                await connection.execute(table)

    def seal(self, member: str, person: Person) -> Sealed:
        """Return `person` sealed under a key of its own. Nothing is stored: `keep` does that."""
        return self._sealed("person", member, person.written())

    def seal_ground(self, member: str, ground: str) -> Sealed:
        """Return why `member` need not take part, sealed like the person: it may say something of health."""
        return self._sealed("ground", member, ground.encode())

    def _sealed(self, what: str, member: str, words: bytes) -> Sealed:
        key, key_id = AESGCM.generate_key(KEY_BYTES * 8), uuid4()
        locked = _lock(AESGCM(key), words, f"{what} {key_id} {member}")
        return Sealed(
            text=b64encode(FORMAT + key_id.bytes + locked).decode(),
            key_id=key_id,
            member=member,
            wrapped=FORMAT + _lock(self._master, key, f"key {key_id} {member}"),
        )

    async def keep(self, sealed: Sealed) -> None:
        """Store the key, before the fact that needs it.

        If the process dies between the two, a key without a text is left behind, which harms nobody;
        the other way round a person would be lost. A key never replaces another.
        """
        await self.keep_all([sealed])

    async def keep_all(self, sealed: Sequence[Sealed]) -> None:
        """Store many keys, as `keep` does one."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO person_key (id, member, wrapped)"
                " SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[])",
                ([s.key_id for s in sealed], [s.member for s in sealed], [s.wrapped for s in sealed]),
            )

    @asynccontextmanager
    async def kept(self, sealed: Sealed | None) -> AsyncIterator[None]:
        """Keep the key while the fact that needs it is stored; what is refused leaves none behind."""
        if sealed:
            await self.keep(sealed)
        try:
            yield
        except (Refused, Conflict, ChangedSince):
            await self.discard(sealed)
            raise

    async def discard(self, sealed: Sealed | None) -> None:
        """Let go of the key of a text that was not stored."""
        if sealed:
            async with self._pool.connection() as connection:
                await connection.execute("DELETE FROM person_key WHERE id = %s", (sealed.key_id,))

    async def open(self, member: str, text: str) -> Person | None:
        """Return who `member` is, or None if the person was forgotten. Raises SealBroken."""
        return (await self.open_all([(member, text)])).get(member)

    async def open_all(self, sealed: Sequence[tuple[str, str]]) -> dict[str, Person]:
        """Return who each of `sealed` is, members and texts, unless forgotten. Raises SealBroken."""
        parts = {member: _parts(text) for member, text in sealed}
        keys = await self._keys([key_id for key_id, _ in parts.values()])
        return {
            member: Person.read(self._opened("person", member, key_id, locked, keys[key_id]))
            for member, (key_id, locked) in parts.items()
            if key_id in keys
        }

    async def open_ground(self, member: str, text: str) -> str | None:
        """Return why `member` need not take part, or None if the person was forgotten. Raises SealBroken."""
        key_id, locked = _parts(text)
        wrapped = (await self._keys([key_id])).get(key_id)
        return self._opened("ground", member, key_id, locked, wrapped).decode() if wrapped else None

    def _opened(self, what: str, member: str, key_id: UUID, locked: bytes, wrapped: bytes) -> bytes:
        key = _unlock(self._master, _unframed(wrapped), f"key {key_id} {member}")
        return _unlock(AESGCM(key), locked, f"{what} {key_id} {member}")

    async def forget(self, member: str) -> bool:
        """Erase who `member` is, for good. Return whether there was anything to forget.

        The member stays in the log as a code with dates: what was decided remains, about whom does not.
        What a district sent about the member and was rejected goes too: nobody knows what stands in it. So
        do the digests of commands that were named with Idempotency-Key: who guesses a telephone number could
        prove it by them. Such a command, asked again, is then refused as another one (KeyReused).
        """
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute("DELETE FROM person_key WHERE member = %s", (member,))
            await connection.execute(
                "DELETE FROM parked WHERE position(convert_to(%s, 'UTF8') IN message) > 0", (f'"{member}"',)
            )
            await connection.execute(
                "UPDATE inbox SET digest = '' WHERE district = '' AND subject = %s", (f"member-{member}",)
            )
            return cursor.rowcount > 0

    async def _keys(self, ids: list[UUID]) -> dict[UUID, bytes]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id, wrapped FROM person_key WHERE id = ANY(%s)", (ids,), binary=True
            )
            return {row["id"]: bytes(row["wrapped"]) for row in await cursor.fetchall()}


def _lock(cipher: AESGCM, words: bytes, bound_to: str) -> bytes:
    nonce = urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, words, bound_to.encode())


def _unlock(cipher: AESGCM, locked: bytes, bound_to: str) -> bytes:
    try:
        return cipher.decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as broken:
        raise SealBroken(f"{bound_to} does not open") from broken


def _parts(text: str) -> tuple[UUID, bytes]:
    """Return the id of the key that opens `text`, and what it opens."""
    try:
        body = _unframed(b64decode(text, validate=True))
        return UUID(bytes=body[:ID_BYTES]), body[ID_BYTES:]
    except ValueError as broken:
        raise SealBroken("not a sealed text") from broken


def _unframed(framed: bytes) -> bytes:
    if framed[:1] != FORMAT:
        raise SealBroken("sealed in a format not known here")
    return framed[1:]

"""What is known of a person beside the code: name, birth date, contact, external id. Only stored sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Self

ERASED = "[erased]"
"""What stands where a name would stand, once the person was forgotten; one never given is empty."""


RESTRICTED = "[restricted]"
"""What stands where a name would stand, while a person has the use of their data restricted."""


@dataclass(frozen=True)
class Person:
    """What identifies a human being. It has no words of its own in a log line or a traceback."""

    name: str | None = field(default=None, repr=False)
    born_on: date | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False, kw_only=True)
    mail: str | None = field(default=None, repr=False, kw_only=True)
    address: str | None = field(default=None, repr=False, kw_only=True)
    external_id: str | None = field(default=None, repr=False, kw_only=True)
    """What another system calls this person: an import keeps it."""

    @property
    def is_known(self) -> bool:
        """Return whether anything identifying was given."""
        return any(value is not None for value in self.values().values())

    def values(self) -> dict[str, str | None]:
        """Return every field as a text."""
        return asdict(self) | {"born_on": self.born_on.isoformat() if self.born_on else None}

    def differs_in(self, other: Person) -> list[str]:
        """Return the names of the fields, never their values, in which `other` is not this."""
        mine, theirs = self.values(), other.values()
        return [name for name in mine if mine[name] != theirs[name]]

    def written(self) -> bytes:
        """Return the person as what is sealed."""
        return json.dumps(self.values(), ensure_ascii=False).encode()

    @classmethod
    def read(cls, written: bytes) -> Self:
        """Return who was sealed. What was sealed before there were contacts has a name and a birth date."""
        words = json.loads(written)
        born_on = date.fromisoformat(words["born_on"]) if words.get("born_on") else None
        known = {name: words.get(name) for name in (each.name for each in fields(cls)) if name != "born_on"}
        return cls(born_on=born_on, **known)

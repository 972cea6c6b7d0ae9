"""One member's life as the roster tells it: where they were, when exempted or released, how it ended."""

from dataclasses import dataclass
from datetime import date

from services.reporting.views.roster import Roster


@dataclass(frozen=True)
class Stay:
    """Where a member was, from a day until before another; `home` lists them who are there for a while."""

    from_on: date
    until_on: date | None
    code: str
    home: str | None


@dataclass(frozen=True)
class Exemption:
    """From a day until before another, a member need not take part."""

    from_on: date
    until_on: date | None


@dataclass(frozen=True)
class Release:
    """A cell let a member go to another, which may accept until the end of `accept_by`."""

    from_on: date
    until_on: date | None
    code: str
    destination: str
    kind: str
    accept_by: date


@dataclass(frozen=True)
class Life:
    """A member from admission on, the latest first. Party age counts from `decided_on` (domain.md 7.2)."""

    member: str
    decided_on: date
    admitted_on: date
    full_from: date | None
    ended_on: date | None
    reason: str | None
    stays: tuple[Stay, ...]
    exemptions: tuple[Exemption, ...]
    releases: tuple[Release, ...]

    @property
    def organization(self) -> str:
        """Return where the member is, or last was."""
        return self.stays[0].code


async def life_of(roster: Roster, member: str) -> Life | None:
    """Return the life of a member; None of one nobody admitted, or who restricted the use of their data."""
    found = await roster.rows(
        """
        SELECT member, decided_on, admitted_on, full_from, ended_on, reason FROM roster.member
        WHERE member = %(member)s AND restricted_on IS NULL
        """,
        member=member,
    )
    if not found:
        return None

    async def spans(table: str, columns: str) -> list[dict[str, object]]:
        query = f"SELECT {columns} FROM roster.{table} WHERE member = %(member)s ORDER BY from_on DESC"
        return await roster.rows(query, member=member)

    stays = await spans("stay", "from_on, until_on, code, home")
    exemptions = await spans("exemption", "from_on, until_on")
    releases = await spans("release", "from_on, until_on, code, destination, kind, accept_by")
    return Life(
        **found[0],
        stays=tuple(Stay(**row) for row in stays),  # type: ignore[arg-type]
        exemptions=tuple(Exemption(**row) for row in exemptions),  # type: ignore[arg-type]
        releases=tuple(Release(**row) for row in releases),  # type: ignore[arg-type]
    )

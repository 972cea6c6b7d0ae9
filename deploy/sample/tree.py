"""Who exists in the sample: the organizations of a seed and the members of its cells."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import cycle

from contracts.registry import MemberAdmitted, OrganizationFounded
from contracts.vocabulary import Document
from deploy.sample.seeds import Members, Numbered, Seed

WEIGHTS = (8, 13, 18, 11, 15)
"""How unlike each other cells are in size, so that a chart of them is worth drawing."""


def organizations(seed: Seed) -> list[OrganizationFounded]:
    """Return the organizations of `seed`, parents before children."""
    rows = [row.model_dump(exclude={"illustrative"}) for row in seed.organization]
    rows += [
        {"kind": group.kind, "parent": group.parent, "code": row.code, "name": row.name}
        | {"sector": row.sector or group.sector}
        for group in seed.named
        for row in group.rows
    ]
    founded = [
        OrganizationFounded.model_validate(
            {"organization": row["code"], "founded_on": seed.founded_on, **row}
        )
        for row in rows
    ]
    for numbered in seed.numbered:
        founded = [*founded, *_numbered(seed, numbered, founded)]
    return founded


def _numbered(
    seed: Seed, numbered: Numbered, founded: list[OrganizationFounded]
) -> Iterator[OrganizationFounded]:
    first = sum(organization.kind == numbered.kind for organization in founded) + 1
    parents = cycle(among(founded, numbered.parents, numbered.excluded))
    for n in range(first, numbered.total + 1):
        yield OrganizationFounded.model_validate(
            {
                "organization": numbered.code.format(n=n),
                "name": numbered.name.format(n=n),
                "kind": numbered.kind,
                "parent": next(parents).organization,
                "sector": numbered.sector,
                "founded_on": seed.founded_on,
            }
        )


def among(
    founded: list[OrganizationFounded], wanted: Collection[str], excluded: Collection[str] = ()
) -> list[OrganizationFounded]:
    """Return the organizations whose code or kind is in `wanted`, but not in `excluded`."""
    return [
        it
        for it in founded
        if (it.organization in wanted or it.kind in wanted) and it.organization not in excluded
    ]


def admissions(seed: Seed, founded: list[OrganizationFounded]) -> list[MemberAdmitted]:
    """Return the members of `seed`, each admitted where and when its file says, or spread evenly."""
    admitted: list[MemberAdmitted] = []
    for block in seed.members:
        admitted = [*admitted, *_admitted(seed, block, founded, admitted)]
    return admitted


def _admitted(
    seed: Seed, block: Members, founded: list[OrganizationFounded], before: list[MemberAdmitted]
) -> Iterator[MemberAdmitted]:
    given = {it.organization for it in before} - set(block.at)
    cells = [it.organization for it in among(founded, block.at, given | set(block.excluded))]
    total = block.count if block.count is not None else (block.fill_to or 0) - len(before)
    days = (block.last_on - block.first_on).days
    first = len(before) + 1
    for place, cell in enumerate(_spread(cells, total)):
        n = first + place
        ceremony_on = block.first_on + timedelta(days=place * days // max(total - 1, 1))
        yield MemberAdmitted(
            organization=cell,
            member=f"{block.prefix}-{n:05}",
            decision=Document(
                number=seed.admission_decision.format(n=n), date=ceremony_on - timedelta(days=7 + place % 14)
            ),
            ceremony_on=ceremony_on,
            standing="PROBATIONARY" if ceremony_on >= block.probationary_from else "FULL",
        )


def _spread(cells: list[str], total: int) -> list[str]:
    """Return `total` cells' codes, each cell as often as its weight asks, its turns spread over the whole."""
    weights = [WEIGHTS[place % len(WEIGHTS)] for place in range(len(cells))]
    turns: list[tuple[float, str]] = []
    passed = 0
    for place, (cell, weight) in enumerate(zip(cells, weights, strict=True)):
        share = total * (passed + weight) // sum(weights) - total * passed // sum(weights)
        phase = place * 61 % 100 / 100
        turns += [((turn + phase) / share, cell) for turn in range(share)]
        passed += weight
    return [cell for _, cell in sorted(turns)]

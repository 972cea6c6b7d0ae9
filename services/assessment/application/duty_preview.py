"""What a year would be by other rules, beside what it is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.assessment.domain.obligation import Duty, DutyRules, Obligation

Judged = tuple[str, str, DutyRules, Sequence[Obligation]]
"""Month, cell, the rules it was judged by, and what it owes."""


@dataclass(frozen=True)
class DutyCompared:
    """How many of a duty end how: by the rules in force, and by those previewed. Open ones are OPEN."""

    duty: str
    now: Mapping[str, int]
    then: Mapping[str, int]


@dataclass(frozen=True)
class ObligationChanged:
    """What becomes of an obligation now, and what would; null where it is not owed."""

    organization: str
    period: str
    duty: str
    subject: str
    now: str | None
    then: str | None


@dataclass(frozen=True)
class Preview:
    """A year by other rules: how many cells and obligations would change, and the first of those."""

    organization: str
    year: str
    duties: list[DutyCompared]
    cells: int
    obligations: int
    changed: list[ObligationChanged]


class Tally:
    """What a year amounts to both ways, month after month."""

    def __init__(self) -> None:
        self.changed: list[ObligationChanged] = []
        self._sides: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = Counter(), Counter()

    def add(self, now: Sequence[Judged], then: Sequence[Judged]) -> None:
        """Add what the same cells owe in the same month, by the rules in force and by others."""
        for counter, judged in zip(self._sides, (now, then), strict=True):
            counter.update((one.duty.value, _ended(one)) for *_, owed in judged for one in owed)
        for (month, cell, _, owed), (*_, other) in zip(now, then, strict=True):
            if owed != other:
                self.changed += _changes(month, cell, owed, other)

    def duties(self) -> list[DutyCompared]:
        """Return by duty how many end how, both ways."""
        return [
            DutyCompared(
                duty.value,
                *(
                    {ended: n for (of, ended), n in sorted(side.items()) if of == duty}
                    for side in self._sides
                ),
            )
            for duty in Duty
            if any(of == duty for side in self._sides for of, _ in side)
        ]


def _ended(one: Obligation) -> str:
    return one.outcome.value if one.outcome else "OPEN"


def _changes(
    month: str, cell: str, owed: Sequence[Obligation], other: Sequence[Obligation]
) -> list[ObligationChanged]:
    before, after = ({one.key: _ended(one) for one in some} for some in (owed, other))
    return [
        ObligationChanged(cell, month, *key, before.get(key), after.get(key))
        for key in sorted({**before, **after})
        if before.get(key) != after.get(key)
    ]

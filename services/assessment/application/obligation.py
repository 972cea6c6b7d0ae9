"""Obligations: what cells owe month by month, opened and ended by rules and the calendar, or excused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Protocol

import structlog

from contracts.days import months_after
from services.assessment.application.cells import Cells
from services.assessment.application.duty_packs import (
    DutyPacks,
    ExcuseObligation,
    PreviewObligations,
    RecomputeObligations,
)
from services.assessment.application.duty_preview import Judged, Preview, Tally
from services.assessment.domain import Obligations, Period
from services.assessment.domain.obligation import DutyRules, Obligation, Owing, Recorded, judge
from services.assessment.domain.obligations import Changes, Excuse
from services.assessment.domain.watch import Watch
from services.chassis.errors import Refused
from services.chassis.eventlog.store import Origin, Receipt, retried

log = structlog.get_logger()

MONTHS_LOOKED_AT = 13
"""Months judged anew on a new day: late news of a year. What is older is recomputed on request."""

ABREAST_MAX = 64
"""Cells recorded side by side: their facts are committed together, and there is room for commands."""

AT_ONCE = 200
"""Cells judged before others in the process have their turn."""

CHANGED_MAX = 500
"""Obligations that a preview lists one by one; how many there are it says in any case."""


class StillReading(Refused):
    """What was done can be judged only when all that was told is read (house rule): ask again in a moment."""


class Recordings(Protocol):
    """What is read of this service's views, of many cells at once."""

    async def cells(
        self, root: str | None, months: Sequence[Period], today: date
    ) -> Mapping[str, Sequence[tuple[Owing, Recorded]]]:
        """Return by month the cells beneath `root` (None: all), each with what was recorded of it."""
        ...

    async def standing(
        self, months: Collection[str], cells: Collection[str] | None
    ) -> Mapping[tuple[str, str], Sequence[Obligation]]:
        """Return what was said of what is owed, by month and cell: of `cells`, or (None) of all."""
        ...

    async def hidden(self, subjects: Collection[str]) -> set[str]:
        """Return those of `subjects` that are members who are not written about now."""
        ...

    async def read(self) -> Mapping[str, int]:
        """Return how far it has read what it rests on, by source."""
        ...

    async def caught_up(self) -> bool:
        """Return whether all that had been said when it was asked is answered and read; it waits a moment."""
        ...


@dataclass(frozen=True)
class Settled:
    """Cells of the months looked at, and in how many of those anything was recorded, up to `position`."""

    cells: int
    changed: int
    position: int | None = None


class Duties:
    """The use cases of obligations, by the rules of `packs`, from what `owing` reads."""

    def __init__(self, cells: Cells, packs: DutyPacks, owing: Recordings) -> None:
        self.cells = cells
        self.store = cells.store
        self.packs = packs
        self.owing = owing
        self._looked: tuple[date, Mapping[str, int]] | None = None

    @retried
    async def excuse(self, command: ExcuseObligation, origin: Origin) -> Receipt:
        """Record that a cell is excused. Raises UnknownOrganization and what `Obligations.excuse` raises."""
        decision = command.decision
        cell = await self.cells.find_on(command.organization, decision.date)
        superior = await self.cells.find(command.excused_by)
        obligations = await self._of(command.organization, command.period)
        excuse = Excuse(command.duty, command.subject, decision.number, decision.date, command.reason)
        obligations.excuse(excuse, cell, superior, at=self.store.clock())
        return await self.store.record(obligations, origin=origin)

    # -- Opening and ending

    async def sweep(self, *, first: str | None = None) -> None:
        """Open and end what is due: on a new day in all months of a year; where news came, in the last two.

        The first ever begins with the month `first`, by default the present one: a province that starts today
        does not hear of the years before. Where not everything is read nothing is judged: it waits.
        """
        today, read = self.cells.today(), await self.owing.read()
        if self._looked == (today, read):
            return
        if not await self.owing.caught_up():
            log.info("obligations wait for the views")
            return
        fresh = self._looked is None or self._looked[0] != today
        since = await self._since(first)
        back = MONTHS_LOOKED_AT if fresh else 2
        months = [month for month in _months(today, back) if month.text >= since]
        if months:
            settled = await self.settle(None, months, _by_clock(f"obligations:{today}"))
            if settled.changed:
                log.info("obligations settled", months=len(months), changed=settled.changed)
        self._looked = today, read

    async def recompute(self, command: RecomputeObligations, origin: Origin) -> Settled:
        """Judge a month of a subtree anew, by what is recorded and today's rules. Raises StillReading."""
        if not await self.owing.caught_up():
            raise StillReading("not everything that was told is read yet")
        return await self.settle(command.organization, [Period(command.period)], origin)

    async def settle(self, root: str | None, months: Sequence[Period], origin: Origin) -> Settled:
        """Judge `months` of the cells beneath `root` (None: of all), and record what differs."""
        today = self.cells.today()
        recorded = await self.owing.cells(root, months, today)
        judged = [one async for one in self._judged(recorded, today, self.packs.of)]
        texts = [month.text for month in months]
        cells = None if root is None else {cell for _, cell, _, _ in judged}
        stands = dict(await self.owing.standing(texts, cells))
        every = chain((owed for *_, owed in judged), stands.values())
        hidden = await self.owing.hidden({one.subject for one in chain.from_iterable(every)})
        differing: list[Judged] = []
        for number, (month, cell, rules, owed) in enumerate(judged):
            before = {one.key: one for one in stands.pop((month, cell), ())}
            if Changes.between(before, owed, hidden):
                differing.append((month, cell, rules, owed))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        # what was opened of cells that, as is known by now, had ended before the month
        for (month, cell), before_it_ended in stands.items():
            gone = {one.key: one for one in before_it_ended}
            if (known := self.packs.of(month)) and Changes.between(gone, (), hidden):
                differing.append((month, cell, known, ()))
        recorded_at: list[int] = []
        for start in range(0, len(differing), ABREAST_MAX):
            some = differing[start : start + ABREAST_MAX]
            receipts = await asyncio.gather(*(self._settle(*one, hidden, origin) for one in some))
            recorded_at += (one.position for one in receipts)
        return Settled(len(judged), len(differing), max(recorded_at, default=None))

    @retried
    async def _settle(
        self,
        month: str,
        cell: str,
        rules: DutyRules,
        owed: Sequence[Obligation],
        hidden: Collection[str],
        origin: Origin,
    ) -> Receipt:
        obligations = await self._of(cell, month)
        obligations.settle(owed, rules, hidden=hidden, at=self.store.clock())
        return await self.store.record(obligations, origin=origin)

    # -- By other rules

    async def preview(self, command: PreviewObligations) -> Preview:
        """Return what a year of a subtree would be by other rules, beside what it is. Nothing is recorded."""

        def changed_rules(month: str) -> DutyRules | None:
            rules = self.packs.of(month)
            return rules and command.rules.instead_of(rules)

        today = self.cells.today()
        months = [Period(f"{command.year}-{month:02}") for month in range(1, 13)]
        months = [month for month in months if month.first_day <= today]
        recorded = await self.owing.cells(command.organization, months, today) if months else {}
        tally = Tally()
        for month, cells in recorded.items():
            here = {month: cells}
            now = [one async for one in self._judged(here, today, self.packs.of)]
            tally.add(now, [one async for one in self._judged(here, today, changed_rules)])
        # members who are not written about are left out, so a few more are looked at than are listed
        listed = tally.changed[: 2 * CHANGED_MAX]
        hidden = await self.owing.hidden({one.subject for one in listed})
        return Preview(
            command.organization,
            command.year,
            tally.duties(),
            len({one.organization for one in tally.changed}),
            len(tally.changed),
            [one for one in listed if one.subject not in hidden][:CHANGED_MAX],
        )

    # -- What both stand on

    async def _judged(
        self,
        recorded: Mapping[str, Sequence[tuple[Owing, Recorded]]],
        today: date,
        rules_of: Callable[[str], DutyRules | None],
    ) -> AsyncIterator[Judged]:
        """Yield what each cell owes in each month, by its rules; nothing before there were any."""
        for month, cells in recorded.items():
            if rules := rules_of(month):
                period = Period(month)
                for number, (cell, known) in enumerate(cells):
                    yield month, cell.code, rules, judge(rules, cell, period, known, today)
                    if number % AT_ONCE == 0:
                        await asyncio.sleep(0)

    async def _of(self, organization: str, period: str) -> Obligations:
        id = Obligations.id_for(organization, period)
        begun = await self.store.look_up(Obligations, id)
        return begun or Obligations.begin(organization, period, at=self.store.clock())

    async def _since(self, first: str | None) -> str:
        """Return the month it began with, the present one if it begins now."""
        if begun := await self.store.look_up(Watch, Watch.ID):
            return begun.first
        watch = Watch.begin(first or f"{self.cells.today():%Y-%m}", at=self.store.clock())
        await self.store.record(watch, origin=_by_clock("obligations:begin"))
        return watch.first


def _months(today: date, number: int) -> list[Period]:
    """Return the month of `today` and those before it, the earliest first."""
    first = today.replace(day=1)
    return [Period(f"{months_after(first, -back):%Y-%m}") for back in reversed(range(number))]


def _by_clock(what: str) -> Origin:
    """Return the origin of what nobody asked for but the time."""
    return Origin(actor="assessment", correlation=what, causation="clock")

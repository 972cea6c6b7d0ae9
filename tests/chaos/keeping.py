"""What a clerk keeps, and what becomes of it: members live on, cells are renamed, moved and merged.

Each change has a day of its own, later than the one before, and is asked for once.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from random import Random
from typing import Any

from tests.chaos import words

Ask = Callable[[str, dict[str, Any]], Awaitable[int | str]]
"""Commands the registry. Returns a position, a refusal or `unknown`."""

BY_ONE_CELL: dict[str, Callable[[str, date], dict[str, Any]]] = {
    "exemption": words.exempted,
    "reinstatement": words.reinstated,
    "end": words.ended,
}
"""What a cell says of a member by itself."""

LIVING_AT_ONCE = 4
"""Members of whom things become at the same time: of few, so that lives end within a short load."""


@dataclass
class Kept:
    """A member, the cell where they were last told to be, and what still becomes of them."""

    member: str
    cell: str
    ahead: list[str]


@dataclass
class Keeping:
    """The cells and members of one clerk."""

    dice: Random
    ask: Ask
    cells: list[str] = field(default_factory=list)
    """Cells that stand: what another member or cell may go to."""

    members: list[Kept] = field(default_factory=list)
    _days: Iterator[date] = field(default_factory=lambda: iter(words.DAYS))

    def begin(self, member: str, cell: str, standing: str) -> None:
        """Keep a member who was admitted."""
        first = ["recognition"] if standing == "PROBATIONARY" else []
        then = [["appointment"], ["exemption", "reinstatement"], ["release", "transfer"]]
        self.dice.shuffle(then)
        self.members.append(Kept(member, cell, [*first, *chain(*then), "end"]))

    async def live(self) -> None:
        """Let the next thing become of somebody."""
        alive = [one for one in self.members if one.ahead]
        day = next(self._days, None)
        if not alive or day is None:
            return
        one = self.dice.choice(alive[:LIVING_AT_ONCE])
        step = one.ahead.pop(0)
        if step == "release":
            there = [cell for cell in self.cells if cell != one.cell]
            if not there:
                return
            to = self.dice.choice(there)
            said = await self._of(one, step, words.released(one.cell, to, day))
            if isinstance(said, int) and (on := next(self._days, None)):
                await self._of(one, "transfer", words.transferred(to, on))
                one.cell = to
        elif step == "recognition":
            await self._of(one, "votes", words.voted(one.cell, day))
            if on := next(self._days, None):
                await self._of(one, step, words.recognized(one.cell, on))
        elif step == "appointment":
            await self.ask(f"organizations/{one.cell}/officials", words.appointed(one.member, day))
        elif step != "transfer":  # told with the release
            await self._of(one, step, BY_ONE_CELL[step](one.cell, day))

    async def reorganize(self, cell: str, district: str) -> None:
        """Rename a cell, move it to `district`, and let it end in another."""
        others = [one for one in self.cells if one != cell]
        for step in ("renaming", "move", "merger"):
            day = next(self._days, None)
            if day is None or (step == "merger" and not others):
                return
            if step == "renaming":
                said = words.renamed(f"{cell} anew", day)
            elif step == "move":
                said = words.moved(district, day)
            else:
                said = words.merged(into := self.dice.choice(others), day)
                self.cells = others
                for one in self.members:
                    one.cell = into if one.cell == cell else one.cell
            await self.ask(f"organizations/{cell}/{step}", said)

    async def _of(self, one: Kept, step: str, said: dict[str, Any]) -> int | str:
        return await self.ask(f"members/{one.member}/{step}", said)

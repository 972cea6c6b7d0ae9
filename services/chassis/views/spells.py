"""What the reorganizations of a tree add up to: where each organization stood on which days. Pure.

Every change has a day of its own, and is told when it is told: a move of last month may be told after one
of this week. So a spell follows from the changes of the organization and of all above it, whenever told.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

What = Literal["FOUNDED", "RENAMED", "MOVED", "MERGED", "DISSOLVED", "SPLIT"]


@dataclass(frozen=True)
class Change:
    """What was told of one organization. `parent` is what it lies beneath, or was merged into, from `day`."""

    code: str
    what: What
    day: date
    name: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Spell:
    """Where an organization stood from a day until before another, and by which name.

    `path` leads from the root to itself. Once it no longer `stands`, it lies in what it was merged into,
    or where it was dissolved: so what is recorded of it still counts there.
    """

    code: str
    from_on: date
    until_on: date | None
    name: str
    parent: str | None
    path: list[str]
    stands: bool

    def covers(self, day: date) -> bool:
        """Return whether `day` lies in it."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True)
class _State:
    """What an organization's own changes say from a day on."""

    from_on: date
    name: str
    parent: str | None
    ended: What | None = None


class Past:
    """The changes of some organizations, and of all above them, in the order they were told."""

    def __init__(self, changes: Iterable[Change]) -> None:
        told: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            told[change.code].append(change)
        self._states = {code: states for code, of in told.items() if (states := _states(of))}
        self._moves = {code: _moves(states) for code, states in self._states.items()}

    def spells(self, code: str) -> list[Spell]:
        """Return where the organization stood, by day; nothing if no founding was told."""
        if code not in self._states:
            return []
        cut = self._cut(code)
        spells: list[Spell] = []
        for day, until in zip(cut, [*cut[1:], None], strict=True):
            state, path = self._at(code, day), self._way(code, day)[0]
            parent = path[-2] if len(path) > 1 else state.parent
            spell = Spell(code, day, until, state.name, parent, path, state.ended is None)
            if spells and replace(spells[-1], from_on=day, until_on=until) == spell:
                spell = replace(spells.pop(), until_on=until)
            spells.append(spell)
        return spells

    def on(self, code: str, day: date) -> Spell | None:
        """Return where the organization stood on `day`; None before it was founded."""
        return next((spell for spell in self.spells(code) if spell.covers(day)), None)

    @property
    def codes(self) -> Iterable[str]:
        """Return every organization whose founding was told."""
        return self._states.keys()

    def _cut(self, code: str) -> list[date]:
        """Return the days on which its place may have changed: its own, and those of whatever was above."""
        own = self._states[code]
        days = {state.from_on for state in own}
        open_days = list(days)
        while open_days:
            for above in self._way(code, open_days.pop())[1]:
                for day in self._moves[above]:
                    if day > own[0].from_on and day not in days:
                        days.add(day)
                        open_days.append(day)
        return sorted(days)

    def _way(self, code: str, day: date) -> tuple[list[str], list[str]]:
        """Return the path on `day`, and everything passed on the way up: also what had been merged.

        It ends where nobody has told of a founding yet, and before it goes in a circle.
        """
        path, passed, seen = [code], [], {code}
        above = self._at(code, day).parent
        while above is not None and above not in seen and above in self._states:
            seen.add(above)
            passed.append(above)
            state = self._at(above, day)
            if state.ended != "MERGED":
                path.append(above)
            above = state.parent
        return path[::-1], passed

    def _at(self, code: str, day: date) -> _State:
        """Return what holds on `day`. Before its founding an organization is where it was founded."""
        states = self._states[code]
        if len(states) == 1:
            return states[0]
        return states[max(0, bisect_right(states, day, key=lambda state: state.from_on) - 1)]


def _moves(states: list[_State]) -> list[date]:
    """Return the days from which the way up from what lies beneath is another."""
    return [
        state.from_on
        for before, state in pairwise(states)
        if (before.parent, before.ended) != (state.parent, state.ended)
    ]


def _states(told: list[Change]) -> list[_State]:
    """Return what one organization's changes say, by day; of two on one day the one told later holds."""
    founding = next((change for change in told if change.what == "FOUNDED"), None)
    if founding is None:
        return []
    states = [_State(founding.day, founding.name or founding.code, founding.parent)]
    for change in sorted(told, key=lambda one: one.day):
        last = replace(states[-1], from_on=max(change.day, founding.day))
        match change.what:
            case "RENAMED":
                state = replace(last, name=change.name or last.name)
            case "MOVED":
                state = replace(last, parent=change.parent)
            case "MERGED":
                state = replace(last, parent=change.parent, ended="MERGED")
            case "DISSOLVED":
                state = replace(last, ended="DISSOLVED")
            case _:
                continue
        if state.from_on == states[-1].from_on:
            states.pop()
        states.append(state)
    return states

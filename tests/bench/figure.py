"""One figure: what was measured round by round, what it is compared with, and the goal it has to meet.

Ours and its rivals take turns within each round, so that a neighbour on the machine slows both; a
ratio is the median of the rounds' ratios.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal, TypeVar

Kind = Literal["limit", "library", "peer", "same"]
"""What the machine gives, the eventsourcing library's default path, another library, or ours elsewhere."""

T = TypeVar("T")


@dataclass(frozen=True)
class Rival:
    """What ours is compared with. `goal` is for the ratio ours / its."""

    name: str
    kind: Kind
    rounds: Sequence[float]
    goal: float | None = None
    absent: str = ""
    """Why it was not measured, if it was not."""

    @property
    def middle(self) -> float:
        """Return the median of its rounds."""
        return median(self.rounds)


@dataclass(frozen=True)
class Figure:
    """One line of the report. Larger is better, unless `at_most` says that the goals are upper bounds."""

    name: str
    unit: str
    rounds: Sequence[float]
    rivals: Sequence[Rival] = ()
    goal: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def middle(self) -> float:
        """Return the median of the rounds."""
        return median(self.rounds)

    def ratio(self, rival: Rival) -> float:
        """Return ours / the rival's, the median over the rounds that both took part in."""
        return median(ours / theirs for ours, theirs in zip(self.rounds, rival.rounds, strict=False))

    def meets(self, rival: Rival | None = None) -> bool | None:
        """Return whether the goal is met: that of the figure itself, or against one rival. None: no goal."""
        goal = rival.goal if rival else self.goal
        if goal is None or (rival and rival.absent):
            return None
        value = self.ratio(rival) if rival else self.middle
        return value <= goal if self.at_most else value >= goal

    def as_json(self) -> dict[str, Any]:
        """Return what results.json keeps."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Figure":
        """Return the figure that results.json keeps."""
        return cls(**kept | {"rivals": [Rival(**rival) for rival in kept["rivals"]]})


async def in_turn(rounds: int, **measures: Callable[[], Awaitable[T]]) -> dict[str, list[T]]:
    """Return what each measure yields, taken in turn, `rounds` times."""
    taken: dict[str, list[T]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(await measure())
    return taken

"""Bands of points: levels that cover 0 to 100 once, whatever is scored by them."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

WHOLE = Decimal(100)
"""The points of a sheet, and where its bands end."""


class Span(NamedTuple):
    """A level from `points_min` on, up to but not including `below`, and where it is from."""

    level: str
    points_min: Decimal
    below: Decimal | None
    source: str


def holes(spans: Iterable[Span]) -> Iterator[str]:
    """Yield where `spans` leave something out or overlap, from the bottom up."""
    reached: Decimal | None = Decimal(0)
    top = None
    for top in sorted(spans, key=lambda span: span.points_min):
        if reached is None or top.points_min < reached:
            yield f"{top.level} overlaps the one beneath it at {top.points_min} ({top.source})"
        elif top.points_min > reached:
            yield f"nothing from {reached} to {top.level} at {top.points_min} ({top.source})"
        reached = top.below
    if top and reached is not None:
        yield f"nothing from {reached} to {WHOLE} ({top.source})"

"""Charts as SVG from figures: pure functions, no colours, no sizes in pixels across.

Horizontal places are percentages, so a chart takes the width it is given and its words keep their
size on a phone; what a mark looks like is said by its class, in the style sheet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

ROW_PX = 34
BAR_PX = 22
COLUMNS_PX = 148
LABELS_PX = 20
NARROWEST_LABELLED = 9.0
"""Percent of a bar below which its number would not fit inside."""


@dataclass(frozen=True)
class Part:
    """One piece of a bar: its class in the style sheet, its size, and what it says when pointed at."""

    mark: str
    size: int
    says: str
    label: str = ""


@dataclass(frozen=True)
class Bar:
    """One labelled bar of several parts."""

    label: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Return all parts together."""
        return sum(part.size for part in self.parts)


def stacked_rows(bars: Sequence[Bar], *, title: str) -> Markup:
    """Return one full-width bar per row, its parts as shares of their own sum."""
    drawn = [_row(bar, at * ROW_PX) for at, bar in enumerate(bars)]
    return _svg("rows", title, len(bars) * ROW_PX, drawn)


def whole(bar: Bar, *, title: str) -> Markup:
    """Return one full-width bar without its label, its parts as shares of their sum."""
    left, pieces = 0.0, []
    for part in (part for part in bar.parts if part.size):
        right = left + 100 * part.size / bar.size
        pieces.append(_piece(part, left, 0, right))
        left = right
    return _svg("rows", title, BAR_PX, pieces)


def _row(bar: Bar, top: int) -> Markup:
    middle = top + ROW_PX // 2
    label = Markup('<text class="label" x="0" y="{}">{}</text>').format(middle + 5, bar.label)
    left, pieces = 0.0, [label]
    for part in (part for part in bar.parts if part.size):
        share = 100 * part.size / bar.size
        pieces.append(_piece(part, _across(left), top + (ROW_PX - BAR_PX) // 2, _across(left + share)))
        left += share
    return Markup("").join(pieces)


def _across(share: float) -> float:
    """Return the place of `share` percent of a bar, in percent of a row whose first tenth is its label."""
    return 12 + 0.88 * share


def _piece(part: Part, left: float, top: int, right: float) -> Markup:
    middle = Markup('<text class="on-{}" x="{}%" y="{}" text-anchor="middle">{}</text>').format(
        part.mark, _n((left + right) / 2), top + BAR_PX // 2 + 5, part.label
    )
    rect = _rect(part, left, top, right - left, BAR_PX)
    return rect + middle if part.label and right - left >= NARROWEST_LABELLED else rect


def _rect(part: Part, left: float, top: float, width: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>').format(
        part.mark, _n(left), _n(top), _n(width), _n(height), part.says
    )


def stacked_columns(bars: Sequence[Bar], *, title: str) -> Markup:
    """Return one column per bar, all on one scale: the tallest fills the height."""
    tallest = max((bar.size for bar in bars), default=0) or 1
    step = 100 / max(len(bars), 1)
    drawn = [_line(COLUMNS_PX, "axis")]
    drawn += [_column(bar, at * step, step, tallest) for at, bar in enumerate(bars)]
    return _svg("columns", title, COLUMNS_PX + LABELS_PX, drawn)


def _column(bar: Bar, left: float, step: float, tallest: int) -> Markup:
    bottom, pieces = float(COLUMNS_PX), []
    for part in (part for part in bar.parts if part.size):
        height = (COLUMNS_PX - 8) * part.size / tallest
        bottom -= height
        pieces.append(_rect(part, left + step * 0.16, bottom, step * 0.68, height))
    label = Markup('<text class="label" x="{}%" y="{}" text-anchor="middle">{}</text>')
    pieces.append(label.format(_n(left + step / 2), COLUMNS_PX + 15, bar.label))
    return Markup("").join(pieces)


def _line(y: float, mark: str) -> Markup:
    return Markup('<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>').format(mark, _n(y), _n(y))


def bullet(reached: int, target: int | None, *, title: str) -> Markup:
    """Return a bar for what was reached, with a tick at the target; both on one scale."""
    scale = max(reached, target or 0, 1) * 1.06
    drawn = [
        Markup('<rect class="track" x="0" y="6" width="100%" height="20"/>'),
        _rect(Part("reached", reached, title), 0, 10, 100 * reached / scale, 12),
    ]
    if target:
        tick = Markup('<line class="target" x1="{0}%" x2="{0}%" y1="2" y2="30"/>')
        drawn.append(tick.format(_n(100 * target / scale)))
    return _svg("bullet", title, 32, drawn)


def steps(points: Sequence[tuple[date, int]], first: date, last: date, *, title: str) -> Markup:
    """Return a stepped line from `first` to `last`: between two points nothing is pretended.

    The scale begins at zero, so a slope is never larger than what happened.
    """
    if not points:
        return Markup("")
    tallest = max(value for _, value in points) or 1
    days = max((last - first).days, 1)
    places = [(100 * (day - first).days / days, 96 - 90 * value / tallest) for day, value in points]
    path = f"M{_n(places[0][0])} {_n(places[0][1])}"
    path += "".join(f"H{_n(x)}V{_n(y)}" for x, y in places[1:]) + "H100"
    plane = Markup(
        '<svg x="0" y="0" width="100%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        '<path class="area" d="{}V96H{}Z"/><path class="stroke" d="{}"/></svg>'
    )
    drawn = [plane.format(COLUMNS_PX, path, _n(places[0][0]), path), _line(COLUMNS_PX * 0.96, "axis")]
    return _svg("steps", title, COLUMNS_PX, drawn)


def strip(days: Iterable[date], first: date, last: date, shown: date, *, title: str) -> Markup:
    """Return a tick for every day on which something happened, and a marker at the day shown."""
    span = max((last - first).days, 1)
    tick = Markup('<line class="{0}" x1="{1}%" x2="{1}%" y1="{2}" y2="{3}"/>')
    drawn = [_line(22, "axis")]
    drawn.extend(
        tick.format("happened", _n(100 * (day - first).days / span), 8, 22) for day in sorted(set(days))
    )
    drawn.append(tick.format("shown", _n(100 * (shown - first).days / span), 0, 26))
    return _svg("strip", title, 26, drawn)


def _n(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(kind: str, title: str, height: int, drawn: Iterable[Markup]) -> Markup:
    opening = Markup('<svg class="chart {}" role="img" aria-label="{}" width="100%" height="{}">')
    return opening.format(kind, escape(title), height) + Markup("").join(drawn) + Markup("</svg>")

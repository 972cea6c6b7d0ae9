"""Charts of the figures as plain SVG, in the console's colours, light or dark as the reader has it."""

from collections.abc import Iterable, Sequence
from html import escape
from math import log10

from tests.bench.figure import Figure, Rival

WIDTH, NAMES, BARS = 1000, 400, 430
ROW = 22
STYLE = """
  text { font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #1c2126; }
  .title { font-weight: 650; } .under { fill: #5a6067; font-size: 12px; } .end { text-anchor: end; }
  .sheet { fill: #ffffff; } .line { stroke: #9d1f28; stroke-width: 1.5; } .spread { stroke: #5a6067; }
  .ours, .met { fill: #1f7a74; } .limit { fill: #d8d5ce; } .same { fill: #ecdca4; } .peer { fill: #93cdc4; }
  .library { fill: #f0b774; } .missed { fill: #b2450f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8e6e1; } .under { fill: #a7aeb6; } .sheet { fill: #1a1e22; } .line { stroke: #ee8a90; }
    .ours, .met { fill: #37a79d; } .limit { fill: #3a4149; } .same { fill: #565027; } .peer { fill: #1f5f59; }
    .library { fill: #7a4d16; } .missed { fill: #e07a3f; } .spread { stroke: #a7aeb6; }
  }
"""


def bars(title: str, figures: Sequence[Figure]) -> str:
    """Return each figure and its rivals as bars on a scale of their own, with the spread of the rounds."""
    parts, y = [], 50
    for figure in figures:
        unit = f", {figure.unit}".rstrip(", ")
        parts.append(_text(20, y, f"{figure.name}{unit}", "title"))
        rows: list[tuple[str, str, Sequence[float], float]] = [
            ("ours", "ours", figure.rounds, figure.middle),
            *((one.name, one.kind, one.rounds, one.middle) for one in figure.rivals if not one.absent),
        ]
        most = max(max(rounds) for _, _, rounds, _ in rows) or 1.0
        for name, kind, rounds, middle in rows:
            y += ROW
            parts.append(_text(NAMES, y, name, "end under" if kind != "ours" else "end"))
            parts.append(_bar(NAMES + 10, y, BARS * middle / most, kind))
            low, high = (NAMES + 10 + BARS * value / most for value in (min(rounds), max(rounds)))
            parts.append(f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{y - 4}" y2="{y - 4}"/>')
            parts.append(
                _text(max(high, NAMES + 10) + 8, y, f"{middle:,.{0 if middle >= 100 else 1}f}", "under")
            )
        y += 2 * ROW
    return _svg(title, y, parts)


def goals(all_goals: Iterable[tuple[Figure, Rival | None]]) -> str:
    """Return how far each goal is exceeded or missed, on a scale of powers of ten about the goal."""
    parts, y, middle = [], 50, NAMES + 10 + BARS / 2
    for figure, rival in all_goals:
        if (rival and rival.absent) or not (wanted := rival.goal if rival else figure.goal):
            continue
        reached = (figure.ratio(rival) if rival else figure.middle) / wanted
        factor = 1 / reached if figure.at_most else reached
        length = BARS / 2 * max(-1.0, min(1.0, log10(factor)))
        kind = "met" if figure.meets(rival) else "missed"
        against = f" × {rival.name}" if rival else ""
        parts.append(_text(NAMES, y, _short(f"{figure.name}{against}"), "end under"))
        parts.append(_bar(middle + min(0.0, length), y, abs(length), kind))
        parts.append(_text(NAMES + 20 + BARS, y, f"{factor:.2f} of the goal", "under"))
        y += ROW
    parts.append(f'<line class="line" x1="{middle}" x2="{middle}" y1="34" y2="{y - ROW + 6}"/>')
    return _svg("Goals: right of the line is better than asked; from a tenth of it to ten times", y, parts)


def _short(text: str, most: int = 64) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bar(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y - 12}" width="{max(1.0, width):.1f}" height="15" rx="2"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y}" class="{kind}">{escape(text)}</text>'


def _svg(title: str, height: int, parts: Iterable[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect class="sheet" width="{WIDTH}" height="{height}"/>',
            _text(20, 22, title, "title"),
            *parts,
            "</svg>\n",
        ]
    )

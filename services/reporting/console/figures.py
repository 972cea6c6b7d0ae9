"""From answers to charts: which figure becomes which mark, and what it says in words."""

from collections.abc import Iterable, Sequence
from datetime import date

from markupsafe import Markup

from services.reporting.console import charts
from services.reporting.console.charts import Bar, Part
from services.reporting.console.texts import Texts
from services.reporting.views import Admissions, Distribution, Month, percent_of
from services.reporting.views.classes import LEVELS

HEAT = ((100, "heat-full"), (90, "heat-high"), (75, "heat-mid"), (50, "heat-low"), (0, "heat-none"))
"""From which percent on a month is how warm. Every square also shows its number."""


def heat(month: Month) -> str:
    """Return the class of a month's square; nothing due is no heat at all."""
    share = percent_of(month.submitted, month.due)
    if share is None:
        return "heat-idle"
    return next(mark for least, mark in HEAT if share >= least)


def submissions(months: Sequence[Month], texts: Texts) -> Markup:
    """Return the chart of on time, late and missing by month."""
    bars = []
    for month in months:
        when = texts.period(month.month)
        parts = (("on-time", month.on_time), ("late", month.late), ("missing", month.missing))
        said = tuple(
            Part(mark, n, f"{when} · {texts(f'chart.{mark}')}: {texts.number(n)}") for mark, n in parts
        )
        bars.append(Bar(texts.month(month.month), said))
    return charts.stacked_columns(bars, title=texts("chart.submissions"))


def classes(years: Sequence[Distribution], texts: Texts) -> Markup:
    """Return the chart of levels by year, one full bar each."""
    bars = []
    for one in years:
        sizes = [
            (level.lower().replace("_", "-"), texts.of("level", level), one.levels.get(level, 0))
            for level in LEVELS
        ]
        sizes.append(("unclassified", texts("chart.unclassified"), one.unclassified))
        parts = (
            Part(mark, n, f"{one.year} · {word}: {texts.number(n)}", texts.number(n))
            for mark, word, n in sizes
        )
        bars.append(Bar(str(one.year), tuple(parts)))
    return charts.stacked_rows(bars, title=texts("chart.classes"))


def admissions(year: Admissions, texts: Texts) -> Markup:
    """Return the bullet bar of admissions against the target."""
    title = texts("chart.admissions", admitted=year.admitted, percent=texts.percent(year.percent))
    return charts.bullet(year.admitted, year.target, title=title)


def growth(points: Sequence[tuple[date, int]], first: date, last: date, texts: Texts) -> Markup:
    """Return the line of members over a period; a change of nothing draws no chart."""
    if not any(value for _, value in points):
        return Markup("")
    return charts.steps(points, first, last, title=texts("chart.growth"))


def activity(happened: Iterable[date], first: date, last: date, shown: date, texts: Texts) -> Markup:
    """Return the strip above the day slider: a tick for each day with an event."""
    days = [day for day in happened if first <= day <= last]
    return charts.strip(days, first, last, shown, title=texts("chart.activity", n=len(set(days))))

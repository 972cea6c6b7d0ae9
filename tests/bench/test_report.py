"""What is written about speed is what was measured."""

import pytest

from tests.bench import charts, report
from tests.bench.__main__ import GROUPS
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.unmet import UNMET

FASTER = Figure(
    "append", "/s", [50.0, 80.0, 60.0], [Rival("bare insert", "limit", [100.0, 100.0, 100.0], 0.5)]
)
SLOWER = Figure(
    "p99", "ms", [3.0, 9.0], [Rival("validate-only", "limit", [2.0, 2.0], 1.5)], goal=6.0, at_most=True
)
ABSENT = Figure("batch", "/s", [9.0], [Rival("emmett", "peer", [], 1.5, "there is no node here")])
RESULTS = {
    "machine": {"machine": "two cores", "system": "Linux", "servers": "PostgreSQL"},
    "groups": {
        "append": {
            "at": "2026-11-21",
            "took_s": 3,
            "load": 0.1,
            "failed": "",
            "figures": [figure.as_json() for figure in (FASTER, SLOWER, ABSENT)],
        }
    },
}


def test_the_readme_quotes_the_last_full_run():
    readme = report.README.read_text()
    assert readme == report.with_summary(readme, report.kept())


def test_the_table_is_of_the_last_full_run():
    results = report.kept()
    tables = [path.read_text() for path in report.RESULTS.glob("table.md")]
    assert tables == ([report.table(results)] if results["groups"] else [])


def test_what_is_kept_is_everything_or_nothing():
    assert set(report.kept()["groups"]) in (set(), set(GROUPS))


def test_every_reason_is_of_a_figure_that_has_a_goal():
    results = report.kept()
    names = {figure.name for figure, _ in report.goals(results)}
    assert not results["groups"] or set(UNMET) <= names


def test_a_group_measured_again_where_something_differs_says_so_and_the_others_are_kept(monkeypatch):
    monkeypatch.setattr(report, "kept", lambda: RESULTS)
    here = RESULTS["machine"] | {"system": "Linux, later"}
    again = RESULTS["groups"]["append"] | {"apart": report.apart(here, RESULTS["machine"])}

    assert RESULTS == report.kept_on(here)
    assert "load before it 0.1; system: Linux, later.\n" in report.table(RESULTS | {"groups": {"a": again}})
    assert {} == report.kept_on(here | {"machine": "four cores"})["groups"]


def test_every_group_can_be_measured():
    measured = {path.stem for path in (report.RESULTS.parent / "figures").glob("*.py")}
    assert set(GROUPS) == measured


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    assert 0.6 == FASTER.ratio(FASTER.rivals[0])


@pytest.mark.parametrize(
    ("figure", "rival", "met"),
    [
        (FASTER, FASTER.rivals[0], True),
        (FASTER, None, None),
        (SLOWER, None, True),
        (SLOWER, SLOWER.rivals[0], False),
        (ABSENT, ABSENT.rivals[0], None),
    ],
)
def test_a_goal_is_met_missed_or_not_there(figure: Figure, rival: Rival | None, met: bool | None):
    assert met is figure.meets(rival)


def test_a_figure_survives_being_kept():
    assert SLOWER == Figure.of_json(SLOWER.as_json())


def test_the_summary_has_every_goal_and_says_what_was_not_measured():
    rows = report.summary(RESULTS).splitlines()[6:10]
    assert [
        "| append | 60/s, 0.6 × bare insert | ≥ 0.5 × | yes |",
        "| p99 | 6 ms | ≤ 6 ms | yes |",
        "| p99 | 6 ms, 3 × validate-only | ≤ 1.5 × | **no** |",
        "| batch | 9/s, not measured beside emmett | ≥ 1.5 × |  |",
    ] == rows


def test_charts_show_every_figure_that_was_measured():
    chart = charts.bars("append", [FASTER, SLOWER, ABSENT])
    assert (5, 0) == (chart.count("<rect") - 1, chart.count("emmett"))
    assert 3 == charts.goals(report.goals(RESULTS)).count("of the goal")


async def test_measures_take_turns():
    calls: list[str] = []

    async def ours() -> str:
        calls.append("ours")
        return "a"

    async def theirs() -> str:
        calls.append("theirs")
        return "b"

    assert {"ours": ["a", "a"], "theirs": ["b", "b"]} == await in_turn(2, ours=ours, theirs=theirs)
    assert ["ours", "theirs", "ours", "theirs"] == calls

"""What a run leaves behind: results.json, the same as a table and as charts, and the README's summary."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import charts
from tests.bench.figure import Figure, Rival
from tests.bench.unmet import UNMET

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- figures: written by `make bench` -->\n", "<!-- end of figures -->\n"

Results = Mapping[str, Any]


def kept() -> Results:
    """Return the results of the last full run."""
    file = RESULTS / "results.json"
    kept: Results = json.loads(file.read_text()) if file.exists() else {"machine": {}, "groups": {}}
    return kept


def kept_on(machine: Mapping[str, str]) -> Results:
    """Return the results of the last full run, if it was on such a machine, else none."""
    last = kept()
    same = last["machine"].get("machine") == machine["machine"]
    return last if same else {"machine": machine, "groups": {}}


def apart(here: Mapping[str, str], full: Mapping[str, str]) -> dict[str, str]:
    """Return what is not as it was in the full run that a group stands beside: another kernel, a version."""
    return {name: what for name, what in here.items() if full.get(name) != what}


def keep(results: Results) -> None:
    """Write everything down."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / "table.md").write_text(table(results))
    for name, figures in by_group(results):
        (RESULTS / f"{name}.svg").write_text(charts.bars(name, figures))
    (RESULTS / "goals.svg").write_text(charts.goals(list(goals(results))))
    README.write_text(with_summary(README.read_text(), results))


def by_group(results: Results) -> Iterator[tuple[str, list[Figure]]]:
    """Yield each group's name and figures."""
    for name, group in results["groups"].items():
        yield name, [Figure.of_json(figure) for figure in group["figures"]]


def goals(results: Results) -> Iterator[tuple[Figure, Rival | None]]:
    """Yield every goal: of a figure itself, or against a rival."""
    for _, figures in by_group(results):
        for figure in figures:
            if figure.goal is not None:
                yield figure, None
            yield from ((figure, rival) for rival in figure.rivals if rival.goal is not None)


# -- Words


def number(value: float) -> str:
    """Return a number with the digits that mean something."""
    return (
        f"{value:,.0f}"
        if value >= 100 or value == int(value)
        else f"{value:.2g}"
        if value < 10
        else f"{value:.1f}"
    )


def amount(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return f"{number(value)}{unit if unit in ('/s', '%') else f' {unit}'.rstrip()}"


def spread(figure: Figure, of: Rival | None = None) -> str:
    """Return median, and least to most of the rounds."""
    rounds = of.rounds if of else figure.rounds
    middle = amount((of or figure).middle, figure.unit)
    return f"{middle} ({number(min(rounds))}-{number(max(rounds))})" if len(rounds) > 1 else middle


def goal(figure: Figure, rival: Rival | None = None) -> str:
    """Return a goal in words, nothing if there is none."""
    wanted = rival.goal if rival else figure.goal
    if wanted is None:
        return ""
    sign = "≤" if figure.at_most else "≥"
    return f"{sign} {number(wanted)} ×" if rival else f"{sign} {amount(wanted, figure.unit)}"


def met(figure: Figure, rival: Rival | None = None) -> str:
    """Return yes or no, nothing without a goal."""
    return {True: "yes", False: "**no**", None: ""}[figure.meets(rival)]


def lines(figure: Figure) -> str:
    """Return a figure as it is shown while the rest is measured."""
    said = [f"  {figure.name}: {spread(figure)}  {goal(figure)} {met(figure)}".rstrip()]
    for rival in figure.rivals:
        if rival.absent:
            said.append(f"      {rival.name}: not measured, {rival.absent}")
        else:
            ratio = f"{number(figure.ratio(rival))} × {rival.name}, {spread(figure, rival)}"
            said.append(f"      {ratio}  {goal(figure, rival)} {met(figure, rival)}".rstrip())
    return "\n".join([*said, *([f"      {figure.note}"] if figure.note else [])])


# -- Documents


def table(results: Results) -> str:
    """Return the whole run as a document."""
    parts = ["# Measured by `make bench`\n"]
    parts += [f"- {name}: {what}" for name, what in results["machine"].items()]
    parts.append(
        "\nMedian (least-most) of the rounds, in which ours and the others took turns; a ratio is the\n"
        "median of the rounds' ratios. Everything shares the cores, the clients too.\n"
    )
    for name, figures in by_group(results):
        group = results["groups"][name]
        said = [f"From {group['at']}, {group['took_s']} s", f"load before it {group['load']}"]
        said += [f"{what}: {other}" for what, other in group.get("apart", {}).items()]
        parts.append(f"## {name}\n\n{'; '.join(said)}.\n")
        if group["failed"]:
            parts.append(f"**Ended before its time:** {group['failed']}\n")
        parts += ["| what | measured | beside | its | ratio | goal | met |", "|---|---|---|---|---|---|---|"]
        for figure in figures:
            parts += _rows(figure)
        parts.append(f"\n![{name}]({name}.svg)\n")
    return "\n".join(parts)


def _rows(figure: Figure) -> Iterator[str]:
    note = f"<br>{figure.note}" if figure.note else ""
    yield f"| {figure.name}{note} | {spread(figure)} | | | | {goal(figure)} | {met(figure)} |"
    for rival in figure.rivals:
        if rival.absent:
            yield f"| | | {rival.name} | not measured: {rival.absent} | | {goal(figure, rival)} | |"
        else:
            ratio = f"{number(figure.ratio(rival))} ×"
            yield (
                f"| | | {rival.name} | {spread(figure, rival)} | {ratio}"
                f" | {goal(figure, rival)} | {met(figure, rival)} |"
            )


def summary(results: Results) -> str:
    """Return what the README quotes: every goal, what was measured, and whether that meets it."""
    if not results["groups"]:
        return "Not measured yet.\n"
    rows = ["| figure | measured | goal | met |", "|---|---|---|---|"]
    for figure, rival in goals(results):
        measured = amount(figure.middle, figure.unit)
        if rival:
            ratio = "not measured beside" if rival.absent else f"{number(figure.ratio(rival))} ×"
            measured += f", {ratio} {rival.name}"
        rows.append(f"| {figure.name} | {measured} | {goal(figure, rival)} | {met(figure, rival)} |")
    rows += [
        f"| {name} | ended before its time: {group['failed']} | | **no** |"
        for name, group in results["groups"].items()
        if group["failed"]
    ]
    machine = results["machine"]
    missed = {figure.name for figure, rival in goals(results) if figure.meets(rival) is False}
    why: dict[str, list[str]] = {}
    for name, reason in UNMET.items():
        if name in missed:
            why.setdefault(reason, []).append(name)
    reasons = "".join(f"- **{'; '.join(names)}**: {reason}\n" for reason, names in why.items())
    return (
        f"{machine['machine']}; {machine['system']}; {machine['servers']}.\n"
        "[All figures](tests/bench/results/table.md), with their spread, beside the eventsourcing library's\n"
        "default path and three peers.\n\n"
        + "\n".join(rows)
        + f"\n\n{reasons}\n![Goals](tests/bench/results/goals.svg)\n"
    )


def with_summary(readme: str, results: Results) -> str:
    """Return the README with these results in place of those it quotes."""
    before, _, rest = readme.partition(BEGIN)
    return before + BEGIN + summary(results) + END + rest.partition(END)[2]

"""What is wrong with the evidence, in words: losses, doublings, reorderings, views that say otherwise."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.chaos.checker.evidence import PRIVATE, PUBLISHERS, READERS, Evidence, Row
from tests.chaos.checker.folds import fold, notices_due, notices_made

TAKEN = frozenset(
    {
        *("CodeTaken", "AlreadyHeld", "AlreadySubmitted", "AlreadyDecided", "AlreadyIssued"),
        *("NotProbationary", "AlreadyReleased", "AlreadyExempted", "AlreadyHolds", "NoLongerMember"),
        *("NameUnchanged", "AlreadyThere", "OrganizationEnded"),
        *("AlreadySigned", "AlreadyRegistered", "AlreadySelected", "AlreadyReplicated", "AlreadyAssigned"),
        *("AlreadyAttended", "AlreadyReported", "AlreadyScored", "AlreadyScheduled", "AlreadyRaised"),
        *("AlreadyAcknowledged", "StepTaken", "AlreadyAccepted", "EndedAlready", "AlreadyExcused"),
        *("AlreadyAdopted", "AlreadyPlanned", "AlreadyConfirmed", "VisitReportedAlready"),
    }
)
"""Refusals that say: this was stored before. Clients ask for each change once, and for an end last."""

SEVERAL = ("registry.Officials.Relieved",)
"""What one command may lead to more than once: all the terms end that hang on what ends."""

EXAMPLES_MAX = 5


def problems(found: Evidence) -> list[str]:
    """Return all that is wrong; nothing, if every promise was kept."""
    caused = _caused(found)
    return [
        *_commands(found, caused),
        *_events(found, caused),
        *_cells(found, caused),
        *_logs(found),
        *_streams(found),
        *_ledger(found),
        *_views(found),
        *_notices(found),
    ]


def counts(found: Evidence) -> dict[str, int]:
    """Return how much was looked at."""
    attempts = Counter(line["outcome"] for line in found.journal if "command" in line)
    receipts = Counter(line["outcome"] for line in found.journal if "event" in line)
    return {
        "commands": len({line["command"] for line in found.journal if "command" in line}),
        **{name: attempts[name] for name in ("acknowledged", "refused", "unknown")},
        "district events": receipts["sent"],
        **{f"receipts {name}": receipts[name] for name in ("accepted", "duplicate", "rejected")},
        "facts in logs": sum(map(len, found.logs.values())),
        "messages in streams": sum(map(len, found.streams.values())),
        "ledger entries": len(found.ledger),
        "view rows": sum(len(rows) for views in found.views.values() for rows in views.values()),
    }


Caused = dict[tuple[str, str], list[Row]]
"""The facts each cause led to, by service and cause."""


def _caused(found: Evidence) -> Caused:
    caused: Caused = defaultdict(list)
    for service, rows in found.logs.items():
        for row in rows:
            caused[service, row.causation].append(row)
    return caused


# -- What clients were told


def _commands(found: Evidence, caused: Caused) -> Iterator[str]:
    """Compare every command with what its service stored because of it."""
    attempts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in found.journal:
        if "command" in line:
            attempts[line["service"], line["command"]].append(line)
    for (service, command), tries in attempts.items():
        rows = caused.get((service, f"http:{command}"), [])
        positions = [row.position for row in rows]
        outcomes = [line["outcome"] for line in tries]
        if "defect" in outcomes:
            yield f"{service} answered {command} with a defect"
        if _doubled(rows):
            yield f"{service} stored {command} twice: at {positions}"
        yield from _kept(f"{service} {{}} {command}", tries, positions)


def _kept(said: str, tries: list[dict[str, Any]], positions: list[int]) -> Iterator[str]:
    """Compare what a client was told of one command with where it is stored."""
    outcomes = [line["outcome"] for line in tries]
    acknowledged = {line["position"] for line in tries if line["outcome"] == "acknowledged"}
    last = tries[-1].get("reason")
    if acknowledged - set(positions):
        yield f"{said.format('lost')}: acknowledged at {sorted(acknowledged)}, stored at {positions}"
    elif positions and (tries[0]["repeats"] or set(outcomes) == {"refused"}):
        yield f"{said.format('stored')}, which it had refused or should have: at {positions}"
    elif not positions and not tries[0]["repeats"] and last in TAKEN and "unknown" in outcomes:
        yield f"{said.format('lost')}: it was called {last} and is not stored"


def _events(found: Evidence, caused: Caused) -> Iterator[str]:
    """Compare every event of a district with its receipts, with what was stored, and what is remembered."""
    told: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in found.journal:
        if "event" in line:
            told[line["source"], line["event"]].append(line)
    remembered = Counter(
        (entry.source, entry.event, entry.position) for entries in found.inboxes.values() for entry in entries
    )
    for (source, event), lines in told.items():
        accepted = [line for line in lines if line["outcome"] in ("accepted", "duplicate")]
        name = f"{source}:{event}"
        if not accepted:
            yield f"{name} was never accepted: {[line.get('reason', line['outcome']) for line in lines]}"
            continue
        rows = [row for service in PUBLISHERS for row in caused.get((service, name), [])]
        stored = [row.position for row in rows]
        positions = {line["position"] for line in accepted}
        position = accepted[0]["position"]
        if len(positions) > 1 or position not in stored or _doubled(rows):
            yield f"{name}: receipts name {sorted(positions)}, it is stored at {stored}"
        elif remembered[source, event, position] != 1:
            yield f"{name} is remembered {remembered[source, event, position]} times"
        if sum(line["outcome"] == "accepted" for line in lines) > 1:
            yield f"{name} was accepted more than once"


def _doubled(rows: list[Row]) -> bool:
    """Return whether one cause led to the same public fact more than once."""
    often = Counter(row.topic for row in rows if row.topic not in (*PRIVATE, *SEVERAL))
    return max(often.values(), default=0) > 1


# -- Order


def _cells(found: Evidence, caused: Caused) -> Iterator[str]:
    """Compare the order in which districts told of a cell and its members with that in which it is recorded.

    Only the registry's: elsewhere an event waits for the news of its cell, and lets later ones pass. What was
    sent again stands where its last sending was recorded, and says nothing about order.
    """
    often = Counter((line["source"], line["event"]) for line in found.journal if "organization" in line)
    cells: dict[str, list[int]] = defaultdict(list)
    for line in found.journal:
        if line["outcome"] == "sent" and often[line["source"], line["event"]] == 1:
            rows = caused.get(("registry", f"{line['source']}:{line['event']}"), [])
            cells[line["organization"]].extend(row.position for row in rows)
    for organization, positions in cells.items():
        if positions != sorted(positions):
            yield f"what was told of {organization} is recorded in another order: at {positions}"


def _logs(found: Evidence) -> Iterator[str]:
    """Find what has a hole in its history."""
    for service, rows in found.logs.items():
        versions: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            versions[row.subject].append(row.version)
        for subject, found_versions in versions.items():
            if found_versions != list(range(1, len(found_versions) + 1)):
                yield f"{service}: the versions of {subject} are {found_versions}"
        positions = [row.position for row in rows]
        if positions != sorted(set(positions)):
            yield f"{service}: its log is out of order"


def _streams(found: Evidence) -> Iterator[str]:
    """Compare each stream with the public part of its log, and follow its chain."""
    for service in PUBLISHERS:
        rows = [row for row in found.logs[service] if row.topic not in PRIVATE]
        wanted = [(row.position, f"{row.subject}.{row.version}") for row in rows]
        stream = found.streams[service]
        yield from _same_order(f"the stream of {service}", wanted, _names(stream))
        yield from _broken(f"the stream of {service}", stream)


def _ledger(found: Evidence) -> Iterator[str]:
    """Compare the ledger with each stream: the same messages, each at one position, none left out."""
    if [position for position, _ in found.ledger] != list(range(1, len(found.ledger) + 1)):
        yield "the ledger's positions have a gap"
    for service in PUBLISHERS:
        recorded = [message for _, message in found.ledger if message["source"] == service]
        stream = found.streams[service]
        yield from _same_order(f"the ledger of {service}", _names(stream), _names(recorded))
        yield from _broken(f"the ledger of {service}", recorded)
        published = {message["sequence"]: message for message in stream}
        differing = [m["id"] for m in recorded if published.get(m["sequence"], m) != m]
        if differing:
            yield f"the ledger of {service} says otherwise than the stream: {_few(differing)}"


def _names(messages: Iterable[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(message["sequence"], message["id"]) for message in messages]


def _same_order(what: str, wanted: list[tuple[int, str]], held: list[tuple[int, str]]) -> Iterator[str]:
    often = Counter(held)
    if missing := [one for one in wanted if one not in often]:
        yield f"{what} lacks {len(missing)}: {_few(missing)}"
    if twice := [one for one, times in often.items() if times > 1]:
        yield f"{what} holds {len(twice)} more than once: {_few(twice)}"
    if foreign := sorted(set(held) - set(wanted)):
        yield f"{what} holds {len(foreign)} that nobody stored: {_few(foreign)}"
    if not (missing or twice or foreign) and wanted != held:
        first = next(
            place for place, (one, other) in enumerate(zip(wanted, held, strict=True)) if one != other
        )
        yield f"{what} is in another order: {held[first]} where {wanted[first]} belongs"


def _broken(what: str, messages: list[dict[str, Any]]) -> Iterator[str]:
    before = 0
    for message in messages:
        if message["previous"] != before:
            yield f"{what} is unchained: {message['sequence']} names {message['previous']}, not {before}"
            return
        before = message["sequence"]


# -- What is shown


def _views(found: Evidence) -> Iterator[str]:
    """Compare every view with the ledger folded from zero, and its bookmarks with what there is."""
    heads = {service: _head(found, service) for service in PUBLISHERS}
    for service, expected in fold(message for _, message in found.ledger).items():
        for table, wanted in expected.items():
            held = found.views[service].get(table)
            if held is None:
                yield f"{service} has no {table}"
                continue
            columns = sorted({column for row in wanted for column in row})
            one, other = _bag(wanted, columns), _bag(held, columns)
            if one != other:
                yield (
                    f"{service}'s {table} says otherwise than the ledger:"
                    f" lacks {_few(list(one - other))}, shows {_few(list(other - one))}"
                )
        for table in sorted(set(found.views[service]) - set(expected)):
            yield f"{service}'s {table} is unknown to this checker"
        if found.parked[service]:
            yield f"{service} parked {len(found.parked[service])}: {_few(found.parked[service])}"
    for service, views in READERS.items():
        for view, sources in views.items():
            wanted_marks = {source: heads[source] for source in sources if heads[source]}
            if found.bookmarks[service][view] != wanted_marks:
                yield f"{service}'s {view} has read {found.bookmarks[service][view]} of {wanted_marks}"


def _head(found: Evidence, service: str) -> int:
    return max((row.position for row in found.logs[service] if row.topic not in PRIVATE), default=0)


def _bag(rows: Iterable[dict[str, Any]], columns: list[str]) -> Counter[str]:
    return Counter(json.dumps([row.get(column) for column in columns], ensure_ascii=False) for row in rows)


def _notices(found: Evidence) -> Iterator[str]:
    """Compare who was told of a class with who had to be."""
    ledger = [message for _, message in found.ledger]
    due, made = notices_due(ledger), notices_made(ledger)
    if silent := sorted(due - set(made)):
        yield f"{len(silent)} were not told of a class: {_few(silent)}"
    if twice := sorted(told for told, times in made.items() if times > 1):
        yield f"{len(twice)} were told twice of a class: {_few(twice)}"
    if needless := sorted(set(made) - due):
        yield f"{len(needless)} were told of a class that nobody decided: {_few(needless)}"


def _few(things: list[Any]) -> str:
    shown = ", ".join(str(thing) for thing in things[:EXAMPLES_MAX])
    return f"{shown}, …" if len(things) > EXAMPLES_MAX else shown

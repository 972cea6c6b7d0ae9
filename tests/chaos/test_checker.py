"""The checker finds what it is there for: each damage, done to a copy of what a sound province left."""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.checker.evidence import PRIVATE, Evidence, Row
from tests.chaos.checker.frameworks import adopting, binding
from tests.chaos.checker.verdict import problems
from tests.chaos.conftest import Aftermath

CHECKER = Path(__file__).parent / "checker"


def acknowledged(found: Evidence) -> tuple[str, Row]:
    """Return a command that was acknowledged, and the public fact it led to."""
    line = next(
        line
        for line in found.journal
        if line["outcome"] == "acknowledged" and line["subject"].startswith("member-")
    )
    return line["command"], next(r for r in found.logs["registry"] if r.position == line["position"])


def accepted(found: Evidence) -> dict[str, Any]:
    return next(line for line in found.journal if line["outcome"] == "accepted")


def lose_a_fact(found: Evidence) -> None:
    found.logs["registry"].remove(acknowledged(found)[1])


def lose_an_accepted_event(found: Evidence) -> None:
    line = accepted(found)
    log = found.logs[line["service"]]
    log[:] = [row for row in log if row.position != line["position"]]


def store_a_command_twice(found: Evidence) -> None:
    _, row = acknowledged(found)
    twice = replace(row, position=row.position + 1_000_000, subject="member-TWICE")
    found.logs["registry"].append(twice)


def store_an_event_twice(found: Evidence) -> None:
    line = accepted(found)
    log = found.logs[line["service"]]
    row = next(row for row in log if row.position == line["position"])
    log.append(replace(row, position=row.position + 1_000_000, subject="other-TWICE"))


def store_what_was_refused(found: Evidence) -> None:
    command, _ = acknowledged(found)
    for line in found.journal:
        if line.get("command") == command:
            line.update(outcome="refused", reason="CodeTaken")


def store_a_repetition(found: Evidence) -> None:
    command, _ = acknowledged(found)
    for line in found.journal:
        if line.get("command") == command:
            line["repeats"] = True


def acknowledge_another_position(found: Evidence) -> None:
    command, _ = acknowledged(found)
    for line in found.journal:
        if line.get("command") == command and line["outcome"] == "acknowledged":
            line["position"] += 1_000_000


def answer_with_a_defect(found: Evidence) -> None:
    found.journal.append(
        {"command": "x", "service": "registry", "repeats": False, "outcome": "defect", "reason": "Defect"}
    )


def never_answer(found: Evidence) -> None:
    found.journal.append(
        {"event": "silent", "source": "urn:district:D-1", "organization": "C", "outcome": "sent"}
    )


def accept_twice(found: Evidence) -> None:
    found.journal.append(accepted(found))


def forget_an_accepted_event(found: Evidence) -> None:
    line = accepted(found)
    inbox = found.inboxes[line["service"]]
    inbox[:] = [entry for entry in inbox if entry.event != line["event"]]


def record_a_cell_in_another_order(found: Evidence) -> None:
    """Swap the causes of two members whom a district told of, one after the other, and who were sent once."""
    often = Counter(line["event"] for line in found.journal if "organization" in line)
    once = [line for line in found.journal if line["outcome"] == "sent" and often[line["event"]] == 1]
    log = found.logs["registry"]
    by_cause = {row.causation: place for place, row in enumerate(log)}
    cells: dict[str, list[int]] = defaultdict(list)
    for line in once:
        if (cause := f"{line['source']}:{line['event']}") in by_cause:
            cells[line["organization"]].append(by_cause[cause])
    one, other = next(places for places in cells.values() if len(places) > 1)[:2]
    first, second = log[one], log[other]
    log[one] = replace(first, causation=second.causation)
    log[other] = replace(second, causation=first.causation)


def skip_a_version(found: Evidence) -> None:
    found.logs["registry"][0] = replace(found.logs["registry"][0], version=2)


def swap_two_messages(found: Evidence) -> None:
    stream = found.streams["registry"]
    stream[3], stream[4] = stream[4], stream[3]


def lose_a_message(found: Evidence) -> None:
    del found.streams["assessment"][5]


def publish_twice(found: Evidence) -> None:
    found.streams["registry"].insert(7, found.streams["registry"][6])


def publish_what_is_private(found: Evidence) -> None:
    log = found.logs["registry"]
    log[0] = replace(log[0], topic=PRIVATE[0])


def name_a_wrong_predecessor(found: Evidence) -> None:
    found.streams["registry"][5]["previous"] -= 1


def swap_two_entries(found: Evidence) -> None:
    mine = [n for n, (_, message) in enumerate(found.ledger) if message["source"] == "registry"]
    one, other = mine[3], mine[4]
    (p, first), (q, second) = found.ledger[one], found.ledger[other]
    found.ledger[one], found.ledger[other] = (p, second), (q, first)


def lose_an_entry(found: Evidence) -> None:
    del found.ledger[-1]


def leave_a_gap(found: Evidence) -> None:
    position, message = found.ledger[-1]
    found.ledger[-1] = position + 1, message


def falsify_an_entry(found: Evidence) -> None:
    found.ledger[4][1]["actor"] = "someone else"


def show_one_too_many(found: Evidence) -> None:
    found.views["reporting"]["headcount.admitted"][0]["members"] += 1


def forget_a_row(found: Evidence) -> None:
    found.views["assessment"]["tree.organization"].pop()


def invent_a_row(found: Evidence) -> None:
    rows = found.views["classification"]["dossier.meeting"]
    rows.append({**rows[0], "meeting": "INVENTED"})


def show_another_place(found: Evidence) -> None:
    found.views["registry"]["tree.place"][-1]["path"] = ["ELSEWHERE"]


def count_a_transfer_once_more(found: Evidence) -> None:
    found.views["reporting"]["headcount.changed"][0]["members"] += 1


def read_less(found: Evidence) -> None:
    found.bookmarks["notification"]["calls"]["assessment"] -= 1


def park_an_event(found: Evidence) -> None:
    found.parked["reporting"].append("VIEW headcount registry.MemberAdmitted.v1 ValueError")


def tell_nobody(found: Evidence) -> None:
    found.ledger[:] = [(p, m) for p, m in found.ledger if not m["type"].startswith("notification.NoticeSent")]


DAMAGES: dict[Callable[[Evidence], None], str] = {
    lose_a_fact: "registry lost",
    lose_an_accepted_event: "it is stored at []",
    store_a_command_twice: "twice",
    store_an_event_twice: "it is stored at",
    store_what_was_refused: "which it had refused or should have",
    store_a_repetition: "which it had refused or should have",
    acknowledge_another_position: "registry lost",
    answer_with_a_defect: "defect",
    never_answer: "was never accepted",
    accept_twice: "accepted more than once",
    forget_an_accepted_event: "is remembered 0 times",
    record_a_cell_in_another_order: "is recorded in another order",
    skip_a_version: "versions of",
    swap_two_messages: "the stream of registry is in another order",
    lose_a_message: "the stream of assessment lacks 1",
    publish_twice: "the stream of registry holds 1 more than once",
    publish_what_is_private: "that nobody stored",
    name_a_wrong_predecessor: "the stream of registry is unchained",
    swap_two_entries: "the ledger of registry is in another order",
    lose_an_entry: "lacks 1",
    leave_a_gap: "positions have a gap",
    falsify_an_entry: "says otherwise than the stream",
    show_one_too_many: "headcount.admitted says otherwise",
    forget_a_row: "assessment's tree.organization says otherwise",
    invent_a_row: "dossier.meeting says otherwise",
    show_another_place: "registry's tree.place says otherwise",
    count_a_transfer_once_more: "headcount.changed says otherwise",
    read_less: "notification's calls has read",
    park_an_event: "reporting parked 1",
    tell_nobody: "were not told of a class",
}


@pytest.mark.long
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damage_is_found(aftermath: Aftermath, damage: Callable[[Evidence], None]):
    copy = deepcopy(aftermath.sound)
    damage(copy)

    assert any(DAMAGES[damage] in problem for problem in problems(copy)), problems(copy)


@pytest.mark.long
def test_what_was_done_to_the_tables_themselves_is_found(aftermath: Aftermath):
    found = " / ".join(problems(aftermath.tampered))

    assert "stream of registry holds 1 that nobody stored" in found
    assert "headcount.admitted says otherwise" in found


def test_the_checker_shares_no_code_with_the_system():
    foreign = set()
    for path in CHECKER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            foreign |= {name for name in names if not name.startswith("tests.chaos.checker")}

    assert {"psycopg", "nats"} >= {name.split(".")[0] for name in foreign} - sys.stdlib_module_names


@pytest.mark.parametrize("days", [("2024-12-02", "2024-11-30"), ("2024-11-30", "2024-12-02")])
def test_of_adoptions_in_any_order_it_expects_the_earliest(days: tuple[str, str]) -> None:
    document = {"number": "7-HD/HU", "date": "2024-05-19"}
    named = {"organization": "C-1", "issuer": "P-1", "framework": document}
    [row] = adopting(named | {"adopted_on": day} for day in days)

    assert ["C-1", "P-1", "7-HD/HU", "2024-05-19", "2024-11-30"] == list(row.values())
    said = {"organization": "P-1", "framework": document, "effective_on": "2024-06-01", "period": "MONTH"}
    assert [True, False] == [
        binding(said | more)["requires_adoption"] for more in ({"requires_adoption": True}, {})
    ]

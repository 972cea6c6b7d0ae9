"""The checker of the sixty finds what it is there for: each damage, done to what a sound province left."""

import ast
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.districts.checker.evidence import District, Evidence, Json, Parked, Row
from tests.districts.checker.verdict import problems

CHECKER = Path(__file__).parent / "checker"
OWNERS = ("registry", "assessment")


def sound() -> Evidence:
    """Return what two districts left: each told two events of a cell and one in vain, and closed a month."""
    found = Evidence(logs={owner: [] for owner in OWNERS}, parked={owner: [] for owner in OWNERS})
    for code in ("D01", "D02"):
        found.districts[code] = District(received={owner: [] for owner in OWNERS})
        for id in ("held-1", "held-2"):
            tell(found, code, event(code, "assessment.MeetingHeld.v1", id, number=int(id[-1])))
        tell(found, code, event(code, "registry.OrganizationFounded.v1", "taken", number=1), "CodeTaken")
        kept = list(found.districts[code].outbox)
        streams = [cut("registry", kept[2:]), cut("assessment", kept[:2])]
        closing = event(code, "registry.PeriodClosed.v1", "closing", number=2)
        closing["data"] |= {"source": closing["source"], "period": "2024-11", "streams": streams}
        tell(found, code, closing)
        found.districts[code].received = {
            "registry": [counted(code, accepted=1, rejected=1)],
            "assessment": [counted(code, accepted=2, rejected=0)],
        }
    return found


def event(code: str, type: str, id: str, *, number: int) -> Json:
    said = {"id": id, "source": f"urn:{code}", "type": type, "data": {"organization": f"{code}-C"}}
    return said | {"number": number}


def tell(found: Evidence, code: str, said: Json, may: str = "accepted") -> None:
    """Let a district tell an event, and the province answer it."""
    owner, name = said["type"].split(".")[0], (said["source"], said["id"])
    ledger = said | {"may": [may], "waits": False, "replaces": None}
    content = {key: value for key, value in said.items() if key != "number"}
    rejected = may != "accepted"
    end = {"outcome": "rejected" if rejected else "accepted", "reason": may if rejected else None}
    row = {"source": name[0], "id": name[1], "service": owner, "number": said["number"]}
    found.districts[code].told.append({key: ledger[key] for key in ledger if key != "number"})
    found.districts[code].outbox.append(row | end | {"type": said["type"], "content": content})
    found.intake.append((code, said))
    found.receipts.append((code, dict(zip(("source", "id"), name, strict=True)) | end))
    if rejected:
        found.parked[owner].append(Parked(code, *name, may))
    else:
        topic, position = "Held", len(found.logs[owner]) + 1
        found.logs[owner].append(Row(position, topic, f"district:{code}", ":".join(name)))


def cut(owner: str, kept: list[Json]) -> Json:
    """Return what a closing says of a stream."""
    lines = ""
    for number, one in enumerate(kept, 1):
        spelled = json.dumps(one["content"] | {"number": number}, sort_keys=True, separators=(",", ":"))
        lines += f"{number} {one['id']} {sha256(spelled.encode()).hexdigest()}\n"
    digest = sha256(lines.encode()).hexdigest()
    return {"service": owner, "first": 1, "last": len(kept), "count": len(kept), "digest": digest}


def counted(code: str, *, accepted: int, rejected: int) -> Json:
    last = accepted + rejected
    of = {"source": f"urn:{code}", "last": last, "received": last, "missing": [], "reused": []}
    months = [{"period": "2024-11", "state": "complete"}]
    return of | {"accepted": accepted, "rejected": rejected, "months": months}


# -- Damages


def drop_from_the_log(found: Evidence) -> None:
    del found.logs["assessment"][0]


def store_twice(found: Evidence) -> None:
    found.logs["assessment"].append(replace(found.logs["assessment"][0], position=99))


def store_what_was_rejected(found: Evidence) -> None:
    found.logs["registry"].append(Row(99, "Founded", "district:D01", "urn:D01:taken"))


def swap_two_of_a_cell(found: Evidence) -> None:
    log = found.logs["assessment"]
    log[0], log[1] = replace(log[0], position=log[1].position), replace(log[1], position=log[0].position)


def record_what_nobody_told(found: Evidence) -> None:
    found.logs["registry"].append(Row(99, "Founded", "district:D01", "urn:D02:held-1"))


def let_in_what_nobody_told(found: Evidence) -> None:
    found.intake.append(("D01", event("D02", "assessment.MeetingHeld.v1", "held-1", number=1)))


def answer_what_nobody_told(found: Evidence) -> None:
    found.receipts.append(("D01", {"source": "urn:D02", "id": "held-1", "outcome": "accepted"}))


def park_what_nobody_told(found: Evidence) -> None:
    found.parked["registry"].append(Parked("D01", "urn:D02", "held-1", "NotYours"))


def never_answer(found: Evidence) -> None:
    del found.receipts[0]


def accept_twice(found: Evidence) -> None:
    found.receipts.append(found.receipts[0])


def reject_what_was_accepted(found: Evidence) -> None:
    found.receipts.append((found.receipts[0][0], found.receipts[0][1] | {"reason": "CodeTaken"}))


def reject_for_another_reason(found: Evidence) -> None:
    [receipt] = [said for code, said in found.receipts if code == "D01" and said["id"] == "taken"]
    receipt["reason"] = "NotYours"


def forget_a_rejection(found: Evidence) -> None:
    del found.parked["registry"][0]


def settle_otherwise(found: Evidence) -> None:
    found.districts["D01"].outbox[0].update(outcome="rejected", reason="NotYours")


def lose_from_the_outbox(found: Evidence) -> None:
    del found.districts["D01"].outbox[0]


def tell_by_itself(found: Evidence) -> None:
    del found.districts["D01"].told[0]


def change_what_was_told(found: Evidence) -> None:
    found.districts["D01"].told[0]["data"] = {"organization": "D01-X"}


def skip_a_number(found: Evidence) -> None:
    found.districts["D01"].outbox[1]["number"] = 3


def miss_a_number(found: Evidence) -> None:
    found.districts["D01"].received["assessment"][0].update(received=1, missing=[[2, 2]])


def count_another_stream(found: Evidence) -> None:
    found.districts["D01"].received["assessment"].append(counted("D02", accepted=1, rejected=0))


def find_a_month_different(found: Evidence) -> None:
    found.districts["D01"].received["assessment"][0]["months"][0]["state"] = "different"


def sign_something_else(found: Evidence) -> None:
    found.districts["D01"].outbox[3]["content"]["data"]["streams"][1]["digest"] = "0" * 64


DAMAGES: dict[Callable[[Evidence], None], str] = {
    drop_from_the_log: "is in the log of assessment 0 times",
    store_twice: "is in the log of assessment 2 times",
    store_what_was_rejected: "was CodeTaken and is in the log of registry 1 times",
    swap_two_of_a_cell: "stands before",
    record_what_nobody_told: "is in the log of registry and nobody told it",
    let_in_what_nobody_told: "arrived and nobody told it",
    answer_what_nobody_told: "was answered and nobody told it",
    park_what_nobody_told: "is parked at registry and nobody told it",
    never_answer: "came to nothing, not to accepted",
    accept_twice: "was accepted 2 times",
    reject_what_was_accepted: "was rejected after it was accepted",
    reject_for_another_reason: "came to NotYours, not to CodeTaken",
    forget_a_rejection: "parked for None",
    settle_otherwise: "the receipts say accepted",
    lose_from_the_outbox: "told and not in the outbox",
    tell_by_itself: "in the outbox and never told",
    change_what_was_told: "says otherwise than what was told",
    skip_a_number: "is not numbered from 1 to 2",
    miss_a_number: "'missing': [[2, 2]]",
    count_another_stream: "counted by assessment and not ours",
    find_a_month_different: "finds 2024-11 ['different'], not complete",
    sign_something_else: "says of assessment what is not so",
}


def test_of_a_sound_province_it_finds_nothing_wrong():
    assert [] == problems(sound())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damage_is_found(damage: Callable[[Evidence], None]):
    found = sound()
    damage(found)

    assert any(DAMAGES[damage] in problem for problem in problems(found)), problems(found)


def test_the_checker_shares_no_code_with_the_system():
    foreign = set()
    for path in CHECKER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            foreign |= {name for name in names if not name.startswith("tests.districts.checker")}

    assert {"psycopg", "nats"} >= {name.split(".")[0] for name in foreign} - sys.stdlib_module_names

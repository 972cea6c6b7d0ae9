"""What every view must show: the ledger folded from zero, one event at a time, in plain dictionaries.

Written from the README's tables and the contracts' field names, not from the views; where a view
answers with SQL, this counts.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.chaos.checker.calls import CALLS, calls
from tests.chaos.checker.concerns import concerns
from tests.chaos.checker.counted import counted, running
from tests.chaos.checker.dossier import SELF_ASSESSED, Rows, dossier
from tests.chaos.checker.duties import DUTIES, duties
from tests.chaos.checker.frameworks import adopting, binding, frameworks
from tests.chaos.checker.lineage import WHAT, tree
from tests.chaos.checker.meetings import MEETINGS, meetings
from tests.chaos.checker.movement import MOVEMENT, movement
from tests.chaos.checker.obligations import OBLIGATIONS, obligations
from tests.chaos.checker.roster import TOLD, roster
from tests.chaos.checker.supervision import HOMES, SUPERVISION, homes, supervision, visits


def fold(ledger: Iterable[dict[str, Any]]) -> dict[str, Rows]:
    """Return what each service's views must hold once all of `ledger` is read."""
    messages = list(ledger)
    organizations, places, changes = tree(_told(messages, *WHAT))
    adopted = adopting(said for _, said in _told(messages, "CriteriaFrameworkAdopted"))

    def of(view: str) -> Rows:
        return {f"{view}.organization": organizations, f"{view}.place": places, f"{view}.change": changes}

    return {
        "registry": {
            **of("tree"),
            "officials.term": _terms(messages),
            "closings.closed": _closed(messages),
        },
        "assessment": {
            **of("tree"),
            "officials.term": _terms(messages),
            "restrictions.restricted": _restricted(messages),
            **frameworks(messages),
            "concerns.concern": concerns(messages),
            **meetings(_told(messages, *MEETINGS)),
            **movement(_told(messages, "MovementLaunched", *MOVEMENT)),
            **_roll(messages),
            **supervision(_told(messages, *SUPERVISION)),
            **visits(messages),
            **homes(_told(messages, *HOMES)),
            **duties(_told(messages, *DUTIES)),
            "closings.closed": _closed(messages),
        },
        "classification": {
            **of("tree"),
            "officials.term": _terms(messages),
            **dossier((name_of(message), message) for message in messages),
            "closings.closed": _closed(messages),
            "dossier.adoption": adopted,
        },
        "notification": {
            **of("tree"),
            **calls(_told(messages, *CALLS)),
            "officials.term": _terms(messages),
            "restrictions.restricted": _restricted(messages),
            "inboxes.notice": _notices(messages),
        },
        "reporting": {
            **of("tree"),
            **of("headcount"),
            **of("completeness"),
            **of("classes"),
            **of("structure"),
            **of("roster"),
            **_headcount(messages),
            **roster(_told(messages, *TOLD)),
            **_completeness(messages),
            "completeness.adoption": adopted,
            "classes.class": _classes(messages),
            "classes.target": _targets(messages),
            "structure.selection": _selections(messages),
            "structure.registration": _registrations(messages),
            "officials.term": _terms(messages),
            **of("obligations"),
            **obligations(_told(messages, *OBLIGATIONS)),
        },
    }


def notices_due(ledger: Iterable[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    """Return who must have been told of which class: (organization, period, recipient, role)."""
    messages = list(ledger)
    parents = {one["code"]: one["parent"] for one in tree(_told(messages, *WHAT))[0]}
    due = set()
    for message in _of(messages, "CellClassified"):
        organization, period = message["data"]["organization"], message["data"]["period"]
        due.add((organization, period, organization, "SECRETARY"))
        if parent := parents[organization]:
            due.add((organization, period, parent, "SUPERIOR"))
    return due


def notices_made(ledger: Iterable[dict[str, Any]]) -> Counter[tuple[str, str, str, str]]:
    """Return who was told of which class, and how often."""
    return Counter(
        (said["organization"], said["period"], said["recipient"], said["role"])
        for message in _of(ledger, "NoticeSent")
        if (said := message["data"])["rule"] == "CELL_CLASSIFIED" and said["channel"] == "IN_APP"
    )


def name_of(message: dict[str, Any]) -> str:
    """Return `MeetingHeld` of `assessment.MeetingHeld.v1`."""
    return str(message["type"].split(".")[1])


def _of(messages: Iterable[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [message for message in messages if name_of(message) in names]


def _told(messages: Iterable[dict[str, Any]], *names: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name_of(message), message["data"]) for message in _of(messages, *names)]


def _restricted(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    since: dict[str, str | None] = {}
    for message in _of(messages, "MemberRestricted", "RestrictionLifted"):
        since[message["data"]["member"]] = message["data"].get("restricted_on")
    return [{"member": member, "restricted_on": day} for member, day in since.items() if day]


def _terms(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = []
    for message in _of(messages, "OfficialAppointed", "OfficialRelieved"):
        said = message["data"]
        if name_of(message) == "OfficialAppointed":
            document = said["decision"]
            numbered = {"decision_number": document["number"], "decision_dated": document["date"]}
            named = ("organization", "member", "position", "from_on", "until_on")
            terms.append({name: said[name] for name in named} | numbered | {"relieved_on": None})
            continue
        for term in terms:
            same = all(term[name] == said[name] for name in ("organization", "member", "position"))
            runs = term["from_on"] <= said["relieved_on"] <= (term["until_on"] or "9999")
            if same and runs and said["relieved_on"] < (term["relieved_on"] or "9999"):
                term["relieved_on"] = said["relieved_on"]
    return terms


def _closed(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: cut[name] for name in ("service", "first", "last", "digest")}
        | {"district": said["organization"], "source": said["source"], "period": said["period"]}
        for message in _of(messages, "PeriodClosed")
        if (said := message["data"])
        for cut in said["streams"]
    ]


def _targets(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    newest = {
        (said["organization"], said["measure"], said["year"]): said["percent"]
        for message in _of(messages, "TargetSet")
        if (said := message["data"])
    }
    return [
        {"code": code, "measure": measure, "year": year, "percent": float(percent)}
        for (code, measure, year), percent in newest.items()
    ]


def _notices(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = ("notice", "rule", "organization", "period", "recipient", "role", "holder", "about")
    told = {
        message["data"]["notice"]: {column: message["data"].get(column) for column in columns}
        for message in _of(messages, "NoticeSent")
    }
    return list(told.values())


def _roll(messages: list[dict[str, Any]]) -> Rows:
    admitted, changed = counted(_told(messages, *TOLD))
    both = admitted.copy()
    both.update(changed)
    return {
        "roll.changed": [
            {"code": code, "day": day, "standing": standing, "members": members}
            for (code, day, standing), members in both.items()
        ],
        "roll.transfer": _transfers(messages),
    }


def _transfers(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "member": said["member"],
            "day": said["transferred_on"],
            "origin": said["origin"],
            "code": said["organization"],
        }
        for _, said in _told(messages, "MemberTransferred")
    ]


def _headcount(messages: list[dict[str, Any]]) -> Rows:
    admitted, changed = counted(_told(messages, *TOLD))
    targets = {
        (said["organization"], int(said["year"])): said["target"]
        for message in _of(messages, "AdmissionTargetSet")
        if (said := message["data"])
    }
    return {
        **{
            f"headcount.{table}": [
                {"code": code, "day": day, "standing": standing, "members": members}
                for (code, day, standing), members in rows.items()
            ]
            for table, rows in (("admitted", admitted), ("changed", changed))
        },
        "headcount.running": running(admitted, changed),
        "headcount.transfer": _transfers(messages),
        "headcount.target": [
            {"code": code, "year": year, "target": target} for (code, year), target in targets.items()
        ],
    }


def _completeness(messages: list[dict[str, Any]]) -> Rows:
    months: dict[tuple[str, str], dict[str, Any]] = {}
    for message in _of(messages, *SELF_ASSESSED):
        said = message["data"]
        if len(said["period"]) == len("2024-11"):
            named = said["organization"], f"{said['period']}-01"
            first = months.get(named, {"submitted_on": said["submitted_on"], "stated_on": ""})
            if said["submitted_on"] >= first["stated_on"]:
                stands = {"stated_on": said["submitted_on"], "four_good": said["four_good"]}
                months[named] = {"submitted_on": first["submitted_on"], **stands}
    return {
        "completeness.framework": [binding(said) for _, said in _told(messages, "CriteriaFrameworkIssued")],
        "completeness.assessment": [
            {"code": code, "month": month, **result} for (code, month), result in months.items()
        ],
    }


def _classes(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    decided: dict[tuple[str, str], dict[str, Any]] = {}
    for message in _of(messages, "CellClassified"):
        said = message["data"]
        kept = ("level", "four_good", "decided_by", "decided_on", "evidence", "reasons")
        decided[said["organization"], said["period"]] = {
            **{column: said[column] for column in kept},
            "code": said["organization"],
            "year": said["period"],
            "score": None if said["score"] is None else float(said["score"]),
            "rule_pack": said["rule_pack"]["name"],
            "rule_pack_version": said["rule_pack"]["version"],
            "events": len(said["events"]),
        }
    return list(decided.values())


def _selections(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    selected = {
        (said["organization"], said["role"], said["selected_on"]): said["selected_by"]
        for message in _of(messages, "ModelCellSelected")
        if (said := message["data"])
    }
    return [
        {"code": code, "role": role, "selected_on": day, "selected_by": by}
        for (code, role, day), by in selected.items()
    ]


def _registrations(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"code": said["organization"], "year": said["year"], "registered_on": said["registered_on"]}
        for _, said in _told(messages, "CellRegistered")
    ]

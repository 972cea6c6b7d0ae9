"""What the roster must show: every member's stays, exemptions and releases, from the events told of each."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

TOLD = (
    "MemberAdmitted",
    "MemberRecognized",
    "MemberReleased",
    "MemberTransferred",
    "MemberExempted",
    "MemberReinstated",
    "MembershipEnded",
    "MemberRestricted",
    "RestrictionLifted",
)


def roster(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows by table, from (name, what it says) of each event in the registry's order."""
    lives: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for name, said in told:
        lives[said["member"]].append((name, said))
    rows: dict[str, list[dict[str, Any]]] = {
        f"roster.{table}": [] for table in ("member", "stay", "exemption", "release")
    }
    for member, life in lives.items():
        rows["roster.member"].append({"member": member, **_membership(life)})
        rows["roster.stay"] += _spans(member, life, _stay, ())
        rows["roster.exemption"] += _spans(member, life, _exemption, ("MemberReinstated",))
        rows["roster.release"] += _spans(member, life, _release, ("MemberTransferred", "MembershipEnded"))
    return rows


def _membership(life: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    said = dict(life)
    admitted, over = said["MemberAdmitted"], said.get("MembershipEnded", {})
    restricting = [one for name, one in life if name in ("MemberRestricted", "RestrictionLifted")]
    since = restricting[-1].get("restricted_on") if restricting else None
    recognized = said.get("MemberRecognized", {}).get("full_from")
    return {
        "decided_on": admitted["decision"]["date"],
        "admitted_on": admitted["ceremony_on"],
        "full_from": admitted["ceremony_on"] if admitted["standing"] == "FULL" else recognized,
        "ended_on": over.get("ended_on"),
        "reason": over.get("reason"),
        "restricted_on": since,
    }


def _spans(member: str, life: list[tuple[str, dict[str, Any]]], begun: Any, over: tuple[str, ...]) -> Any:
    spans: list[dict[str, Any]] = []
    for name, said in life:
        span = begun(name, said)
        if (span or name in over) and spans and spans[-1]["until_on"] is None:
            spans[-1]["until_on"] = span["from_on"] if span else said.get("ended_on") or _day(said)
        if span:
            spans.append({"member": member, "until_on": None, **span})
    return spans


def _day(said: dict[str, Any]) -> Any:
    return said.get("transferred_on") or said["reinstated_on"]


def _stay(name: str, said: dict[str, Any]) -> dict[str, Any] | None:
    if name == "MemberAdmitted":
        return {"from_on": said["ceremony_on"], "code": said["organization"], "home": None}
    if name == "MemberTransferred":
        away = (said["kind"], said["reason"]) == ("TEMPORARY", "TRANSFER")
        home = said["origin"] if away else None
        return {"from_on": said["transferred_on"], "code": said["organization"], "home": home}
    return None


def _exemption(name: str, said: dict[str, Any]) -> dict[str, Any] | None:
    return {"from_on": said["exempted_on"]} if name == "MemberExempted" else None


def _release(name: str, said: dict[str, Any]) -> dict[str, Any] | None:
    if name != "MemberReleased":
        return None
    terms = {"destination": said["to"], "kind": said["kind"], "accept_by": said["accept_by"]}
    return {"from_on": said["released_on"], "code": said["organization"], **terms}

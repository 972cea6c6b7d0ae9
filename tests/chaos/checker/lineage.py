"""What the tree must show: every organization looked at on every day on which anything changed."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

WHAT = {
    "OrganizationFounded": "FOUNDED",
    "OrganizationRenamed": "RENAMED",
    "OrganizationMoved": "MOVED",
    "OrganizationMerged": "MERGED",
    "OrganizationDissolved": "DISSOLVED",
    "OrganizationSplit": "SPLIT",
}
"""What becomes of an organization, by the event that tells it."""

Rows = list[dict[str, Any]]


def tree(told: Iterable[tuple[str, dict[str, Any]]]) -> tuple[Rows, Rows, Rows]:
    """Return the rows of `organization`, `place` and `change`, from (name, what it says) of each event."""
    told = list(told)
    changes = [_change(WHAT[name], said) for name, said in told]
    founded = {said["organization"]: said for name, said in told if name == "OrganizationFounded"}
    own: dict[str, Rows] = defaultdict(list)
    for change in changes:
        own[change["code"]].append(change)
    days = sorted({change["day"] for change in changes})
    places = [place for code in founded for place in _places(code, own, days)]
    return [_today(said, places) for said in founded.values()], places, changes


def _change(what: str, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": said["organization"],
        "what": what,
        "day": said["founded_on"] if what == "FOUNDED" else said["effective_on"],
        "name": said.get("name"),
        "parent": said["into"] if what == "MERGED" else said.get("parent"),
        "others": said["into"] if what == "SPLIT" else [],
    }


def _places(code: str, own: dict[str, Rows], days: list[str]) -> Rows:
    """Return where one organization stood, from each day on which that was another place or name."""
    begun = own[code][0]["day"]
    spells: Rows = []
    for day in (day for day in days if day >= begun):
        spell = _on(code, day, own)
        if not spells or spell != {column: spells[-1][column] for column in spell}:
            spells.append({"from_on": day, "until_on": None, **spell})
    for one, later in pairwise(spells):
        one["until_on"] = later["from_on"]
    return spells


def _on(code: str, day: str, own: dict[str, Rows]) -> dict[str, Any]:
    now, path = _said(code, day, own), [code]
    above = now["parent"]
    while above:
        over = _said(above, day, own)
        if over["ended"] != "MERGED":
            path.insert(0, above)
        above = over["parent"]
    parent = path[-2] if len(path) > 1 else now["parent"]
    return {"code": code, "name": now["name"], "parent": parent, "path": path, "stands": not now["ended"]}


def _said(code: str, day: str, own: dict[str, Rows]) -> dict[str, Any]:
    """Return what had been said of one organization alone by the end of `day`."""
    founding, *later = own[code]
    state = {"name": founding["name"], "parent": founding["parent"], "ended": None}
    for change in sorted(later, key=lambda one: str(one["day"])):
        if change["day"] <= day:
            state["name"] = change["name"] or state["name"]
            state["parent"] = change["parent"] or state["parent"]
            state["ended"] = change["what"] if change["what"] in ("MERGED", "DISSOLVED") else state["ended"]
    return state


def _today(said: dict[str, Any], places: Rows) -> dict[str, Any]:
    mine = [place for place in places if place["code"] == said["organization"]]
    kept = {column: said.get(column) for column in ("kind", "sector", "founded_on")}
    now = {column: mine[-1][column] for column in ("code", "name", "parent", "path")}
    return {**now, **kept, "ended_on": next((one["from_on"] for one in mine if not one["stands"]), None)}

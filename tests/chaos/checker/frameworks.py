"""What the view of frameworks must hold: what was issued, and who adopted it on which day."""

from collections.abc import Iterable
from typing import Any

Rows = dict[str, list[dict[str, Any]]]


def binding(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a view that counts what is owed keeps of a framework."""
    amends = said.get("amends") or {"number": None, "date": None}
    return {
        "issuer": said["organization"],
        "number": said["framework"]["number"],
        "issued_on": said["framework"]["date"],
        "effective_on": said["effective_on"],
        "period": said["period"],
        "kinds": said.get("kinds", []),
        "amends_number": amends["number"],
        "amends_on": amends["date"],
        "requires_adoption": said.get("requires_adoption", False),
    }


def adopting(told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what such a view keeps of adoptions: of each organization and framework the earliest."""
    first: dict[tuple[str, ...], str] = {}
    for said in told:
        document = said["framework"]["number"], said["framework"]["date"]
        named = (said["organization"], said["issuer"], *document)
        first[named] = min(first.get(named, "9999"), said["adopted_on"])
    columns = ("code", "issuer", "number", "issued_on", "adopted_on")
    return [dict(zip(columns, (*named, day), strict=True)) for named, day in first.items()]


def frameworks(messages: list[dict[str, Any]]) -> Rows:
    """Return the rows of frameworks and of their adoptions."""
    named = [(str(message["type"].split(".")[1]), message) for message in messages]
    adoptions = {
        (
            *(said["organization"], said["issuer"], said["framework"]["number"]),
            *(said["framework"]["date"], said["adopted_on"]),
        )
        for name, message in named
        if name == "CriteriaFrameworkAdopted" and (said := message["data"])
    }
    return {
        "frameworks.framework": [
            {
                **{column: said[column] for column in ("organization", "period", "effective_on")},
                "sequence": message["sequence"],
                "number": said["framework"]["number"],
                "dated": said["framework"]["date"],
                "kinds": said.get("kinds", []),
                "requires_adoption": said.get("requires_adoption", False),
            }
            for name, message in named
            if name == "CriteriaFrameworkIssued" and (said := message["data"])
        ],
        "frameworks.adoption": [
            dict(zip(("organization", "issuer", "number", "dated", "adopted_on"), one, strict=True))
            for one in adoptions
        ],
    }

"""What a service's problem document says, in words of the reader's language where there are any."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import PRECONDITION_FAILED
from typing import Any

from services.reporting.console.commands.offered import Answer, Command
from services.reporting.console.commands.written import shown_at
from services.reporting.console.texts import Texts

PLAINLY = (
    (r"Field required", "required"),
    (r"String should match pattern|should be a valid .*(url|email)", "pattern"),
    (r"Input should be a valid date|invalid date|Datetimes|date value", "date"),
    (r"valid (integer|number|decimal)|unable to parse", "number"),
    (r"should have at most", "long"),
    (r"(greater|less) than", "range"),
    (r"Input should be '", "choice"),
    (r"not permitted", "unknown"),
)
"""What pydantic says of a value, and the word of `wrong` for it."""

CRYPTIC = ("required", "pattern", "date")
"""Of these, those that nobody should read as they are told, even in English."""

STATUSES = (403, 404, 409, 412, 413, 422, 503)
"""Those for which there is a sentence; any other is a defect of ours."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a form: on top, why it was not recorded; and by its place, of each field.

    `rule` is the rule that refuses, with its source, as the service has it. `changed`: the reader decided by
    what is no longer so.
    """

    said: str = ""
    detail: str = ""
    rule: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    changed: bool = False


def words_of(answer: Answer, shown: Sequence[str], texts: Texts, service: str = "") -> Wrong:
    """Return why `service` did not record a command; `shown` are the places of the form's fields."""
    problem = answer.problem
    at_fields: dict[str, str] = {}
    elsewhere: list[str] = []
    for one in problem.get("errors") or ():
        said, place = _plainly(one, texts), shown_at(str(one.get("field", "")), shown)
        if place is None:
            elsewhere.append(f"{one.get('field')}: {said}")
        else:
            at_fields.setdefault(place, said)
    status = answer.status if answer.status in STATUSES else 500
    detail = "; ".join(elsewhere) if problem.get("errors") else str(problem.get("detail", ""))
    known = texts.refusal(service, str(problem.get("title", ""))) or texts(f"form.{status}")
    if status == PRECONDITION_FAILED:
        return Wrong(known, changed=True)  # which version of what is nothing to a reader
    return Wrong(known, detail, str(problem.get("rule") or ""), at_fields)


def _plainly(error: Mapping[str, Any], texts: Texts) -> str:
    said = str(error.get("problem", ""))
    word = next((word for pattern, word in PLAINLY if re.search(pattern, said)), None)
    if word is None or (texts.language == "en" and word not in CRYPTIC):
        return said
    return texts.of("wrong", word)


FAMILIES: Mapping[str, Sequence[str]] = {
    "": ("yes",),
    "Kind": ("kind", "meeting", "criterion"),
    "Sector": ("sector",),
    "Kinds": ("kind", "sector"),
    "Position": ("position",),
    "TransferKind": ("transfer",),
    "EndReason": ("ended",),
    "ExemptionGround": ("ground",),
    "Standing": ("standing",),
    "Measure": ("target",),
    "Purpose": ("purpose",),
    "RequestKind": ("request",),
    "TransferReason": ("came",),
    "Legal Tag": ("tag",),
    "Op": ("op",),
    "Period": ("period",),
    "Quality": ("quality",),
    "Reasons": ("concern_reason",),
    "Role": ("model",),
    "Side": ("side",),
    "State": ("task",),
    "Duty": ("duty",),
}
"""Of an enumeration in a service's OpenAPI, the families its words are of here: two services may call
different things by one name."""


def lead(texts: Texts, command: Command) -> str:
    """Return what a command does; if nobody wrote that down, what the service says, in English."""
    return texts.sentences.get(f"lead.{command.name}") or (
        command.description if texts.language == "en" else ""
    )


def label(texts: Texts, command: str, key: str) -> str:
    """Return what a field of a command is called; of a service newer than this console, its own name."""
    said = texts.sentences
    return said.get(f"field.{command}.{key}") or said.get(f"field.{key}") or key.replace("_", " ")


def hint(texts: Texts, command: str, key: str, description: str) -> str:
    """Return what to write in a field; if nobody wrote that down, what the service says, in English."""
    said = texts.sentences
    known = said.get(f"hint.{command}.{key}") or said.get(f"hint.{key}")
    return known or (description if texts.language == "en" else "")


def choice(texts: Texts, family: str, value: str) -> str:
    """Return the word for one of the choices of a field."""
    families = FAMILIES.get(family, (family.lower(),))
    return next((said for one in families if (said := texts.sentences.get(f"{one}.{value}"))), value)

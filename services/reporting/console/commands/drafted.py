"""What stands in the form of a self-assessment before anybody writes: what is asked, what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from services.chassis.errors import NotFound
from services.reporting.console.commands.offered import CODE, Command
from services.reporting.console.services import Services

SUBMITTED = "assessment.self-assessments"
AGAIN = tuple(f"{SUBMITTED}.{one}" for one in ("corrections", "resubmissions", "restatements"))
"""The commands that answer a cell's criteria; these anew, so they begin with the answers that stand."""


@dataclass(frozen=True)
class Draft:
    """A form filled in beforehand: by place what stands in it, what is `fixed`, and what is not asked there.

    `names` says in the reader's language what a code that is given stands for.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    fixed: Sequence[str] = ()
    aside: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


async def draft_of(
    services: Services, request: Request, command: Command, given: Mapping[str, str], language: str
) -> Draft:
    """Return what is known of a form: nothing, unless it answers the criteria of a cell's period.

    Raises Forbidden, Unauthenticated, RequestValidationError, Away.
    """
    of = {**given, **command.codes}
    cell, period = of.get("organization", ""), of.get("period", "")
    if command.name not in (SUBMITTED, *AGAIN) or not (CODE.fullmatch(cell) and CODE.fullmatch(period)):
        return Draft()
    path = f"self-assessments/{cell}/{period}"
    try:
        asked = await services.told(request, "assessment", f"{path}/draft")
        stands = await services.told(request, "assessment", path) if command.name in AGAIN else {}
    except NotFound:
        return Draft()
    answers = {one["criterion"]: one for one in stands.get("stands", {}).get("results", ())}
    values = {f"framework.{part}": asked["framework"][part] for part in ("number", "date")}
    fixed, aside, names = [*values], set(), {}
    for number, one in enumerate(asked["results"]):
        row, figure = f"results.{number}", one["kind"] != "ACHIEVED"
        values[f"{row}.criterion"] = one["criterion"]
        most = one.get("points_max")
        names[one["criterion"]] = one[f"name_{language}"] + (f" (0–{most})" if most else "")
        fixed.append(f"{row}.criterion")
        aside.add(f"{row}.achieved" if figure else f"{row}.value")
        if one["measured_by"]:
            aside.add(f"{row}.note")
            fixed.append(f"{row}.value")
            values[f"{row}.value"] = _written(one["value"])
        else:
            said = answers.get(one["criterion"], {})
            values |= {f"{row}.{key}": _written(said.get(key)) for key in ("achieved", "value", "note")}
    return Draft({place: said for place, said in values.items() if said}, fixed, frozenset(aside), names)


def _written(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

"""The lists of a subtree as pages: filtered and sorted by links and forms, paged by keyset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.chassis.views.tree import Node
from services.reporting.console.knowing import Knowing
from services.reporting.console.pages import Page
from services.reporting.console.queries import Queries
from services.reporting.lists.listing import Asked
from services.reporting.lists.members import MemberListed, MembersAsked
from services.reporting.lists.obligations import ObligationListed, ObligationsAsked
from services.reporting.lists.organizations import OrganizationListed, OrganizationsAsked
from services.reporting.lists.targets import TargetListed, TargetsAsked
from services.reporting.lists.transfers import TransferListed, TransfersAsked
from services.reporting.views.subtree import CELLS

ROWS = 50

OF_THE_PAGE = {"after", "did", "known_on", "lang", "limit", "names"}
"""Parameters of an address that no list is asked for."""


@dataclass(frozen=True)
class Choice:
    """One filter: its name, the family its values' words are of, the values, and which is chosen.

    Without values it is any text. An `optional` one may be left open.
    """

    name: str
    family: str
    values: Sequence[str]
    chosen: str
    optional: bool


@dataclass(frozen=True)
class Kind:
    """A kind of list: how it is asked for, its rows, its columns, and its filters by family of words."""

    asked: type[Asked]
    row: type[Any]
    columns: Sequence[str]
    filters: Mapping[str, str]

    @property
    def sortable(self) -> Sequence[str]:
        """Return the columns by which it can be sorted."""
        return get_args(self.asked.model_fields["sort"].annotation)

    def choices(self, asked: Asked) -> list[Choice]:
        """Return its filters, each with what can be chosen and what is."""
        return [self._choice(name, family, getattr(asked, name)) for name, family in self.filters.items()]

    def _choice(self, name: str, family: str, chosen: object) -> Choice:
        field = self.asked.model_fields[name]
        word = str(chosen).lower() if isinstance(chosen, bool) else str(chosen or "")
        return Choice(name, family, _values(field.annotation), word, optional=field.default is None)


def _values(annotation: Any) -> list[str]:
    """Return what a field can be, in words; nothing if it is any text."""
    if annotation is bool:
        return ["true", "false"]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        return [value for one in get_args(annotation) if one is not NoneType for value in _values(one)]
    return []


LISTS: Mapping[str, Kind] = {
    "members": Kind(
        MembersAsked,
        MemberListed,
        ("member", "organization_name", "standing", "admitted_on", "full_from", "note"),
        {"standing": "standing", "exempted": "yes", "away": "yes", "released": "yes"},
    ),
    "transfers": Kind(
        TransfersAsked,
        TransferListed,
        ("member", "organization_name", "destination_name", "kind", "released_on", "accept_by", "state"),
        {"state": "waiting", "side": "side", "kind": "transfer"},
    ),
    "targets": Kind(
        TargetsAsked,
        TargetListed,
        ("organization_name", "year", "measure", "target"),
        {"year": "", "measure": "target"},
    ),
    "obligations": Kind(
        ObligationsAsked,
        ObligationListed,
        ("organization_name", "duty", "owed_by", "due_on", "state", "done_on", "because"),
        {"month": "", "duty": "owed", "state": "owed_state", "missing": "yes"},
    ),
    "organizations": Kind(
        OrganizationsAsked,
        OrganizationListed,
        ("name", "kind", "sector", "founded_on", "ended_on"),
        {"name": "", "kind": "kind", "sector": "sector", "state": "stands"},
    ),
}


def wanted(kind: Kind, address: Mapping[str, str], knowing: Knowing) -> Asked:
    """Return what an address asks of a list. Raises RequestValidationError for what does not fit.

    An instant of its own is refused: a page says on which day it knew what it shows. The day it is asked
    of is none after that one.
    """
    given = {name: value for name, value in address.items() if value and name not in OF_THE_PAGE}
    if "known_at" in given:
        problem = {
            "loc": ("query", "known_at"),
            "msg": "is asked of a page as a day (known_on)",
            "type": "known_at",
        }
        raise RequestValidationError([problem | {"input": given["known_at"]}])
    try:
        asked = kind.asked(**given, limit=ROWS, known_at=knowing.at)  # type: ignore[arg-type]
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    on = asked.day(knowing.last)
    return asked.model_copy(update={"as_of": min(on, knowing.last) if knowing.on else on})


async def listed(
    queries: Queries, node: Node, which: str, address: Mapping[str, str], *, knowing: Knowing
) -> Page:
    """Return the page of one of LISTS over the subtree of `node`."""
    kind = LISTS[which]
    asked = wanted(kind, address, knowing)
    on = asked.day(knowing.last)
    beside = "organization_name" if node.kind in CELLS else None  # where they all are
    found = await queries.listed(node.code, on, asked)
    return {
        "node": node,
        "ancestors": await queries.ancestors(node),
        "which": which,
        "columns": [one for one in kind.columns if which != "members" or one != beside],
        "sortable": kind.sortable,
        "choices": kind.choices(asked),
        "wanted": asked,
        "on": on,
        "today": knowing.last,
        "rows": found.items,
        "following": found.next,
        "narrowed": any(address.get(name) for name in kind.filters),
    }

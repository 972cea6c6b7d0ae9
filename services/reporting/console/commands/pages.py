"""A command as a form: shown, filled in, sent as its reader, and shown again with what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from contracts.days import day_of
from services.chassis.clock import Clock
from services.chassis.edge.rights import OF_FIGURES
from services.chassis.views.tree import Node
from services.reporting.console.commands.drafted import Draft, draft_of
from services.reporting.console.commands.fields import Field
from services.reporting.console.commands.offered import CODE, Command, Offered
from services.reporting.console.commands.words import Wrong, choice, hint, label, lead, words_of
from services.reporting.console.commands.written import (
    ERASE,
    Written,
    closed_up,
    places,
    roomy,
    rows_at,
    rows_of,
    taken,
    with_row,
)
from services.reporting.console.queries import Queries
from services.reporting.console.reader import Reader
from services.reporting.console.render import Renderer
from services.reporting.console.services import Away
from services.reporting.console.sign_in import form_of, safe_next
from services.reporting.lists.members import MembersAsked
from services.reporting.views.subtree import CELLS

BYTES_MAX = 262_144
"""The longest form: a split with a thousand members that go."""

NEARBY_MAX = 300
"""Organizations proposed where one is to be named."""

MEMBERS_MAX = 200
"""Members proposed where one is to be named."""

VERSIONED = {
    "renaming": "/organizations/{code}",
    "move": "/organizations/{code}",
    "merger": "/organizations/{code}",
    "split": "/organizations/{code}",
    "dissolution": "/organizations/{code}",
    "answer": "/data-requests/{code}",
    "extension": "/data-requests/{code}",
    "completion": "/data-requests/{code}",
    "refusal": "/data-requests/{code}",
}
"""Where the version is shown of what a command changes, by the last word of its address."""

LISTS = {
    "parent": "nearby",
    "into": "nearby",
    "to": "nearby",
    "decided_by": "nearby",
    "selected_by": "nearby",
    "partner": "nearby",
    "model": "nearby",
    "raised_to": "nearby",
    "superior": "nearby",
    "returned_by": "nearby",
    "accepted_by": "nearby",
    "reopened_by": "nearby",
    "by": "nearby",
    "member": "members",
    "chaired_by": "members",
}
"""Of a field that names something, the list of what is proposed for it."""

PLACES = ("organization", "parent", "superior", "by")
"""What a form is given that names the organization it is about, the nearest first."""

ASIDE = frozenset({"step"})
"""Fields that no form shows: here a concern takes its next step, whatever number that has."""

OF_THE_FORM = ("key", "version", "back", "fixed", "add")
"""What a form carries besides its fields; none of them is a field of a command."""


@dataclass(frozen=True)
class About:
    """What a form is about: an organization, perhaps of a member, and what may be named in it."""

    node: Node | None = None
    member: str | None = None
    nearby: Sequence[Node] = ()
    members: Sequence[str] = ()

    @property
    def address(self) -> str:
        """Return the page that shows it."""
        if self.member:
            return f"/members/{self.member}"
        return f"/organizations/{self.node.code}/record" if self.node else "/"


@dataclass(frozen=True)
class Form:
    """A form as it is shown: what stands in it, what of that is given, and what is wrong with it."""

    values: Written
    key: str
    version: str
    back: str
    fixed: Sequence[str] = ()
    wrong: Wrong = field(default_factory=Wrong)


def add_commands(
    router: APIRouter, renderer: Renderer, queries: Queries, reader: Reader, offered: Offered, clock: Clock
) -> None:
    """Add the forms: `/do/<service>/<path of the command>?<field>=<value that is given>`."""

    async def drafted(request: Request, command: Command, given: Mapping[str, str]) -> Draft:
        language = renderer.language_of(request).language
        return await draft_of(offered.services, request, command, given, language)

    async def shown(
        request: Request, command: Command, form: Form, status: int = 200, draft: Draft | None = None
    ) -> Response:
        draft = draft or await drafted(request, command, form.values)
        caller, about = await _about(request, command, form.values, queries, reader, day_of(clock()))
        form = _with(form, values=roomy(command.fields, form.values))
        texts = renderer.language_of(request)
        page = {
            "caller": caller,
            "command": command,
            "about": about,
            "form": form,
            "lead": lead(texts, command),
            "names": {**{one.code: one.name for one in [*about.nearby, about.node] if one}, **draft.names},
            "aside": ASIDE | draft.aside,
            "lists": LISTS,
            "erase": ERASE,
            "rows_at": rows_at,
            "label": label,
            "hint": hint,
            "choice": choice,
        }
        return renderer.page(request, "form.html", page, status=status)

    @router.get("/do/{service}/{path:path}")
    async def show(request: Request, service: str, path: str) -> Response:
        caller = reader.caller(request)
        command = await offered.command(service, f"/{path}")
        given = {name: said for name, said in request.query_params.items() if name not in ("back", "lang")}
        versioned = VERSIONED.get(path.rpartition("/")[2])
        version = (
            await offered.version(request, service, versioned.format(**command.codes)) if versioned else ""
        )
        today = day_of(clock())
        about = await _about(request, command, given, queries, reader, today)
        draft = await drafted(request, command, given)
        form = Form(
            {**_defaults([*command.asked, *command.fields], today), **draft.values, **given},
            f"{caller.subject}-{uuid4().hex}"[-64:].encode("ascii", "replace").decode().replace(" ", "-"),
            version,
            safe_next(request.query_params.get("back") or about[1].address),
            (*given, *draft.fixed),
        )
        return await shown(request, command, form, draft=draft)

    @router.post("/do/{service}/{path:path}")
    async def send(request: Request, service: str, path: str) -> Response:
        reader.caller(request)
        written = await form_of(request, BYTES_MAX)
        command = await offered.command(service, f"/{path}")
        form = _sent(command, written)
        place = written.get("add", "")
        if more := rows_of(command.fields, place):
            return await shown(request, command, _with(form, values=with_row(more, form.values, place)))
        try:
            answer = await offered.send(
                request,
                command,
                taken(command.fields, form.values) if command.fields else None,
                asked=taken(command.asked, form.values),
                key=form.key,
                version=form.version,
            )
        except Away:
            texts = renderer.language_of(request)
            return await shown(request, command, _with(form, wrong=Wrong(texts("form.away"))), 503)
        if answer.done:
            return RedirectResponse(_onward(form.back, command, answer.position), 303)
        shown_places = [*places(command.fields, form.values), *places(command.asked, form.values)]
        wrong = words_of(answer, shown_places, renderer.language_of(request), service)
        return await shown(request, command, _with(form, wrong=wrong), answer.status)


def _sent(command: Command, written: Written) -> Form:
    values = {name: said for name, said in written.items() if name not in OF_THE_FORM}
    return Form(
        closed_up(command.fields, values),
        written.get("key", "") or uuid4().hex,
        written.get("version", ""),
        safe_next(written.get("back", "/")),
        tuple(filter(None, written.get("fixed", "").split(","))),
    )


def _with(form: Form, **changes: Any) -> Form:
    return Form(**{**vars(form), **changes})


def _defaults(fields: Sequence[Field], today: date) -> dict[str, str]:
    """Return what stands in a new form: what the service says, and today where a day has to be named.

    A document's own day is nobody's to guess.
    """
    values: dict[str, str] = {}
    for one in fields:
        if one.kind == "day" and one.required and one.key.endswith("_on"):
            values[one.key] = today.isoformat()
        elif one.key == "year" and one.kind == "text":
            values[one.key] = str(today.year)
        elif one.default and one.kind in ("choice", "truth"):
            values[one.key] = one.default
    return values


def _onward(back: str, command: Command, position: int | None) -> str:
    """Return the page to go on to: it waits until it has read what was recorded, and says so."""
    parts = urlsplit(back)
    asked = [(name, said) for name, said in parse_qsl(parts.query) if name not in ("after", "did")]
    if position is not None:
        asked.append(("after", f"{command.service}:{position}"))
    return f"{parts.path}?{urlencode([*asked, ('did', command.name)])}"


async def _about(
    request: Request,
    command: Command,
    given: Mapping[str, str],
    queries: Queries,
    reader: Reader,
    today: date,
) -> tuple[Any, About]:
    """Return who reads and what the form is about, as far as the reader may see it.

    The service judges who may command what; a form says nothing that its address does not.
    """
    caller = reader.caller(request)
    first, code = command.template.split("/")[1], command.codes.get("code", "")
    member = code if first == "members" and code else command.codes.get("member")
    named = next((said for one in PLACES if (said := command.codes.get(one) or given.get(one))), None)
    place = code if first == "organizations" and code else named
    if place is None and member and (life := await queries.life(member)):
        place = life.organization
    node = await queries.find(place) if place and CODE.fullmatch(place) else None
    if node is None:
        return caller, About(None, member)
    await reader.may(request, *OF_FIGURES, over=[node.code])
    above = await reader.in_reach(request, list(await queries.ancestors(node)))
    return await reader.at(request, node), About(
        node,
        member if first == "members" else None,
        await _nearby(queries, above, today),
        await _members(queries, node, today) if first == "organizations" or node.kind in CELLS else (),
    )


async def _nearby(queries: Queries, above: Sequence[Node], today: date) -> Sequence[Node]:
    """Return what is above an organization, and beneath its highest superior with not too much beneath."""
    found: Sequence[Node] = ()
    for one in reversed(above):
        around = await queries.beneath(one.code, today)
        if len(around) > NEARBY_MAX:
            break
        found = around
    codes = {one.code for one in found}
    return [*(one for one in above if one.code not in codes), *found]


async def _members(queries: Queries, node: Node, today: date) -> Sequence[str]:
    listed = await queries.listed(node.code, today, MembersAsked(limit=MEMBERS_MAX))
    return [one.member for one in listed.items]

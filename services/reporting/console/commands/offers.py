"""Which of the registry's commands a page offers: those that could be meant there, for who may.

What is not offered can still be asked by its address, and what is offered may still be refused: the
service judges, not this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from services.chassis.edge.auth import Caller
from services.chassis.views.officials import Holding
from services.chassis.views.tree import Node
from services.reporting.console.services import Services
from services.reporting.lists.transfers import TransferListed
from services.reporting.views.life import Life
from services.reporting.views.subtree import CELLS

SERVICE = "registry"


@dataclass(frozen=True)
class Offer:
    """A link to a form; `command` is its name, by which the texts know it."""

    command: str
    address: str


def offer(service: str, command: str, path: str, given: Mapping[str, str | None]) -> Offer:
    """Return the link to a command of a service, with what the page knows already."""
    query = urlencode({name: said for name, said in given.items() if said})
    return Offer(f"{service}.{command}", f"/do/{service}{path}" + (f"?{query}" if query else ""))


def _offer(command: str, path: str, **given: str | None) -> Offer:
    return offer(SERVICE, command, path, given)


def of_organization(services: Services, caller: Caller, node: Node) -> Sequence[Offer]:
    """Return what can be asked to become of an organization, as it is today."""
    if SERVICE not in services or node.ended_on:
        return ()
    own, code = f"/organizations/{node.code}", node.code
    offers = []
    cell = node.kind in CELLS
    if not caller.roles.isdisjoint(("officer", "secretary")) and cell:
        offers.append(_offer("members", "/members", organization=code, back=f"{own}/members"))
    if "officer" in caller.roles:
        if not cell:
            offers.append(_offer("organizations", "/organizations", parent=code, back=f"{own}/record"))
        offers += [
            _offer("organizations.officials", f"{own}/officials"),
            _offer("admission-targets", "/admission-targets", organization=code),
            _offer("targets", "/targets", organization=code),
            _offer("organizations.renaming", f"{own}/renaming"),
            _offer("organizations.move", f"{own}/move"),
            _offer("organizations.merger", f"{own}/merger"),
            _offer("organizations.split", f"{own}/split"),
            _offer("organizations.dissolution", f"{own}/dissolution"),
        ]
    return offers


def of_official(services: Services, caller: Caller, one: Holding) -> Offer | None:
    """Return the link by which an official is relieved, for who may."""
    if SERVICE not in services or "officer" not in caller.roles:
        return None
    path = f"/organizations/{one.organization}/officials/{one.member}/relief"
    return _offer("organizations.officials.relief", path, position=one.position)


def acceptance(services: Services, caller: Caller, one: TransferListed) -> Offer | None:
    """Return the link by which a member who waits is taken in, for who may in the cell they go to."""
    if SERVICE not in services or caller.roles.isdisjoint(("officer", "secretary")):
        return None
    return _offer(
        "members.transfer",
        f"/members/{one.member}/transfer",
        organization=one.destination,
        origin=one.organization,
        kind=one.kind,
        back=f"/organizations/{one.destination}/members",
    )


def of_member(services: Services, caller: Caller, life: Life, node: Node, today: date) -> Sequence[Offer]:
    """Return what can be asked to become of a member; `node` is where they are, or last were."""
    if SERVICE not in services or caller.roles.isdisjoint(("officer", "secretary")):
        return ()
    own, here = f"/members/{life.member}", node.code
    correction = _offer("members.person.correction", f"{own}/person/correction")
    asks = [
        _offer("members.person.requests", f"{own}/person/requests"),
        _offer("members.person.delete", f"{own}/person"),
    ]
    kept = [correction, *(asks if "officer" in caller.roles else ())]
    if life.ended_on and life.ended_on <= today:
        return kept
    full = life.full_from is not None and life.full_from <= today
    waiting = next((one for one in life.releases if one.until_on is None), None)
    exempted = any(one.until_on is None for one in life.exemptions)
    home = next((one.home for one in life.stays if one.until_on is None and one.home), None)
    offers = []
    if waiting:
        kind, to = waiting.kind, waiting.destination
        offers.append(_offer("members.transfer", f"{own}/transfer", organization=to, origin=here, kind=kind))
    if home:
        offers.append(
            _offer("members.transfer", f"{own}/transfer", organization=home, origin=here, reason="RETURN")
        )
    if not full:
        offers.append(_offer("members.recognition", f"{own}/recognition", organization=here))
        offers.append(_offer("members.votes", f"{own}/votes", organization=here))
    offers.append(_offer("members.release", f"{own}/release", organization=here))
    which = ("members.reinstatement", "reinstatement") if exempted else ("members.exemption", "exemption")
    offers.append(_offer(which[0], f"{own}/{which[1]}", organization=here))
    offers.append(_offer("members.end", f"{own}/end", organization=here))
    return [*offers, *kept]

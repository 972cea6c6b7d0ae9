"""Criteria frameworks over HTTP: issued, adopted, which are in force where, and how far they are adopted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, DocumentNumber
from services.assessment.application import (
    AdoptCriteriaFramework,
    Assessment,
    IssueCriteriaFramework,
    Pack,
)
from services.assessment.views import Frameworks
from services.assessment.views.coverage import Adopted, Link, adopted, chain
from services.chassis.edge.after import After, Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.chassis.views.tree import Node

Of = Annotated[Code, Query()]
On = Annotated[DayOn | None, Query(description="a day; today unless stated")]
Number = Annotated[DocumentNumber, Query(description="the framework's number")]
Dated = Annotated[DayOn, Query(description="the framework's date")]


def add_routes(
    router: APIRouter, assessment: Assessment, frameworks: Frameworks, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of criteria, and about them."""
    _add_commands(router, assessment, rights, auth)
    _add_queries(router, assessment, frameworks, rights, auth)
    _add_packs(router, assessment, rights, auth)


def _add_commands(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/frameworks", status_code=201)
    async def issue(command: IssueCriteriaFramework, asked: request) -> Receipt:
        """Issue a criteria framework, from goods stated or from a pack."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.frameworks.issue(command, asked.why)

    @router.post("/adoptions", status_code=201)
    async def adopt(command: AdoptCriteriaFramework, asked: request) -> Receipt:
        """Take over a framework from above, with criteria of one's own, without some optional ones."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.frameworks.adopt(command, asked.why)


def _add_queries(
    router: APIRouter, assessment: Assessment, frameworks: Frameworks, rights: Rights, auth: Auth
) -> None:
    caller = Annotated[Caller, Depends(auth.caller)]

    async def placed(organization: str, by: Caller, after: After) -> Node:
        await after.wait(rights.tree, frameworks)
        await rights.require(by, *READERS, over=[organization], after=after)
        if node := await rights.tree.find(organization):
            return node
        raise NotFound(f"no organization {organization}")

    async def named(node: Node, number: str, dated: DayOn) -> CriteriaFrameworkIssuedV2:
        if found := await frameworks.find(node.path, Document(number=number, date=dated)):
            return found
        raise NotFound(f"neither {node.code} nor a committee above it issued {number} of {dated}")

    @router.get("/frameworks")
    async def in_force(
        organization: Of, by: caller, after: Reading, on: On = None
    ) -> list[CriteriaFrameworkIssuedV2]:
        """List the frameworks in force for an organization, its own and those from above, nearest first.

        A cell is shown those for its kind or sector, a committee all.
        """
        node = await placed(organization, by, after)
        return await frameworks.in_force(node, on or assessment.cells.today())

    @router.get("/frameworks/coverage")
    async def covered(
        organization: Of, number: Number, date: Dated, by: caller, after: Reading, on: On = None
    ) -> Adopted:
        """Count the cells beneath an organization that adopted a framework, of those that it is for."""
        node = await placed(organization, by, after)
        framework, day = await named(node, number, date), on or assessment.cells.today()
        beneath = await rights.tree.beneath_on(organization, day)
        return adopted(framework, organization, day, beneath, await frameworks.adopters(framework, day))

    @router.get("/frameworks/chain")
    async def documents(
        organization: Of, number: Number, date: Dated, by: caller, after: Reading, on: On = None
    ) -> list[Link]:
        """List the documents from the first that a framework carries out to an organization's own plan."""
        node = await placed(organization, by, after)
        framework, day = await named(node, number, date), on or assessment.cells.today()
        return chain(framework, await frameworks.adoptions(node.path, day))

    @router.get("/adoptions")
    async def adoptions(
        organization: Of, by: caller, after: Reading, on: On = None
    ) -> list[CriteriaFrameworkAdopted]:
        """List what an organization and the committees above it adopted, nearest first, each as it counts."""
        node = await placed(organization, by, after)
        return await frameworks.adoptions(node.path, on or assessment.cells.today())


def _add_packs(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/packs")
    async def packs(by: caller) -> list[Pack]:
        """List the packs of criteria that a framework may be issued from."""
        await rights.require(by, *READERS)
        return list(assessment.frameworks.packs.values())

    @router.post("/packs/check")
    async def check(pack: Pack, by: caller) -> dict[str, str]:
        """Check a pack before it is issued: what is wrong is told row by row. Nothing is stored."""
        await rights.require(by, *READERS)
        pack.require_sound()
        return {"pack": pack.id}

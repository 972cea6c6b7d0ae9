"""Criteria frameworks over HTTP: issued, and which are in force where."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.assessment import CriteriaFrameworkIssued
from contracts.message import Code, DayOn
from services.assessment.application import Assessment, IssueCriteriaFramework, Pack
from services.assessment.views import Frameworks
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt


def add_routes(
    router: APIRouter, assessment: Assessment, frameworks: Frameworks, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of criteria, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/frameworks", status_code=201)
    async def issue(command: IssueCriteriaFramework, asked: request) -> Receipt:
        """Issue a criteria framework, from goods stated or from a pack."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.frameworks.issue(command, asked.why)

    @router.get("/frameworks")
    async def in_force(
        organization: Annotated[Code, Query()],
        by: caller,
        after: Reading,
        on: Annotated[DayOn | None, Query(description="a day; today unless stated")] = None,
    ) -> list[CriteriaFrameworkIssued]:
        """List the frameworks in force for an organization, its own and those from above, nearest first."""
        await after.wait(frameworks)
        await rights.require(by, *READERS, over=[organization], after=after)
        node = await rights.tree.find(organization)
        if node is None:
            raise NotFound(f"no organization {organization}")
        return await frameworks.in_force(node.path, on or assessment.cells.today())

    @router.get("/packs")
    async def packs(by: caller) -> list[Pack]:
        """List the packs of criteria that a framework may be issued from."""
        await rights.require(by, *READERS)
        return list(assessment.frameworks.packs.values())

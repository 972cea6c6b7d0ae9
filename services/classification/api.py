"""Classification over HTTP: body -> command -> use case -> receipt; dossiers and decisions by year."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.examples import exemplify, story
from services.chassis.edge.http import Asked, Asking, paths_of
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.classification.application import Classifications, DecideClassification
from services.classification.application import Year as YearNumber
from services.classification.rules import Pack
from services.classification.views import Dossier, Dossiers


class RulePackShown(BaseModel):
    """Which rules a decision followed."""

    name: str
    version: str


class DecisionShown(BaseModel):
    """A decision with its reasons and the ids of the events it rests on; an earlier one may have no score."""

    organization: str
    year: int
    level: str
    four_good: bool
    score: Decimal | None
    decided_by: str
    decided_on: date
    rule_pack: RulePackShown
    reasons: list[str]
    events: list[str]
    evidence: str


Organization = Annotated[Code, Path()]
Year = Annotated[YearNumber, Path()]


def routes(classifications: Classifications, dossiers: Dossiers, rights: Rights, auth: Auth) -> APIRouter:
    """Return the routes: each needs a role, and rights over the organization it is about."""
    router = paths_of("classification")
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/decisions", status_code=201)
    async def decide(command: DecideClassification, asked: request) -> Receipt:
        """Classify a year by its rule pack. With `after=<receipt>` the dossier has read that far first."""
        await asked.require(rights, "officer", over=[command.decided_by])
        await asked.after.wait(dossiers)
        return await classifications.decide_classification(command, asked.why)

    @router.get("/decisions/{organization}/{year}")
    async def decision(organization: Organization, year: Year, by: caller) -> DecisionShown:
        """Show a decision, why it was made, and what it rests on."""
        await rights.require(by, *READERS, over=[organization])
        made = await classifications.decision(organization, year)
        return DecisionShown(
            organization=made.organization,
            year=made.year,
            level=made.level,
            four_good=made.four_good,
            score=made.score,
            decided_by=made.decided_by,
            decided_on=date.fromisoformat(made.decided_on),
            rule_pack=RulePackShown(name=made.pack, version=made.pack_version),
            reasons=made.reasons,
            events=made.events,
            evidence=made.evidence,
        )

    @router.get("/dossiers/{organization}/{year}")
    async def dossier(organization: Organization, year: Year, by: caller, after: Reading) -> Dossier:
        """Show what is known of a year, and each event a decision made today would rest on."""
        await after.wait(dossiers)
        await rights.require(by, *READERS, over=[organization], after=after)
        node = await rights.tree.find(organization)
        if node is None:
            raise NotFound(f"no organization {organization}")
        return await dossiers.of(node, year, classifications.present_day())

    @router.get("/packs")
    async def packs(by: caller) -> list[Pack]:
        """List the rule packs that a decision may follow, with every rule's source and legal tag."""
        return sorted(classifications.packs.values(), key=lambda pack: pack.name)

    exemplify(router, story(__file__))
    return router

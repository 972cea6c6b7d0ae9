"""Classification's use cases: one command, one method, one transaction."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Annotated, Protocol

from pydantic import Field

from contracts.days import day_of
from contracts.message import Code, DayOn
from contracts.vocabulary import Score
from services.chassis.errors import AlreadyDone, Conflict, Refused, UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store
from services.chassis.stated import Command
from services.chassis.views.tree import Node, Tree
from services.classification.domain import AlreadyDecided, Case, Classification, Decider, Earlier
from services.classification.rules import Level, OwnRecord, Pack, Report, evaluate

Year = Annotated[int, Field(ge=1930, le=2100)]


class UnknownPack(Refused):
    """A decision names the rules it follows, and only rules kept here as a pack can be applied."""


class DecideClassification(Report):
    """Ask for the class of a year, as a superior has reported it. `decided_on` is today unless stated."""

    organization: Code
    year: Year
    decided_by: Code
    decided_on: DayOn | None = None
    rule_pack: str = Field(default="366-QĐ/TW", max_length=64)


class ImportDecision(Command):
    """Ask to take over a decision made elsewhere, as it was published."""

    organization: Code
    year: Year
    level: Level
    four_good: bool
    score: Score | None
    decided_by: Code
    decided_on: DayOn
    pack: str
    pack_version: str
    reasons: list[str]
    events: list[str]
    evidence: str


class Records(Protocol):
    """What is known of an organization's year. The dossiers are a view, and views come after use cases."""

    async def record(self, organization: Node, year: int, on: date) -> tuple[OwnRecord, list[str]]:
        """Return how it assessed itself in the months over before `on`, and the events of its dossier."""
        ...


class Classifications:
    """Deciding classes here, and taking over those decided elsewhere."""

    def __init__(self, store: Store, tree: Tree, records: Records, packs: Mapping[str, Pack]) -> None:
        self.store = store
        self.tree = tree
        self.records = records
        self.packs = packs

    async def decide_classification(self, command: DecideClassification, origin: Origin) -> Receipt:
        """Classify a year by its rule pack, resting on what the dossier has read.

        Raises UnknownPack, UnknownOrganization, ScoreOutOfScale, NotSuperior, DecidedInFuture,
        YearNotOver, PackNotInForce, DossierTooLarge, AlreadyDecided.
        """
        pack = self.pack(command.rule_pack)
        organization = await self._known(command.organization)
        by = Decider(command.decided_by, command.decided_on or self.present_day())
        record, events = await self.records.record(organization, command.year, by.on)
        classification = Classification.decide(
            self._case(organization, command.year),
            evaluate(pack, command, record),
            by=by,
            pack=pack.for_year(command.year),
            events=events,
            report=command.model_dump(mode="json", include=set(Report.model_fields)),
            at=self.store.clock(),
        )
        return await self._record(classification, origin)

    async def import_decision(self, command: ImportDecision, origin: Origin) -> Receipt:
        """Take over a decision made elsewhere.

        Raises UnknownOrganization, NotSuperior, DecidedInFuture, YearNotOver, EvidenceMismatch,
        AlreadyDecided.
        """
        organization = await self._known(command.organization)
        classification = Classification.import_decision(
            self._case(organization, command.year),
            Earlier(
                command.level,
                command.four_good,
                command.score,
                command.reasons,
                command.events,
                command.evidence,
            ),
            by=Decider(command.decided_by, command.decided_on),
            pack=command.pack,
            pack_version=command.pack_version,
            at=self.store.clock(),
        )
        return await self._record(classification, origin)

    async def decision(self, organization: str, year: int) -> Classification:
        """Return the decision about a year. Raises NotFound."""
        return await self.store.find(Classification, Classification.id_for(organization, year))

    def pack(self, name: str) -> Pack:
        """Return a rule pack by its document's number. Raises UnknownPack."""
        if name not in self.packs:
            raise UnknownPack(f"{name}; there are {', '.join(sorted(self.packs))}")
        return self.packs[name]

    def present_day(self) -> date:
        """Return which day it is in the province."""
        return day_of(self.store.clock())

    async def _known(self, code: str) -> Node:
        organization = await self.tree.find(code)
        if organization is None:
            raise UnknownOrganization(f"no organization {code} is known here")
        return organization

    def _case(self, organization: Node, year: int) -> Case:
        return Case(organization.code, year, organization.path[:-1], self.present_day())

    async def _record(self, classification: Classification, origin: Origin) -> Receipt:
        try:
            return await self.store.record(classification, origin=origin)
        except AlreadyDone:
            raise
        except Conflict as error:
            raise AlreadyDecided(f"{classification.organization} {classification.year}") from error


def read_packs() -> dict[str, Pack]:
    """Return the rule packs that come with the service, by their document's number."""
    folder = files("services.classification") / "packs"
    packs = [
        Pack.model_validate_json(file.read_bytes())
        for file in folder.iterdir()
        if file.name.endswith(".json")
    ]
    return {pack.name: pack for pack in packs}

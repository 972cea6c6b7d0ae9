"""Targets of a year, of admissions and in percent: set, and set anew."""

from typing import Annotated

from pydantic import Field, Strict

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Percent, Year
from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.stated import Command
from services.registry.application.command import decision_in
from services.registry.application.organization import Organizations
from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.organization import Organization
from services.registry.domain.target import Measure, Target


class SetAdmissionTarget(Command):
    """Set, or set anew, how many members an organization's subtree should admit in a year."""

    organization: Code
    year: Year
    target: Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
    decision: Document | None = None
    set_on: DayOn


class SetTarget(Command):
    """Set, or set anew, which share of an organization's subtree should reach `measure` in a year."""

    organization: Code
    year: Year
    measure: Measure
    percent: Percent
    decision: Document | None = None
    set_on: DayOn


class Targets:
    """The use cases of targets."""

    def __init__(self, store: Store, organizations: Organizations) -> None:
        self.store = store
        self.organizations = organizations

    @retried
    async def set_admissions(self, command: SetAdmissionTarget, origin: Origin) -> Receipt:
        """Set how many to admit, or set it anew.

        Raises UnknownOrganization, OrganizationEnded, DateInFuture, TargetBeforeFounding, TargetUnchanged,
        TargetOvertaken.
        """
        organization = await self._standing(command.organization)
        id = AdmissionTarget.id_for(command.organization, command.year)
        target = await self.store.look_up(AdmissionTarget, id)
        decision, day, at = decision_in(command.decision), command.set_on, self.store.clock()
        if target:
            target.reset(target=command.target, decision=decision, set_on=day, at=at)
        else:
            target = AdmissionTarget.set(
                organization, command.year, target=command.target, decision=decision, set_on=day, at=at
            )
        return await self.store.record(target, origin=origin, resting_on=[organization], shown=organization)

    @retried
    async def set_share(self, command: SetTarget, origin: Origin) -> Receipt:
        """Set a share, or set it anew.

        Raises UnknownOrganization, OrganizationEnded, DateInFuture, TargetBeforeFounding, TargetUnchanged,
        TargetOvertaken.
        """
        organization = await self._standing(command.organization)
        measure, year, percent = command.measure, command.year, command.percent
        target = await self.store.look_up(Target, Target.id_for(command.organization, measure, year))
        decision, day, at = decision_in(command.decision), command.set_on, self.store.clock()
        if target:
            target.reset(percent=percent, decision=decision, set_on=day, at=at)
        else:
            target = Target.set(
                organization, year, measure, percent=percent, decision=decision, set_on=day, at=at
            )
        return await self.store.record(target, origin=origin, resting_on=[organization], shown=organization)

    async def _standing(self, code: str) -> Organization:
        """Return an organization that may have targets. Raises UnknownOrganization, OrganizationEnded."""
        organization = await self.organizations.find(code, UnknownOrganization)
        organization.still_stands()
        return organization

"""Targets in percent: set, and set anew."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Percent, Year
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.registry.application.command import Command, decision_in
from services.registry.application.organization import Organizations
from services.registry.domain.admission_target import UnknownOrganization
from services.registry.domain.target import Measure, Target


class SetTarget(Command):
    """Set, or set anew, which share of an organization's subtree should reach `measure` in a year."""

    organization: Code
    year: Year
    measure: Measure
    percent: Percent
    decision: Document | None = None
    set_on: DayOn


class Targets:
    """The use cases of targets in percent."""

    def __init__(self, store: Store, organizations: Organizations) -> None:
        self.store = store
        self.organizations = organizations

    @retried
    async def set(self, command: SetTarget, origin: Origin) -> Receipt:
        """Set a target, or set it anew.

        Raises UnknownOrganization, DateInFuture, TargetBeforeFounding, TargetUnchanged, TargetOvertaken.
        """
        organization = await self.organizations.known(command.organization, UnknownOrganization)
        known = Target.id_for(command.organization, command.measure, command.year)
        target = await self.store.look_up(Target, known)
        decision, at = decision_in(command.decision), self.store.clock()
        if target is None:
            target = Target.set(
                organization,
                command.year,
                command.measure,
                percent=command.percent,
                decision=decision,
                set_on=command.set_on,
                at=at,
            )
        else:
            target.reset(percent=command.percent, decision=decision, set_on=command.set_on, at=at)
        return await self.store.record(target, origin=origin)

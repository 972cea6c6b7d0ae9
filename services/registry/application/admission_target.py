"""Admission targets: set, and set anew."""

from typing import Annotated

from pydantic import Field, Strict

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Year
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.registry.application.command import Command, decision_in
from services.registry.application.organization import Organizations
from services.registry.domain.admission_target import AdmissionTarget, UnknownOrganization


class SetAdmissionTarget(Command):
    """Set, or set anew, how many members an organization's subtree should admit in a year."""

    organization: Code
    year: Year
    target: Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
    decision: Document | None = None
    set_on: DayOn


class AdmissionTargets:
    """The use cases of admission targets."""

    def __init__(self, store: Store, organizations: Organizations) -> None:
        self.store = store
        self.organizations = organizations

    @retried
    async def set(self, command: SetAdmissionTarget, origin: Origin) -> Receipt:
        """Set a target, or set it anew.

        Raises UnknownOrganization, DateInFuture, TargetUnchanged, TargetOvertaken.
        """
        organization = await self.organizations.known(command.organization, UnknownOrganization)
        known = AdmissionTarget.id_for(command.organization, command.year)
        target = await self.store.look_up(AdmissionTarget, known)
        decision, at = decision_in(command.decision), self.store.clock()
        if target is None:
            target = AdmissionTarget.set(
                organization,
                command.year,
                target=command.target,
                decision=decision,
                set_on=command.set_on,
                at=at,
            )
        else:
            target.reset(target=command.target, decision=decision, set_on=command.set_on, at=at)
        return await self.store.record(target, origin=origin)

"""Adoptions: who took over a framework from above, with which criteria of their own, and without which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from services.assessment.domain.criteria import Good
from services.assessment.domain.form import Adopting, Form, NotForItsKind, UnknownCriterion
from services.assessment.domain.framework import CriteriaFramework
from services.assessment.domain.organization import CELLS, Organization
from services.assessment.domain.soundness import WeightsDoNotAddUp, require_sound
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class OwnFramework(Refused):
    """What is adopted comes from above: an organization's own criteria it issues (05-HD/BTCTU, S000)."""


class AdoptedBeforeIssued(Refused):
    """A framework is adopted on the day of its document or later, and by a plan of that day or before."""


class AlreadyAdopted(Refused):
    """A framework is adopted once on one day; a later adoption replaces it from its day on (house rule)."""


class MandatoryDropped(Refused):
    """S000: a cell fits the framework to its tasks; only what is optional in it may be left out."""


class TooMuchAsked(Refused):
    """A form has at most 12 goods and 300 criteria: what one self-assessment can answer (house rule)."""


GOODS_MAX = 12
CRITERIA_MAX = 300


class Adoption(Aggregate):
    """One organization's adoptions of one framework."""

    TOPIC = "assessment.Adoption"

    # -- State: all that was told, in order of arrival
    organization: str
    told: tuple[Adopting, ...] = ()

    # -- Facts
    class Event(Fact):
        """A fact about one adoption."""

    class Adopted(Adopting, FirstFact):
        TOPIC = "assessment.Adoption.Adopted"

    class Renewed(Adopting, Event):
        TOPIC = "assessment.Adoption.Renewed"

    def by(self, day: date) -> Adopting | None:
        """Return the adoption that counts at the end of `day`: the latest by its own day, if there is one."""
        known = [one for one in self.told if one.adopted_on <= day.isoformat()]
        return max(known, key=lambda one: one.adopted_on, default=None)

    # -- Decisions
    @staticmethod
    def id_for(organization: str, framework_id: str) -> str:
        """Return `adoption-<organization>-<framework>`."""
        return f"adoption-{organization}-{framework_id.removeprefix('framework-')}"

    @classmethod
    def adopt(
        cls,
        organization: Organization,
        above: Form,
        earlier: Adoption | None,
        *,
        goods: Sequence[Good] = (),
        dropped: Sequence[str] = (),
        plan: tuple[str, date] | None = None,
        adopted_on: date,
        at: datetime,
    ) -> Adoption:
        """Take over the form that is asked from `above`: add `goods`, leave out what is `dropped`.

        Raises OwnFramework, NotForItsKind, InTheFuture, BeforeFounding, OrganizationEnded,
        AdoptedBeforeIssued, AlreadyAdopted, MandatoryDropped, UnknownCriterion, TooMuchAsked and what
        `require_sound` raises.
        """
        framework = above.framework
        _require_from_above(organization, framework)
        organization.require_past(adopted_on, at=at)
        _require_after(framework, adopted_on, plan)
        if earlier and any(one.adopted_on == adopted_on.isoformat() for one in earlier.told):
            raise AlreadyAdopted(f"{organization.code} adopted {framework.number} on {adopted_on}")
        _require_droppable(above, dropped)
        _require_addable(above, goods)
        said = {
            "organization": organization.code,
            "issuer": framework.organization,
            "number": framework.number,
            "dated": framework.dated,
            "adopted_on": adopted_on.isoformat(),
            "goods": [good.stored() for good in goods],
            "dropped": list(dropped),
            "plan": {"number": plan[0], "dated": plan[1].isoformat()} if plan else None,
        }
        if earlier is None:
            id = cls.id_for(organization.code, framework.id)
            return cls._create(cls.Adopted, id=id, **said, timestamp=at)
        earlier.trigger_event(cls.Renewed, **said, timestamp=at)
        return earlier


def _require_from_above(organization: Organization, framework: CriteriaFramework) -> None:
    if framework.organization == organization.code:
        raise OwnFramework(f"{framework.number} of {framework.dated}")
    if organization.kind in CELLS and not organization.is_of(framework.kinds):
        raise NotForItsKind(f"{framework.number} is for {', '.join(framework.kinds)}")


def _require_after(framework: CriteriaFramework, adopted_on: date, plan: tuple[str, date] | None) -> None:
    if adopted_on.isoformat() < framework.dated:
        raise AdoptedBeforeIssued(f"{framework.number} is of {framework.dated}, after {adopted_on}")
    if plan and plan[1] > adopted_on:
        raise AdoptedBeforeIssued(f"{plan[0]} is of {plan[1]}, after {adopted_on}")


def _require_droppable(above: Form, dropped: Sequence[str]) -> None:
    optional = {c.criterion: not c.mandatory for good in above.goods for c in good.criteria}
    if unknown := [code for code in dropped if code not in optional]:
        raise UnknownCriterion(f"{', '.join(unknown)}: not in {above.framework.number}")
    if mandatory := [code for code in dropped if not optional[code]]:
        raise MandatoryDropped(", ".join(mandatory))


def _require_addable(above: Form, goods: Sequence[Good]) -> None:
    known = [*above.framework.asks, *(Good.of(good) for one in above.adopted for good in one.goods)]
    added = [criterion for good in goods for criterion in good.criteria]
    if scored := [c.criterion for c in added if c.kind == "SCORED"]:
        raise WeightsDoNotAddUp(f"{', '.join(scored)}: the points are the framework's")
    require_sound(goods, beside=known)
    names = {good.good for good in above.goods} | {good.good for good in goods}
    count = sum(len(good.criteria) for good in above.goods) + len(added)
    if len(names) > GOODS_MAX or count > CRITERIA_MAX:
        raise TooMuchAsked(f"{len(names)} goods, {count} criteria")

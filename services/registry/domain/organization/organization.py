"""An organization: where it may stand in the tree, from its founding to its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import date, datetime

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused
from services.registry.domain.organization.kinds import Kind, Occupants, Sector, may_hold
from services.registry.domain.organization.refusals import (
    AlreadyThere,
    BeforeFounding,
    BeneathItself,
    FoundedBeforeParent,
    KindsDiffer,
    MergedIntoItself,
    NameUnchanged,
    NotEmpty,
    OccupiedLater,
    OrganizationEnded,
    SplitIntoItself,
)
from services.registry.domain.words import Decision, follows, happened, written


class Organization(Aggregate):
    """A committee or a cell, from its founding to its end."""

    TOPIC = "registry.Organization"

    # -- State: only what decisions need

    code: str
    name: str
    kind: str
    parent: str | None  # as last told; it may have been merged into another since
    sector: str | None
    founded_on: str
    changed_on: str | None = None
    ended_on: str | None = None
    merged_into: str | None = None
    left: dict[str, str] = field(default_factory=dict)  # each parent of before, and the last day it lost this

    # -- Facts

    class Event(Fact):
        """A fact about one organization."""

    class Founded(FirstFact):
        TOPIC = "registry.Organization.Founded"
        code: str
        name: str
        kind: str
        parent: str | None
        sector: str | None
        founded_on: str  # an ISO date, as are all days here
        decision_number: str | None
        decision_dated: str | None
        external_id: str | None = None  # foundings before imports have none

    class Renamed(Event):
        TOPIC = "registry.Organization.Renamed"
        code: str
        name: str
        effective_on: str
        decision_number: str
        decision_dated: str

        def apply(self, organization: Organization) -> None:
            """Put the new name in the place of the old."""
            organization.name = self.name
            organization.changed_on = self.effective_on

    class Moved(Event):
        TOPIC = "registry.Organization.Moved"
        code: str
        parent: str
        effective_on: str
        decision_number: str
        decision_dated: str

        def apply(self, organization: Organization) -> None:
            """Put the new parent in the place of the old, and keep until when it stood there."""
            if organization.parent:
                organization.left = {**organization.left, organization.parent: self.effective_on}
            organization.parent = self.parent
            organization.changed_on = self.effective_on

    class Dissolved(Event):
        TOPIC = "registry.Organization.Dissolved"
        code: str
        effective_on: str
        decision_number: str
        decision_dated: str

        def apply(self, organization: Organization) -> None:
            """End it."""
            organization.ended_on = organization.changed_on = self.effective_on

    class Merged(Event):
        TOPIC = "registry.Organization.Merged"
        code: str
        into: str
        effective_on: str
        decision_number: str | None
        decision_dated: str | None

        def apply(self, organization: Organization) -> None:
            """End it, and keep in what: its members and what is beneath it belong there."""
            organization.ended_on = organization.changed_on = self.effective_on
            organization.merged_into = self.into

    class Split(Event):
        TOPIC = "registry.Organization.Split"
        code: str
        into: str  # the codes, a space between two
        effective_on: str
        decision_number: str
        decision_dated: str

        def apply(self, organization: Organization) -> None:
            """Keep the day; what it is and where it stands stays."""
            organization.changed_on = self.effective_on

    # -- Decisions

    @staticmethod
    def id_for(code: str) -> str:
        """One code, one id: giving a code twice collides in the store."""
        return f"organization-{code}"

    @classmethod
    def found(
        cls,
        code: str,
        *,
        name: str,
        kind: Kind,
        parent: Organization | None,
        sector: Sector | None,
        founded_on: date,
        decision: Decision | None,
        external_id: str | None = None,
        at: datetime,
    ) -> Organization:
        """Found one under `parent`.

        Raises DateInFuture, OrganizationEnded, ParentCannotHold, FoundedBeforeParent.
        """
        happened("founding", founded_on, at=at)
        _may_stand(code, kind, parent, founded_on)
        return cls._create(
            cls.Founded,
            id=cls.id_for(code),
            code=code,
            name=name,
            kind=kind.value,
            parent=parent.code if parent else None,
            sector=sector.value if sector else None,
            founded_on=founded_on.isoformat(),
            **written(decision),
            external_id=external_id,
            timestamp=at,
        )

    def rename(self, name: str, *, effective_on: date, decision: Decision, at: datetime) -> None:
        """Give it another name. Raises what `_may_change` raises, NameUnchanged."""
        self._may_change("renaming", effective_on, at)
        if name == self.name:
            raise NameUnchanged(f"{self.code} is named {name} already")
        self.trigger_event(self.Renamed, name=name, **self._said(effective_on, decision, at))

    def move(
        self,
        parent: Organization,
        *,
        above: Collection[str],
        effective_on: date,
        decision: Decision,
        at: datetime,
    ) -> None:
        """Move it, and all beneath it, under `parent`, whose own place is beneath those in `above`.

        Raises what `_may_change` raises, AlreadyThere, BeneathItself, ParentCannotHold, FoundedBeforeParent.
        """
        self._may_change("move", effective_on, at)
        if parent.code == self.parent:
            raise AlreadyThere(f"{self.code} stands under {parent.code} already")
        parent.still_stands()
        if self.code == parent.code or self.code in above:
            raise BeneathItself(f"{parent.code} is {self.code} or beneath it")
        _may_stand(self.code, Kind(self.kind), parent, effective_on)
        self.trigger_event(self.Moved, parent=parent.code, **self._said(effective_on, decision, at))

    def dissolve(self, occupants: Occupants, *, effective_on: date, decision: Decision, at: datetime) -> None:
        """End it without a successor. Raises what `_may_change` raises, NotEmpty, OccupiedLater."""
        self._may_change("dissolution", effective_on, at)
        if codes := occupants.codes:
            raise NotEmpty(
                f"{self.code} still holds {len(codes)}: {', '.join(codes[:3])}{', …' * (len(codes) > 3)}"
            )
        if occupants.left_on and effective_on < occupants.left_on:
            raise OccupiedLater(f"{self.code} was left only on {occupants.left_on}")
        self.trigger_event(self.Dissolved, **self._said(effective_on, decision, at))

    def merge(
        self,
        into: Organization,
        *,
        above: Collection[str],
        occupants: Occupants | None,
        effective_on: date,
        decision: Decision | None,
        at: datetime,
    ) -> None:
        """End it in `into`, whose place is beneath those in `above`: what it holds belongs there then.

        `occupants` are asked about where the kinds differ: of its own kind `into` may hold whatever this did.

        Raises what `_may_change` raises, MergedIntoItself, BeneathItself, OrganizationEnded, BeforeFounding,
        KindsDiffer, ParentCannotHold, CannotKeepMembers.
        """
        if into.code == self.code:
            raise MergedIntoItself(self.code)
        self._may_change("merger", effective_on, at)
        into.still_stands()
        if self.code in above:
            raise BeneathItself(f"{into.code} is beneath {self.code}")
        into.exists_on(effective_on)
        if into.kind != self.kind:
            if decision is None:
                raise KindsDiffer(
                    f"{self.code} is a {self.kind}, {into.code} a {into.kind}: name the decision"
                )
            (occupants or Occupants()).may_go_to(into.code, Kind(into.kind))
        self.trigger_event(self.Merged, into=into.code, **self._said(effective_on, decision, at))

    def split(
        self, into: Sequence[Organization], *, effective_on: date, decision: Decision, at: datetime
    ) -> None:
        """Give a part of it to those in `into`; it goes on beside them.

        Raises what `_may_change` raises, SplitIntoItself, OrganizationEnded, BeforeFounding.
        """
        self._may_change("split", effective_on, at)
        for successor in into:
            if successor.code == self.code:
                raise SplitIntoItself(self.code)
            successor.still_stands()
            successor.exists_on(effective_on)
        codes = " ".join(successor.code for successor in into)
        self.trigger_event(self.Split, into=codes, **self._said(effective_on, decision, at))

    def still_stands(self) -> None:
        """Raise OrganizationEnded if it was merged or dissolved."""
        if self.ended_on:
            how = f"merged into {self.merged_into}" if self.merged_into else "dissolved"
            raise OrganizationEnded(f"{self.code} was {how} on {self.ended_on}")

    def exists_on(self, day: date, otherwise: type[Refused] = BeforeFounding) -> None:
        """Raise `otherwise` if it was founded later."""
        if day < date.fromisoformat(self.founded_on):
            raise otherwise(f"{self.code} was founded only on {self.founded_on}, not by {day}")

    def _may_change(self, what: str, effective_on: date, at: datetime) -> None:
        """Raise DateInFuture, OrganizationEnded, BeforeFounding, Overtaken."""
        happened(what, effective_on, at=at)
        self.still_stands()
        self.exists_on(effective_on)
        follows(f"{self.code}: {what}", effective_on, self.changed_on)

    def _said(self, effective_on: date, decision: Decision | None, at: datetime) -> dict[str, object]:
        day = effective_on.isoformat()
        return {"code": self.code, "effective_on": day, **written(decision), "timestamp": at}


def _may_stand(code: str, kind: Kind, parent: Organization | None, on: date) -> None:
    """Raise OrganizationEnded, ParentCannotHold, FoundedBeforeParent."""
    if parent:
        parent.still_stands()
    may_hold(parent.code if parent else None, Kind(parent.kind) if parent else None, kind)
    if parent:
        parent.exists_on(on, FoundedBeforeParent)

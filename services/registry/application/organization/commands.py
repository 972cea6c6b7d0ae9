"""What can be asked of organizations."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, ExternalId, Line
from services.chassis.stated import Command
from services.registry.domain.organization import Kind, Sector


class FoundOrganization(Command):
    """Found a committee or a cell under `parent`; a province's committee has none."""

    organization: Code
    name: Line
    kind: Kind
    parent: Code | None = None
    sector: Sector | None = None
    founded_on: DayOn
    decision: Document | None = None
    external_id: ExternalId | None = None


class Named(Command):
    """Which organization a command is about."""

    organization: Code


class Renaming(Command):
    """Another name for an organization."""

    name: Line
    effective_on: DayOn
    decision: Document


class Move(Command):
    """Another parent for an organization and all that is beneath it."""

    parent: Code
    effective_on: DayOn
    decision: Document


class Dissolution(Command):
    """The end of an organization that has no members and nothing beneath it any more."""

    effective_on: DayOn
    decision: Document


class Merger(Command):
    """The end of an organization in another. Between different kinds it needs a decision."""

    into: Code
    effective_on: DayOn
    decision: Document | None = None


class Successor(Command):
    """One to be founded by a split; what is not said of it is as in the one that is split."""

    organization: Code
    name: Line
    kind: Kind | None = None
    parent: Code | None = None
    sector: Sector | None = None


class Going(Command):
    """One member of what is split, and with which successor it goes."""

    member: Code
    to: Code


class Split(Command):
    """Parts of an organization for others: those in `into` are founded, those in `founding` not yet.

    The members in `transfers` go with them, the rest stay.
    """

    into: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    founding: Annotated[tuple[Successor, ...], Field(max_length=50)] = ()
    transfers: Annotated[tuple[Going, ...], Field(max_length=1_000)] = ()
    effective_on: DayOn
    decision: Document

    @model_validator(mode="after")
    def _names_each_successor_once(self) -> Self:
        """Refuse a split into nothing, into more than 50, or into one of them twice."""
        codes = self.successors
        if not 1 <= len(codes) <= 50:
            raise ValueError("a split names 1 to 50 successors")
        if len(set(codes)) < len(codes):
            raise ValueError("a split names each successor once")
        return self

    @model_validator(mode="after")
    def _sends_each_member_to_one_successor(self) -> Self:
        """Refuse a member who goes twice, or elsewhere than with a successor."""
        if len({one.member for one in self.transfers}) < len(self.transfers):
            raise ValueError("a split sends each member once")
        if not {one.to for one in self.transfers} <= set(self.successors):
            raise ValueError("a split sends members to its successors only")
        return self

    @property
    def successors(self) -> tuple[str, ...]:
        """Return the codes of all of them."""
        return (*self.into, *(one.organization for one in self.founding))


class RenameOrganization(Renaming, Named):
    """Give an organization another name. Its code stays."""


class MoveOrganization(Move, Named):
    """Move an organization, with all that is beneath it, under another parent."""


class DissolveOrganization(Dissolution, Named):
    """End an organization that has no members and nothing beneath it any more."""


class MergeOrganization(Merger, Named):
    """End an organization in another: its members and what is beneath it belong there from that day."""


class SplitOrganization(Split, Named):
    """Give parts of an organization to others; it goes on beside them. All of it is stored, or nothing."""

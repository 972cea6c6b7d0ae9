"""What can be asked of organizations."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Line
from services.registry.application.command import Command
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


class RenameOrganization(Command):
    """Give an organization another name. Its code stays."""

    organization: Code
    name: Line
    effective_on: DayOn
    decision: Document


class MoveOrganization(Command):
    """Move an organization, with all that is beneath it, under another parent."""

    organization: Code
    parent: Code
    effective_on: DayOn
    decision: Document


class DissolveOrganization(Command):
    """End an organization that has no members and nothing beneath it any more."""

    organization: Code
    effective_on: DayOn
    decision: Document


class MergeOrganization(Command):
    """End an organization in another: its members and what is beneath it belong there from that day."""

    organization: Code
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


class SplitOrganization(Command):
    """Give parts of an organization to others: those in `into` are founded, those in `founding` not yet.

    The organization goes on beside them. Everything is stored together, or nothing.
    """

    organization: Code
    into: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    founding: Annotated[tuple[Successor, ...], Field(max_length=50)] = ()
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

    @property
    def successors(self) -> tuple[str, ...]:
        """Return the codes of all of them."""
        return (*self.into, *(one.organization for one in self.founding))

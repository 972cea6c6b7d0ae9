"""What people state to a service: commands, and rules as data. A misspelt field is told, not passed over."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.vocabulary import LegalTag


class Stated(BaseModel):
    """Something stated as a whole: nobody changes a part of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Command(Stated):
    """A request to decide, or a part of one.

    Its shape is checked here, rules in the domain; a problem with a field does not repeat what stood in it.
    """

    model_config = ConfigDict(hide_input_in_errors=True)


class Rule(Stated):
    """Something in a pack with a source and a legal tag."""

    source: str = Field(min_length=1)
    legal_tag: LegalTag


class Parameter(Rule):
    """One number of a rule, and the document that gives it, if one does."""

    parameter: str
    value: int | str
    document: str | None


class Parameters(Stated):
    """A pack of single numbers in one version."""

    name: str
    version: str
    rules: tuple[Parameter, ...]

    @classmethod
    def read(cls, pack: Path) -> Self:
        """Return what `pack` states. Raises pydantic's ValidationError."""
        return cls.model_validate_json(pack.read_bytes())

    @property
    def title(self) -> str:
        """Return what a fact pins."""
        return f"{self.name} {self.version}"

    def values(self) -> dict[str, Any]:
        """Return each value by its parameter."""
        return {rule.parameter: rule.value for rule in self.rules}

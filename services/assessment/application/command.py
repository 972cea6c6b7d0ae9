"""What every command has in common."""

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """A request to decide, or a part of one.

    Its shape is checked here, rules in the domain; a misspelt field is told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

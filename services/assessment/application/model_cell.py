"""Commands about model cells."""

from typing import Literal

from contracts.message import Code, DayOn
from services.chassis.stated import Command


class SelectModelCell(Command):
    """Choose a cell to go first, as a pilot or as one of a committee's models."""

    organization: Code
    selected_by: Code
    selected_on: DayOn
    role: Literal["PILOT", "MODEL"]

"""The emulation movement: launched, agreed on, registered for, and copied from model cells."""

from contracts.assessment import Resolution
from contracts.message import Code, DayOn, Event, Value
from contracts.vocabulary import Document, Flag, Line, Year


class Launch(Value):
    """The launch of a committee above, by its document."""

    organization: Code
    document: Document


class MovementLaunched(Event):
    """A committee launched the movement in its subtree. `follows` is the launch above that it carries on."""

    type = "assessment.MovementLaunched.v1"
    occurred_in = "launched_on"

    document: Document
    title: Line
    launched_on: DayOn
    follows: Launch | None = None


class EmulationAgreementSigned(Event):
    """One of two organizations signed what both agreed; `complete` when it is the second to sign.

    Each signature states the whole agreement, so either may be told first.
    """

    type = "assessment.EmulationAgreementSigned.v1"
    occurred_in = "signed_on"

    agreement: Code
    partner: Code
    agreed: Line
    signed_on: DayOn
    complete: Flag | None = None


class CellRegistered(Event):
    """A cell registered to build the model in a year, as a meeting of its own had resolved.

    `resolution` is the meeting's, as assessment found it in the minutes; `framework` the criteria it
    registers by, if it names them.
    """

    type = "assessment.CellRegistered.v1"
    occurred_in = "registered_on"

    year: Year
    meeting: Code
    registered_on: DayOn
    framework: Document | None = None
    resolution: Resolution | None = None


class ModelReplicated(Event):
    """A cell took over a practice of a model cell, under a code of its own."""

    type = "assessment.ModelReplicated.v1"
    occurred_in = "replicated_on"

    replication: Code
    model: Code
    practice: Line
    replicated_on: DayOn

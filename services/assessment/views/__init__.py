"""What assessment keeps to answer with: read models, each fed by the events it names. A file for each."""

from dataclasses import dataclass
from typing import Self

from services.assessment.views.concerns import Concerns
from services.assessment.views.frameworks import Frameworks
from services.assessment.views.meetings import Meetings
from services.assessment.views.movement import MovementTold
from services.assessment.views.roll import Roll
from services.assessment.views.supervision import SupervisionTold
from services.chassis.eventlog.writer import Pool

__all__ = ["Concerns", "Frameworks", "Meetings", "MovementTold", "Roll", "SupervisionTold", "Views"]


@dataclass(frozen=True)
class Views:
    """All of them, fed by ASSESSMENT but for `roll`, which REGISTRY feeds."""

    frameworks: Frameworks
    meetings: Meetings
    movement: MovementTold
    roll: Roll
    concerns: Concerns
    supervision: SupervisionTold

    @classmethod
    def on(cls, pool: Pool) -> Self:
        """Return the views whose tables lie in the database of `pool`."""
        return cls(
            Frameworks(pool),
            Meetings(pool),
            MovementTold(pool),
            roll=Roll(pool),
            concerns=Concerns(pool),
            supervision=SupervisionTold(pool),
        )

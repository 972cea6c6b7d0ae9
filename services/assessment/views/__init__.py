"""What assessment keeps to answer with: read models, each fed by the events it names. A file for each."""

from dataclasses import dataclass
from typing import Self

from services.assessment.views.concerns import Concerns
from services.assessment.views.duties import Duties
from services.assessment.views.frameworks import Frameworks
from services.assessment.views.meetings import Meetings
from services.assessment.views.movement import MovementTold
from services.assessment.views.roll import Roll
from services.assessment.views.supervision import SupervisionTold
from services.assessment.views.visits import VisitsTold
from services.chassis.eventlog.writer import Pool
from services.chassis.views.view import View

__all__ = [
    "Concerns",
    "Duties",
    "Frameworks",
    "Meetings",
    "MovementTold",
    "Roll",
    "SupervisionTold",
    "Views",
    "VisitsTold",
]


@dataclass(frozen=True)
class Views:
    """All of them, fed by ASSESSMENT; `roll` by REGISTRY, and `duties` by both."""

    frameworks: Frameworks
    meetings: Meetings
    movement: MovementTold
    roll: Roll
    concerns: Concerns
    supervision: SupervisionTold
    visits: VisitsTold
    duties: Duties

    @property
    def followed(self) -> list[tuple[View, tuple[str, ...]]]:
        """Return each with the sources that feed it."""
        others = {self.roll.name: ("registry",), self.duties.name: ("registry", "assessment")}
        return [(view, others.get(view.name, ("assessment",))) for view in vars(self).values()]

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
            visits=VisitsTold(pool),
            duties=Duties(pool),
        )

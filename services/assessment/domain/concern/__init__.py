"""Concerns: raised by a cell about a matter, answered or passed upward, until the cell confirms the end.

Nothing here says who thinks what: a concern is about a road, a project, a school (law 8 of the house).
"""

from services.assessment.domain.concern.concern import Concern
from services.assessment.domain.concern.life import ConcernRules, State, Taken, Taking

__all__ = ["Concern", "ConcernRules", "State", "Taken", "Taking"]

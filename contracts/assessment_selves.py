"""What becomes of a self-assessment: returned, resubmitted, accepted, restated; and a period opened again."""

from contracts.assessment import SelfAssessment
from contracts.message import Code, DayOn, Event
from contracts.vocabulary import Document, Period, Text


class SelfAssessmentReturned(Event):
    """A superior gave a self-assessment back, says why, and by when it expects another."""

    type = "assessment.SelfAssessmentReturned.v1"
    occurred_in = "returned_on"

    period: Period
    returned_by: Code
    returned_on: DayOn
    reason: Text
    resubmit_by: DayOn


class SelfAssessmentResubmitted(SelfAssessment):
    """A cell answered anew what had been returned to it. The day of the first submission stands."""

    type = "assessment.SelfAssessmentResubmitted.v1"


class SelfAssessmentAccepted(Event):
    """A superior took a self-assessment as the cell's result of the period: from here it is only restated."""

    type = "assessment.SelfAssessmentAccepted.v1"
    occurred_in = "accepted_on"

    period: Period
    accepted_by: Code
    accepted_on: DayOn


class SelfAssessmentRestated(SelfAssessment):
    """A superior had an accepted result replaced, on `submitted_on`, and says why.

    Who asks what was known before this was recorded is answered with what was reported then.
    """

    type = "assessment.SelfAssessmentRestated.v1"

    decided_by: Code
    reason: Text


class SubmissionReopened(Event):
    """A superior opened a locked period to one cell, from the day of the decision to the end of `until`."""

    type = "assessment.SubmissionReopened.v1"
    occurred_in = "decision.date"

    period: Period
    reopened_by: Code
    decision: Document
    reason: Text
    until: DayOn

"""What a dossier reads of others' events: only the fields it uses. A test holds them to the contracts."""

from datetime import date, datetime

from msgspec import Struct

from contracts import assessment, assessment_meetings, assessment_selves, registry
from services.chassis.views.binding import ADOPTED, ISSUED, Adoption, Framework
from services.chassis.views.fold import Told
from services.chassis.views.places import Merger


class Entry(Told, frozen=True):
    """An event, by its name in the envelope, and when it happened."""

    id: str
    time: datetime


class MemberAdmitted(Struct, frozen=True):
    """Someone counts in the organization from the ceremony on."""

    organization: str
    member: str
    ceremony_on: date


class MemberTransferred(Struct, frozen=True):
    """Someone counts in the organization from that day on, and no longer in `origin`."""

    organization: str
    origin: str
    transferred_on: date


class MembershipEnded(Struct, frozen=True):
    """Someone no longer counts in the organization."""

    organization: str
    ended_on: date


class Summoned(Struct, frozen=True):
    """Whom a meeting was called for."""

    full: int
    probationary: int


class MeetingHeld(Struct, frozen=True):
    """A cell met."""

    organization: str
    meeting: str
    kind: str
    summoned: Summoned
    present: int
    discusses_solutions: bool


class MinutesCorrected(MeetingHeld, frozen=True):
    """Its minutes were replaced; of several corrections the one with the latest instant counts."""

    held_at: datetime
    corrected_at: datetime


class SupervisorAttended(Struct, frozen=True):
    """Someone from above sat in its meeting."""

    organization: str
    supervisor: str
    meeting: str


class OfSelfAssessment(Struct, frozen=True):
    """Something became of its self-assessment."""

    organization: str
    period: str


class SelfAssessment(OfSelfAssessment, frozen=True):
    """It assessed itself, or replaced what it had said. Of several versions the one dated last counts."""

    submitted_on: date
    four_good: bool | None = None


READ = {
    registry.MemberAdmitted.type: MemberAdmitted,
    registry.MemberTransferred.type: MemberTransferred,
    registry.MembershipEnded.type: MembershipEnded,
    registry.OrganizationMerged.type: Merger,
    assessment.MeetingHeld.type: MeetingHeld,
    assessment_meetings.MinutesCorrected.type: MinutesCorrected,
    assessment.SupervisorAttended.type: SupervisorAttended,
    assessment.SelfAssessmentSubmitted.type: SelfAssessment,
    assessment.SelfAssessmentCorrected.type: SelfAssessment,
    assessment_selves.SelfAssessmentReturned.type: OfSelfAssessment,
    assessment_selves.SelfAssessmentResubmitted.type: SelfAssessment,
    assessment_selves.SelfAssessmentAccepted.type: OfSelfAssessment,
    assessment_selves.SelfAssessmentRestated.type: SelfAssessment,
    assessment_selves.SubmissionReopened.type: OfSelfAssessment,
    **dict.fromkeys(ISSUED, Framework),
    ADOPTED: Adoption,
}

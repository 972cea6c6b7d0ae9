"""The sample's events in the order in which they are published, each with the district that publishes it."""

from collections.abc import Iterator
from operator import attrgetter

from contracts.assessment import (
    CriteriaFrameworkIssued,
    MeetingHeld,
    ModelCellSelected,
    SelfAssessmentSubmitted,
    SupervisorAttended,
)
from contracts.assessment_movement import CellRegistered, EmulationAgreementSigned, MovementLaunched
from contracts.classification import CellClassified
from contracts.message import CloudEvent, Event
from contracts.registry import (
    AdmissionTargetSet,
    MemberAdmitted,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRenamed,
)
from deploy.sample import tree, work
from deploy.sample.seeds import Seed, seeds

DISTRICTS = (
    "QUANG-NINH",
    "LAI-CHAU",
    "THAN-UYEN",
    "QUANG-NAM",
    "TAM-KY",
    "BINH-THUAN",
    "LAO-CAI",
    "MUONG-KHUONG",
)
"""Who publishes: each for the organization of its own code and everything beneath, to the next district."""

NAMED_BY: dict[type[Event], tuple[str, ...]] = {
    OrganizationFounded: ("organization",),
    MemberAdmitted: ("member",),
    AdmissionTargetSet: ("organization", "year"),
    CriteriaFrameworkIssued: ("organization", "framework.date"),
    ModelCellSelected: ("organization", "role"),
    MeetingHeld: ("meeting",),
    SupervisorAttended: ("meeting", "supervisor"),
    SelfAssessmentSubmitted: ("organization", "period"),
    CellClassified: ("organization", "period"),
    MovementLaunched: ("organization", "document.date"),
    EmulationAgreementSigned: ("agreement", "organization"),
    CellRegistered: ("organization", "year"),
    OrganizationMoved: ("organization", "effective_on"),
    OrganizationMerged: ("organization", "effective_on"),
    OrganizationRenamed: ("organization", "effective_on"),
    OrganizationDissolved: ("organization", "effective_on"),
}
"""What tells an event from all others of its type; all ASCII, as NATS wants its message ids."""


def events() -> Iterator[tuple[str, CloudEvent]]:
    """Yield every event as (district, event), so that nothing speaks of what was not published before it.

    Ids are made of what the event is about, so that publishing the sample twice is harmless.
    """
    trees = [(seed, tree.organizations(seed)) for seed in seeds()]
    publisher = publishers([it for _, founded in trees for it in founded])
    for event in _in_order(trees):
        district = publisher[event.organization]
        yield district, envelope(district, event)


def _in_order(trees: list[tuple[Seed, list[OrganizationFounded]]]) -> Iterator[Event]:
    for _, founded in trees:
        yield from founded
    for seed, _ in trees:
        yield from work.targets(seed)
        yield from work.frameworks(seed)
    for seed, founded in trees:
        yield from tree.admissions(seed, founded)
    for seed, founded in trees:
        yield from work.model_cells(seed)
        yield from work.meetings(seed)
        yield from work.visits(seed)
        yield from work.self_assessments(seed)
        yield from work.classes(seed, founded)


def publishers(founded: list[OrganizationFounded]) -> dict[str, str]:
    """Return each organization's district: the nearest one at or above it."""
    publisher: dict[str, str] = {}
    for it in founded:
        own = it.organization if it.organization in DISTRICTS else None
        publisher[it.organization] = own or publisher[it.parent or ""]
    return publisher


def envelope(district: str, event: Event) -> CloudEvent:
    """Return the event as the district's system sends it."""
    return CloudEvent(
        id=":".join(
            [type(event).__name__, *(str(attrgetter(field)(event)) for field in NAMED_BY[type(event)])]
        ),
        source=f"urn:fourgood:sample:{district}",
        type=event.type,
        subject=event.organization,
        time=event.occurred_at,
        data=event.model_dump(mode="json"),
    )

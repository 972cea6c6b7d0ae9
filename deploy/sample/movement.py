"""The movement in the sample: launched from above to below, agreed on by both sides, registered for."""

from collections.abc import Iterator
from typing import Any

from contracts.assessment_movement import CellRegistered, EmulationAgreementSigned, MovementLaunched
from contracts.message import CloudEvent, Event
from deploy.sample.events import envelope, publishers
from deploy.sample.seeds import Agreement, Launch, Seed, seeds
from deploy.sample.tree import among, organizations


def movement() -> Iterator[tuple[str, CloudEvent]]:
    """Yield every event as (district, event): each launch before those that carry it on."""
    publisher = publishers([it for seed in seeds() for it in organizations(seed)])
    for seed in seeds():
        for event in _of(seed):
            district = publisher[event.organization]
            yield district, envelope(district, event)


def _of(seed: Seed) -> Iterator[Event]:
    for launch in seed.launch:
        yield from _launched(seed, launch)
    for agreement in seed.agreement:
        yield from _signed(agreement)
    for row in seed.registration:
        assert seed.framework
        named = {"number": seed.framework.number, "date": seed.framework.date}
        said = row.model_dump(exclude={"illustrative"}) | {"framework": named}
        yield CellRegistered.model_validate(said)


def _launched(seed: Seed, row: Launch) -> Iterator[MovementLaunched]:
    said: dict[str, Any] = {"title": row.title, "launched_on": row.launched_on}
    document = {"number": row.number, "date": row.date}
    own = {"organization": row.organization, "document": document}
    yield MovementLaunched.model_validate(own | {"follows": row.follows} | said)
    for n, it in enumerate(among(organizations(seed), row.carried_on_by), 1):
        theirs = {"number": row.carried_on_as.format(n=n), "date": row.launched_on}
        yield MovementLaunched.model_validate(
            {"organization": it.organization, "document": theirs, "follows": own} | said
        )


def _signed(row: Agreement) -> Iterator[EmulationAgreementSigned]:
    for n, partner in enumerate(row.partners, 1):
        sides = (row.organization, partner), (partner, row.organization)
        for organization, other in sides:
            yield EmulationAgreementSigned(
                organization=organization,
                partner=other,
                agreement=row.code.format(n=n),
                agreed=row.agreed,
                signed_on=row.signed_on,
            )

"""The reform of 2025 in the sample: a district ends, and its communes stand above the grassroots.

It is the province's to tell.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from typing import Any

from contracts.message import CloudEvent, Event
from contracts.registry import (
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRenamed,
)
from contracts.vocabulary import Document
from deploy.sample.events import envelope
from deploy.sample.seeds import FOLDER, Row


class Commune(Row):
    """A commune's committee, founded that day, and the grassroots organizations it takes."""

    code: str
    name: str
    takes: list[str]


class Merger(Row):
    """An organization that ends in another."""

    organization: str
    into: str


class Renaming(Row):
    """An organization that goes on by another name."""

    organization: str
    name: str


class Reform(Row):
    """All that one decision changes on one day."""

    effective_on: dt.date
    decision: Document
    province: str
    ends: str
    commune: list[Commune]
    merger: list[Merger]
    renaming: list[Renaming]


def reform() -> Iterator[tuple[str, CloudEvent]]:
    """Yield, as (district, event), all but the end; the district is the province's system."""
    stated = _stated()
    for event in _reorganizations(stated):
        yield stated.province, envelope(stated.province, event)


def ending() -> Iterator[tuple[str, CloudEvent]]:
    """Yield, as (district, event), the end of the committee beneath which nothing is left."""
    stated = _stated()
    event = OrganizationDissolved(organization=stated.ends, **_paper(stated))
    yield stated.province, envelope(stated.province, event)


def _stated() -> Reform:
    return Reform.model_validate(tomllib.loads((FOLDER / "reform-2025.toml").read_text("utf-8")))


def _paper(stated: Reform) -> dict[str, Any]:
    return {"effective_on": stated.effective_on, "decision": stated.decision}


def _reorganizations(stated: Reform) -> Iterator[Event]:
    paper = _paper(stated)
    for commune in stated.commune:
        yield OrganizationFounded(
            organization=commune.code,
            name=commune.name,
            kind="SUPERIOR_COMMITTEE",
            parent=stated.province,
            sector="COMMUNE",
            founded_on=stated.effective_on,
            decision=stated.decision,
        )
        for code in commune.takes:
            yield OrganizationMoved(organization=code, parent=commune.code, **paper)
    for merger in stated.merger:
        yield OrganizationMerged(organization=merger.organization, into=merger.into, **paper)
    for renaming in stated.renaming:
        yield OrganizationRenamed(organization=renaming.organization, name=renaming.name, **paper)

"""Deciding and taking over, on a real log: what is stored, what it rests on, and what is refused."""

from datetime import date
from decimal import Decimal

import anyio
import pytest

from contracts.classification import evidence_of
from services.chassis.errors import NotFound, UnknownOrganization
from services.classification.application import DecideClassification, ImportDecision, UnknownPack
from services.classification.domain import AlreadyDecided, Classification, NotSuperior
from services.classification.publication import publish
from tests.telling import attended, issued, met, submitted

pytestmark = pytest.mark.anyio

DECIDE = {
    "organization": "TU-C-001",
    "year": 2024,
    "decided_by": "THAN-UYEN",
    "decided_on": "2025-12-18",
    "common_score": "28",
    "results_score": "64.5",
    "tasks": {"assigned": 20, "done": 20, "late": 0, "above_requirement": 7},
    "disciplined": 0,
    "shortcomings": {"found": 2, "remedied": 2},
}
IMPORT = {
    "organization": "TU-C-001",
    "year": 2024,
    "level": "GOOD",
    "four_good": True,
    "score": None,
    "decided_by": "THAN-UYEN",
    "decided_on": date(2024, 12, 28),
    "pack": "124-QĐ/TW",
    "pack_version": "2023-10-04",
    "reasons": ["as the district decided"],
    "events": [],
    "evidence": evidence_of([]),
}


def decide(**changes):
    return DecideClassification.model_validate(DECIDE | changes)


def bring_over(**changes):
    return ImportDecision.model_validate(IMPORT | changes)


async def test_a_decision_is_found_again_with_its_score_and_level(classifications, asked):
    receipt = await classifications.decide_classification(decide(), asked)
    made = await classifications.decision("TU-C-001", 2024)

    assert "classification-TU-C-001-2024" == receipt.subject
    assert ("EXCELLENT", Decimal("92.5")) == (made.level, made.score)


async def test_a_decision_rests_on_the_events_of_the_dossier_and_names_each(
    classifications, dossiers, tell, asked
):
    told = tell.all(
        issued("LAI-CHAU", effective_on="2024-11-01"),
        met("TU-C-001", "2024-11-28"),
        attended("TU-C-001", "2024-11-28"),
        submitted("TU-C-001", "2024-11"),
        submitted("TU-C-001", "2024-12"),
    )
    await dossiers.apply(told)
    await classifications.decide_classification(decide(), asked)
    made = await classifications.decision("TU-C-001", 2024)

    assert sorted(delivery.message.id for delivery in told) == made.events
    assert evidence_of(made.events) == made.evidence
    assert made.four_good


async def test_a_silent_cell_may_be_excellent_but_is_not_four_good(classifications, asked):
    await classifications.decide_classification(decide(), asked)
    made = await classifications.decision("TU-C-001", 2024)

    assert not made.four_good
    assert made.reasons[-1].startswith("not four-good: no yearly self-assessment")


async def test_the_superiors_report_is_kept_so_that_the_ruling_can_be_checked_again(
    classifications, store, asked
):
    await classifications.decide_classification(decide(), asked)
    [recorded] = await store.read(0, 10)

    assert "64.5" == recorded.fact.report["results_score"]
    assert {"assigned": 20, "done": 20, "late": 0, "above_requirement": 7} == recorded.fact.report["tasks"]


async def test_without_a_day_a_decision_is_of_today_in_the_province(classifications, asked):
    await classifications.decide_classification(decide(decided_on=None), asked)

    assert "2025-12-20" == (await classifications.decision("TU-C-001", 2024)).decided_on


async def test_a_year_is_decided_once(classifications, asked):
    await classifications.decide_classification(decide(), asked)

    with pytest.raises(AlreadyDecided, match="TU-C-001 2024"):
        await classifications.decide_classification(decide(), asked)


async def test_of_two_who_decide_at_the_same_moment_one_is_refused(classifications, store, asked):
    refused = []

    async def try_to():
        try:
            await classifications.decide_classification(decide(), asked)
        except AlreadyDecided as refusal:
            refused.append(refusal)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(try_to)
        tasks.start_soon(try_to)

    assert 1 == len(refused)
    assert 1 == len(await store.read(0, 10))


async def test_what_was_taken_over_is_not_decided_again(classifications, asked):
    await classifications.import_decision(bring_over(), asked)

    with pytest.raises(AlreadyDecided):
        await classifications.decide_classification(decide(), asked)


async def test_a_taken_over_decision_keeps_its_own_rules_and_has_no_score(classifications, asked):
    await classifications.import_decision(bring_over(), asked)
    made = await classifications.decision("TU-C-001", 2024)

    assert ("124-QĐ/TW", "2023-10-04", None) == (made.pack, made.pack_version, made.score)


async def test_an_organization_nobody_founded_is_not_known_yet(classifications, asked):
    with pytest.raises(UnknownOrganization):
        await classifications.decide_classification(decide(organization="TU-C-999"), asked)
    with pytest.raises(UnknownOrganization):
        await classifications.import_decision(bring_over(organization="TU-C-999"), asked)


async def test_rules_that_are_not_kept_here_cannot_be_applied(classifications, asked):
    with pytest.raises(UnknownPack, match="there are 366-QĐ/TW"):
        await classifications.decide_classification(decide(rule_pack="124-QĐ/TW"), asked)


async def test_a_province_may_classify_a_cell_two_levels_down_but_a_cell_nobody(classifications, asked):
    with pytest.raises(NotSuperior):
        await classifications.decide_classification(
            decide(organization="THAN-UYEN", decided_by="TU-C-001"), asked
        )

    await classifications.decide_classification(decide(decided_by="LAI-CHAU"), asked)


async def test_a_year_nobody_decided_about_is_not_found(classifications):
    with pytest.raises(NotFound, match="TU-C-001-2023"):
        await classifications.decision("TU-C-001", 2023)


async def test_every_stored_fact_can_be_published(classifications, store, asked):
    await classifications.decide_classification(decide(), asked)
    await classifications.import_decision(bring_over(organization="THAN-UYEN", decided_by="LAI-CHAU"), asked)
    events = [publish(recorded.fact) for recorded in await store.read(0, 10)]

    assert ["TU-C-001", "THAN-UYEN"] == [event.organization for event in events]
    assert Classification.id_for("TU-C-001", 2024) == (await store.read(0, 1))[0].fact.originator_id

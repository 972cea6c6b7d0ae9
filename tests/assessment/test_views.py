"""Which frameworks are in force where, on real PostgreSQL."""

from datetime import date

import pytest

from contracts.assessment import CriteriaFrameworkIssued
from contracts.assessment_frameworks import CriteriaFrameworkIssuedV2
from services.assessment.domain import Organization
from tests.telling import Telling, issued, met

pytestmark = pytest.mark.anyio

FOUNDED = date(1995, 3, 1)
PATH = ["LAI-CHAU", "THAN-UYEN", "TU-AGENCIES", "TU-FINANCE"]


def numbered(
    number: str, issuer: str, *, effective_on: str, period: str = "MONTH"
) -> CriteriaFrameworkIssued:
    event = issued(issuer, effective_on=effective_on, period=period)
    return event.model_copy(update={"framework": event.framework.model_copy(update={"number": number})})


async def in_force(frameworks, on, *, path=PATH):
    cell = Organization(path[-1], "SUBORDINATE_CELL", FOUNDED, tuple(path))
    return [event.framework.number for event in await frameworks.in_force(cell, date.fromisoformat(on))]


async def test_a_framework_applies_to_everything_beneath_its_issuer_from_its_day_on(frameworks):
    await frameworks.apply(Telling().all(numbered("1", "THAN-UYEN", effective_on="2024-06-01")))

    assert [] == await in_force(frameworks, "2024-05-31")
    assert ["1"] == await in_force(frameworks, "2024-06-01")
    assert [] == await in_force(frameworks, "2024-06-01", path=["TAM-KY", "TK-CELL"])
    assert [] == await in_force(frameworks, "2024-06-01", path=["LAI-CHAU"])


async def test_the_nearest_issuer_is_named_first(frameworks):
    await frameworks.apply(
        Telling().all(
            numbered("province", "LAI-CHAU", effective_on="2024-06-01"),
            numbered("cell", "TU-FINANCE", effective_on="2024-06-01"),
            numbered("district", "THAN-UYEN", effective_on="2024-06-01"),
        )
    )

    assert ["cell", "district", "province"] == await in_force(frameworks, "2024-12-31")


async def test_a_newer_framework_replaces_its_issuers_older_one_of_the_same_kind(frameworks):
    await frameworks.apply(
        Telling().all(
            numbered("new", "THAN-UYEN", effective_on="2025-01-01"),
            numbered("old", "THAN-UYEN", effective_on="2024-06-01"),
            numbered("yearly", "THAN-UYEN", effective_on="2023-01-01", period="YEAR"),
        )
    )

    assert ["old", "yearly"] == await in_force(frameworks, "2024-12-31")
    assert ["new", "yearly"] == await in_force(frameworks, "2025-01-01")


async def test_of_two_that_take_effect_on_one_day_the_later_issued_is_in_force(frameworks):
    await frameworks.apply(
        Telling().all(
            numbered("first", "THAN-UYEN", effective_on="2024-06-01"),
            numbered("second", "THAN-UYEN", effective_on="2024-06-01"),
        )
    )

    assert ["second"] == await in_force(frameworks, "2024-06-01")


async def test_what_is_told_twice_is_kept_once(frameworks):
    told = Telling().all(numbered("1", "THAN-UYEN", effective_on="2024-06-01"))

    await frameworks.apply(told)
    await frameworks.apply(told)

    assert ["1"] == await in_force(frameworks, "2024-06-01")


async def test_other_events_of_assessment_are_passed_over(frameworks):
    await frameworks.apply(
        Telling().all(met("TU-FINANCE", "2024-11-28"), numbered("1", "THAN-UYEN", effective_on="2024-06-01"))
    )

    assert {"assessment": 2} == await frameworks.positions()


async def test_a_framework_for_some_kinds_does_not_replace_that_of_the_others(frameworks):
    schools = CriteriaFrameworkIssuedV2.model_validate(
        numbered("schools", "THAN-UYEN", effective_on="2024-09-01").model_dump() | {"kinds": ["SCHOOL"]}
    )
    await frameworks.apply(Telling().all(numbered("all", "THAN-UYEN", effective_on="2024-06-01"), schools))

    school = Organization("TU-SCHOOL", "GRASSROOTS_CELL", FOUNDED, ("THAN-UYEN", "TU-SCHOOL"), None, "SCHOOL")
    committee = Organization("THAN-UYEN", "DISTRICT_COMMITTEE", FOUNDED, ("THAN-UYEN",))
    day = date(2024, 12, 31)

    assert ["all"] == await in_force(frameworks, "2024-12-31")
    assert ["schools"] == [one.framework.number for one in await frameworks.in_force(school, day)]
    assert ["all", "schools"] == [one.framework.number for one in await frameworks.in_force(committee, day)]


async def test_what_another_amends_ends_whatever_period_that_is_for(frameworks):
    old = numbered("old", "THAN-UYEN", effective_on="2024-06-01")
    new = numbered("new", "THAN-UYEN", effective_on="2024-10-01").model_dump()
    amends = {"period": "QUARTER", "amends": old.framework.model_dump()}
    await frameworks.apply(Telling().all(CriteriaFrameworkIssuedV2.model_validate(new | amends), old))

    assert ["old"] == await in_force(frameworks, "2024-09-30")
    assert ["new"] == await in_force(frameworks, "2024-10-01")

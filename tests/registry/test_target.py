"""Targets in percent, from the rule to the wire, each as a story."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from pydantic import ValidationError

from contracts import registry as public
from services.chassis.edge.rights import NotYours
from services.chassis.errors import UnknownOrganization
from services.registry.application import SetTarget
from services.registry.domain.goals import TargetBeforeFounding, TargetOvertaken, TargetUnchanged
from services.registry.domain.target import Measure, Target
from services.registry.domain.words import DateInFuture, Decision
from services.registry.publication import publish
from services.registry.reactions import check, handlers
from tests.edges import bearer
from tests.registry.test_domain import PROVINCE as LAI_CHAU
from tests.spec import fact, spec, stamped

targets = spec(Target)

SHARE = {
    "percent": Decimal(75),
    "decision": Decision("66-KH/TU", date(2024, 1, 5)),
    "set_on": date(2024, 1, 10),
}
share_set = fact(
    Target.Set,
    organization="LAI-CHAU",
    year="2025",
    measure="GOOD_OR_BETTER",
    percent=Decimal(75),
    decision_number="66-KH/TU",
    decision_dated="2024-01-05",
    set_on="2024-01-10",
)
share_reset = fact(
    Target.Reset,
    organization="LAI-CHAU",
    year="2025",
    measure="GOOD_OR_BETTER",
    percent=Decimal("77.5"),
    decision_number=None,
    decision_dated=None,
    set_on="2024-06-01",
)
TARGET = {
    "organization": "LAI-CHAU",
    "year": "2025",
    "measure": "GOOD_OR_BETTER",
    "percent": "75",
    "set_on": "2024-01-10",
}
ADMISSIONS = {"organization": "LAI-CHAU", "year": "2025", "target": 90, "set_on": "2024-01-10"}
LATER = {"set_on": "2024-02-10"}


# -- Rules


def test_a_share_is_set_for_an_organization_a_measure_and_a_year_that_may_lie_ahead():
    targets().when(Target.set, LAI_CHAU, "2025", Measure.GOOD_OR_BETTER, **SHARE).then(share_set)


def test_a_share_set_anew_is_a_fact_of_its_own():
    anew = {"percent": Decimal("77.5"), "decision": None, "set_on": date(2024, 6, 1)}

    targets(share_set).when(Target.reset, **anew).then(share_reset)


def test_a_share_is_not_set_again_to_what_it_is_however_it_is_written():
    targets(share_set).when(Target.reset, **SHARE | {"percent": Decimal("75.00")}).refused(
        TargetUnchanged, "since 2024-01-10"
    )


def test_an_earlier_share_that_arrives_late_replaces_nothing():
    targets(share_set, share_reset).when(Target.reset, **SHARE | {"set_on": date(2024, 5, 31)}).refused(
        TargetOvertaken, "set to 77.5 on 2024-06-01"
    )


def test_a_share_that_will_be_set_tomorrow_is_not_recorded():
    tomorrow = SHARE | {"set_on": date(2025, 1, 1)}

    targets().when(Target.set, LAI_CHAU, "2025", Measure.COVERAGE, **tomorrow).refused(DateInFuture)


def test_nobody_sets_a_share_before_they_are_founded():
    early = SHARE | {"set_on": date(1945, 8, 31)}

    targets().when(Target.set, LAI_CHAU, "1945", Measure.COVERAGE, **early).refused(TargetBeforeFounding)


def test_a_share_may_be_set_on_the_day_of_the_founding():
    at_once = SHARE | {"set_on": date(1945, 9, 1)}

    targets().when(Target.set, LAI_CHAU, "2025", Measure.GOOD_OR_BETTER, **at_once).then(
        replace(share_set, fields=share_set.fields | {"set_on": "1945-09-01"})
    )


# -- The border


def test_a_share_set_anew_is_public_as_a_share_set():
    assert public.TargetSet(
        organization="LAI-CHAU",
        year="2025",
        measure="GOOD_OR_BETTER",
        percent=Decimal("77.5"),
        set_on="2024-06-01",
    ) == publish(stamped(share_reset, Target))


def test_a_share_stays_exact_from_the_fact_to_json():
    assert '"percent":"77.5"' in publish(stamped(share_reset, Target)).model_dump_json()


def test_the_registry_and_its_contract_measure_the_same():
    assert set(get_args(public.TargetMeasure)) == set(Measure)


@pytest.mark.parametrize("percent", ["100.01", "-1", "66.667", "75 %", True, "NaN"])
def test_a_share_lies_between_0_and_100_with_two_decimals(percent):
    with pytest.raises(ValidationError, match="percent"):
        SetTarget(**TARGET | {"percent": percent})


# -- The log


async def test_a_share_needs_an_organization(registry, asked):
    with pytest.raises(UnknownOrganization):
        await registry.targets.set_share(SetTarget(**TARGET), asked)


async def test_each_measure_of_a_year_has_a_share_of_its_own(registry, asked, founded, store):
    await registry.targets.set_share(SetTarget(**TARGET), asked)
    await registry.targets.set_share(SetTarget(**TARGET | {"measure": "COVERAGE", "percent": "100"}), asked)
    await registry.targets.set_share(SetTarget(**TARGET | {"percent": "77.5"}), asked)

    good = await store.find(Target, "target-LAI-CHAU-GOOD_OR_BETTER-2025")
    coverage = await store.find(Target, "target-LAI-CHAU-COVERAGE-2025")
    assert (Decimal("77.5"), Decimal(100)) == (good.percent, coverage.percent)


# -- Over HTTP, and from districts


async def test_a_share_is_set_by_an_officer(api, founded):
    response = await api.post("/targets", json=TARGET, headers=bearer("officer"))

    assert (201, "target-LAI-CHAU-GOOD_OR_BETTER-2025") == (response.status_code, response.json()["subject"])


@pytest.mark.parametrize(
    ("path", "body", "more"),
    [
        ("/targets", TARGET, {"percent": "80"}),
        ("/admission-targets", ADMISSIONS, {"target": 95}),
    ],
    ids=["share", "admissions"],
)
async def test_a_target_rests_on_the_organization_its_client_has_seen(api, founded, store, path, body, more):
    officer, before = bearer("officer"), await store.head()
    seen = (await api.get("/organizations/LAI-CHAU", headers=officer)).headers["ETag"]

    stale = await api.post(path, json=body, headers=officer | {"If-Match": '"7"'})
    set_ = await api.post(path, json=body, headers=officer | {"If-Match": seen})
    anew = await api.post(path, json=body | more | LATER, headers=officer | {"If-Match": seen})

    assert (412, "ChangedSince") == (stale.status_code, stale.json()["title"])
    assert [(201, before + 1), (201, before + 2)] == [
        (one.status_code, one.json()["position"]) for one in (set_, anew)
    ]


async def test_a_share_that_makes_no_sense_never_reaches_a_rule(api, founded):
    officer = bearer("officer")

    assert 422 == (await api.post("/targets", json=TARGET | {"percent": 101}, headers=officer)).status_code
    assert 422 == (await api.post("/targets", json=TARGET | {"measure": "JOY"}, headers=officer)).status_code


@pytest.mark.parametrize("role", ["secretary", "auditor"])
async def test_only_officers_set_shares(api, founded, role):
    assert 403 == (await api.post("/targets", json=TARGET, headers=bearer(role))).status_code


async def test_what_a_district_tells_becomes_the_same_fact_as_the_command(registry, asked, founded):
    event = public.TargetSet.model_validate(TARGET | {"organization": "THAN-UYEN"})

    receipt = await handlers(registry)["TargetSet"](event, asked)

    assert "target-THAN-UYEN-GOOD_OR_BETTER-2025" == receipt.subject


async def test_a_district_sets_no_share_for_its_province(registry, founded):
    with pytest.raises(NotYours):
        await check(registry)("THAN-UYEN", public.TargetSet.model_validate(TARGET))

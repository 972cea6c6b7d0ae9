"""Closed months, from the rule to the wire, each as a story."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import ValidationError

from contracts.registry_closings import PeriodClosed, canonical, digest_of, signature_of
from services.chassis.errors import UnknownOrganization
from services.registry.application import ClosePeriod, signing_key
from services.registry.domain.closings import (
    BadSignature,
    ClosedBefore,
    Closings,
    CountDiffers,
    Cut,
    EarlierStillOpen,
    PeriodClosedAlready,
    PeriodNotOver,
)
from services.registry.domain.credentials import Credentials
from services.registry.domain.words import DateInFuture
from services.registry.publication import publish
from services.registry.reactions import check, handlers
from tests.edges import bearer
from tests.registry.conftest import MASTER_KEY
from tests.spec import NOW, fact, spec, stamped, taken

closings = spec(Closings)

pytestmark = pytest.mark.anyio

SOURCE = "urn:district:THAN-UYEN"
NOTHING = sha256().hexdigest()
EVENTS = [(number, f"e-{number}", sha256(b"%d" % number).hexdigest()) for number in range(1, 4)]

begun = fact(Closings.Begun, organization="THAN-UYEN", source=SOURCE)
THREE = Cut("registry", 1, 3, 3, digest_of(EVENTS))
NONE = Cut("assessment", 1, 0, 0, NOTHING)
closed = fact(
    Closings.Closed,
    organization="THAN-UYEN",
    source=SOURCE,
    period="2024-10",
    closed_at="2024-11-02T08:00:00+07:00",
    streams=json.dumps([vars(THREE), vars(NONE)]),
    key=1,
    signature="ab" * 32,
)
SIGNED = {"written": "2024-11-02T08:00:00+07:00", "key": 1, "signature": "ab" * 32}
OCTOBER = SIGNED | {"closed_at": datetime(2024, 11, 2, 1, tzinfo=UTC)}
NOVEMBER = SIGNED | {"closed_at": datetime(2024, 12, 1, tzinfo=UTC)}


def run(first, last, service="registry"):
    return Cut(service, first, last, last - first + 1, NOTHING)


def manifest(period="2024-10", *, key=1, district="THAN-UYEN", **said):
    """A manifest as a district writes it: signed, unless it says with what signature."""
    written = {
        "organization": district,
        "source": SOURCE,
        "period": period,
        "closed_at": "2024-12-03T09:30:00+07:00",
        "streams": [vars(THREE)],
        "key": key,
    } | said
    return {"signature": signature_of(written, signing_key(MASTER_KEY, district, key))} | written


# -- Rules


def test_a_month_is_closed_from_the_first_number():
    closings(begun).when(Closings.close, "2024-10", (THREE, NONE), **OCTOBER).then(closed)


def test_the_next_month_goes_on_from_the_last_number():
    november = taken(Closings.close, "2024-11", (run(4, 9), run(1, 1, "assessment")), **NOVEMBER)
    after = closings(begun, closed, november).aggregate()

    assert ("2024-11", {"registry": 9, "assessment": 1}) == (after.period, dict(after.last))


def test_an_owner_left_out_goes_on_where_it_was():
    november = taken(Closings.close, "2024-11", (run(1, 2, "assessment"),), **NOVEMBER)

    assert {"registry": 3, "assessment": 2} == dict(closings(begun, closed, november).aggregate().last)


def test_a_month_is_closed_once_and_with_it_every_month_before():
    closings(begun, closed).when(Closings.close, "2024-10", (run(4, 4),), **OCTOBER).refused(
        PeriodClosedAlready, "2024-10"
    )
    closings(begun, closed).when(Closings.close, "2024-09", (run(4, 4),), **OCTOBER).refused(
        PeriodClosedAlready
    )


def test_no_month_is_left_out_and_one_that_comes_early_waits():
    late = NOVEMBER | {"closed_at": datetime(2024, 12, 31, 17, tzinfo=UTC)}

    closings(begun, closed).when(Closings.close, "2024-12", (run(4, 4),), **late).refused(
        EarlierStillOpen, "2024-11 comes next"
    )


def test_no_number_is_left_out():
    closings(begun).when(Closings.close, "2024-10", (run(2, 3),), **OCTOBER).refused(
        EarlierStillOpen, "1 comes next, not 2"
    )


def test_no_number_is_closed_twice():
    closings(begun, closed).when(Closings.close, "2024-11", (run(3, 5),), **NOVEMBER).refused(
        ClosedBefore, "up to 3 before"
    )


def test_the_count_is_that_of_the_numbers():
    closings(begun).when(Closings.close, "2024-10", (replace(THREE, count=2),), **OCTOBER).refused(
        CountDiffers
    )
    closings(begun).when(Closings.close, "2024-10", (THREE, THREE), **OCTOBER).refused(CountDiffers, "twice")


def test_a_month_that_goes_on_in_the_province_is_not_closed():
    evening = OCTOBER | {"closed_at": datetime(2024, 10, 31, 16, 59, tzinfo=UTC)}
    midnight = OCTOBER | {"closed_at": datetime(2024, 10, 31, 17, tzinfo=UTC)}

    closings(begun).when(Closings.close, "2024-10", (THREE, NONE), **evening).refused(PeriodNotOver)
    closings(begun).when(Closings.close, "2024-10", (THREE, NONE), **midnight).then(closed)


def test_a_districts_clock_may_be_a_day_ahead_and_no_more():
    ahead = {"at": datetime(2024, 11, 1, 1, tzinfo=UTC)}

    closings(begun).when(Closings.close, "2024-10", (THREE, NONE), **OCTOBER | ahead).then(closed)
    closings(begun).when(
        Closings.close, "2024-10", (THREE,), **OCTOBER | {"at": datetime(2024, 11, 1, tzinfo=UTC)}
    ).refused(DateInFuture)


# -- The manifest


def test_the_digest_is_of_the_events_by_number_in_whatever_order_they_are_told():
    lines = "".join(f"{number} {id} {digest}\n" for number, id, digest in EVENTS)

    assert sha256(lines.encode()).hexdigest() == digest_of(reversed(EVENTS))


def test_canonical_json_has_one_spelling():
    assert '{"a":{"b":"Đ","c":1},"z":[]}' == canonical({"z": [], "a": {"c": 1, "b": "Đ"}}).decode()


def test_a_manifest_is_public_in_the_words_that_were_signed():
    event = publish(stamped(closed, Closings))

    assert isinstance(event, PeriodClosed)
    assert closed.fields["closed_at"] == event.closed_at
    assert [vars(THREE), vars(NONE)] == [stream.model_dump() for stream in event.streams]
    assert datetime(2024, 11, 2, 1, tzinfo=UTC) == event.occurred_at


@pytest.mark.parametrize(
    "said",
    [
        {"closed_at": "yesterday"},
        {"closed_at": "2024-12-03 09:30"},
        {"closed_at": 1},
        {"streams": []},
        {"key": 0},
    ],
)
def test_a_manifest_has_the_shape_of_its_contract(said):
    with pytest.raises(ValidationError):
        PeriodClosed.model_validate(manifest(**said) if "closed_at" not in said else manifest() | said)


# -- The use case


async def test_what_a_district_signs_is_closed(registry, store, founded, asked):
    event = PeriodClosed.model_validate(manifest() | {"from_the_future": 1})

    await check(registry)("THAN-UYEN", event)
    receipt = await handlers(registry)["PeriodClosed"](event, asked)

    assert Closings.id_for("THAN-UYEN", SOURCE) == receipt.subject
    assert "2024-10" == (await store.find(Closings, receipt.subject)).period


@pytest.mark.parametrize(
    "altered",
    [
        {"period": "2024-09"},
        {"source": "urn:district:TAM-KY"},
        {"closed_at": "2024-12-03T02:30:00Z"},
        {"streams": [vars(replace(THREE, digest=NOTHING))]},
        {"key": 2},
        {"signature": "0" * 64},
    ],
    ids=lambda altered: next(iter(altered)),
)
async def test_what_was_altered_on_the_way_is_refused(registry, founded, asked, altered):
    with pytest.raises(BadSignature):
        await registry.closings.close(ClosePeriod.model_validate(manifest() | altered), asked)


async def test_one_district_does_not_sign_for_another(registry, founded, asked):
    of_the_province = signature_of(
        {name: value for name, value in manifest().items() if name != "signature"},
        signing_key(MASTER_KEY, "LAI-CHAU", 1),
    )

    with pytest.raises(BadSignature):
        await registry.closings.close(
            ClosePeriod.model_validate(manifest() | {"signature": of_the_province}), asked
        )


async def test_each_key_of_a_district_signs_under_its_number(registry, founded, asked):
    await registry.closings.close(ClosePeriod.model_validate(manifest(key=2)), asked)
    again = manifest("2024-11", streams=[vars(run(4, 4))])

    assert await registry.closings.close(ClosePeriod.model_validate(again), asked)


async def test_a_key_that_is_revoked_or_was_never_issued_signs_nothing(registry, store, founded, asked):
    credentials = Credentials.begin("THAN-UYEN", at=NOW)
    credentials.issue(ends_at=None, at=NOW)
    credentials.revoke(1, at=NOW)
    credentials.issue(ends_at=None, at=NOW)
    await store.record(credentials, origin=asked)

    for key in (1, 3):
        with pytest.raises(BadSignature, match="not in use"):
            await registry.closings.close(ClosePeriod.model_validate(manifest(key=key)), asked)
    assert await registry.closings.close(ClosePeriod.model_validate(manifest(key=2)), asked)


async def test_who_is_not_founded_closes_nothing_yet(registry, asked):
    with pytest.raises(UnknownOrganization):
        await registry.closings.close(ClosePeriod.model_validate(manifest()), asked)


async def test_sources_of_a_district_close_each_for_itself(registry, founded, asked):
    await registry.closings.close(ClosePeriod.model_validate(manifest()), asked)
    other = manifest("2024-08", source="urn:district:THAN-UYEN:archive")

    assert await registry.closings.close(ClosePeriod.model_validate(other), asked)


async def test_a_manifest_that_came_by_hand_is_closed_by_an_officer(api, founded):
    told = await api.post("/closings", json=manifest(), headers=bearer("officer"))
    again = await api.post("/closings", json=manifest(), headers=bearer("officer"))
    reader = await api.post("/closings", json=manifest(), headers=bearer("auditor"))

    assert (201, 409, 403) == (told.status_code, again.status_code, reader.status_code)
    assert "PeriodClosedAlready" in again.text

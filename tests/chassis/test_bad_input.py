"""Whatever a district gets wrong is answered with its reason, kept, and stops nothing else."""

import json
from hashlib import sha256

import anyio
import pytest

from services.chassis.districts import strays
from services.chassis.districts.arrival import EVENT_BYTES_MAX
from services.chassis.parked import ParkingLot
from tests.chassis.districts import admission, cloud_event, founding
from tests.chassis.lamps import parked

DEEP = b'{"specversion": "1.0", "data": ' + b"[" * 100_000
LARGE = founding("bad-large", "TU-C-101") | {"comment": "x" * 2_000_000}
SURROGATE = json.dumps(founding("bad-\ud800", "TU-C-101")).encode()

BAD = {
    "not JSON": (b"{", "Malformed"),
    "nothing": (b"", "Malformed"),
    "bytes": (b"\xff\xfe\x00", "Malformed"),
    "a list": (b"[]", "Malformed"),
    "a text": (b'"event"', "Malformed"),
    "null": (b"null", "Malformed"),
    "very deep": (DEEP, "Malformed"),
    "an id that is a number": (founding(7, "TU-C-101"), "Malformed"),
    "an id that is empty": (founding("", "TU-C-101"), "Malformed"),
    "an id with NUL": (founding("bad\x00id", "TU-C-101"), "Malformed"),
    "an id that is half a sign": (SURROGATE, "Malformed"),
    "a time in 1024": (founding("bad-time", "TU-C-101") | {"time": "1024-01-01T00:00:00Z"}, "Malformed"),
    "data that is a list": (founding("bad-data", "TU-C-101") | {"data": []}, "Malformed"),
    "another specversion": (founding("bad-spec", "TU-C-101") | {"specversion": "0.3"}, "Malformed"),
    "two megabytes": (LARGE, "TooLarge"),
    "another name's type": (admission("bad-type", "TU-C-001"), "UnknownEvent"),
    "a version there is not": (
        cloud_event("bad-version", "registry.OrganizationFounded.v9", {}),
        "UnknownEvent",
    ),
    "another service's prefix": (
        cloud_event("bad-prefix", "assessment.OrganizationFounded.v1", {}),
        "UnknownEvent",
    ),
    "a type of one word": (cloud_event("bad-word", "OrganizationFounded", {}), "UnknownEvent"),
    "no data": (cloud_event("bad-empty", "registry.OrganizationFounded.v1", {}), "BreaksContract"),
    "a date in 1024": (founding("bad-date", "TU-C-101", founded_on="1024-01-01"), "BreaksContract"),
    "a date that is a number": (founding("bad-day", "TU-C-101", founded_on=20200101), "BreaksContract"),
    "a code in small letters": (founding("bad-code", "tu-c-101"), "BreaksContract"),
    "a name with NUL": (founding("bad-name", "TU-C-101", name="Chi\x00bộ"), "BreaksContract"),
    "half a sign in a name": (founding("bad-sign", "TU-C-101", name="\ud800"), "Malformed"),
    "a kind there is not": (founding("bad-kind", "TU-C-101", kind="CLUB"), "BreaksContract"),
    "a list for an organization": (founding("bad-list", ["TU-C-101"]), "BreaksContract"),
    "another district's cell": (founding("bad-place", "TK-C-009", parent="TAM-KY"), "NotYours"),
    "a code that is taken": (founding("bad-taken", "TU-C-100"), "CodeTaken"),
    "a parent nobody knows": (founding("bad-parent", "TU-C-101", parent="NOWHERE"), "UnknownOrganization"),
}


async def test_every_bad_input_is_answered_with_its_own_reason(than_uyen, store):
    await than_uyen.tell("OrganizationFounded", founding("good-1", "TU-C-100"))
    before = {receipt.id for _, receipt in than_uyen.heard}
    reasons = {}
    for what, (body, _) in BAD.items():
        receipt = await than_uyen.tell("OrganizationFounded", body)
        reasons[what] = receipt.reason
        before.add(receipt.id)

    assert {what: reason for what, (_, reason) in BAD.items()} == reasons
    assert 1 + len(BAD) == len(before), "each receipt names the event it answers"


async def test_every_bad_input_is_kept_as_it_came(than_uyen, store):
    await than_uyen.tell("OrganizationFounded", founding("good-1", "TU-C-100"))
    for body, _ in BAD.values():
        await than_uyen.publish("OrganizationFounded", body)
    await than_uyen.answers(1 + len(BAD))

    lot = ParkingLot(store.pool)
    kept = [await lot.show(row["id"]) for row in await parked(store)]
    sent = [body if isinstance(body, bytes) else json.dumps(body).encode() for body, _ in BAD.values()]
    assert {sha256(body).digest() for body in sent} == {sha256(row["message"]).digest() for row in kept}
    assert {"THAN-UYEN"} == {row["place"] for row in kept}


async def test_bad_input_stops_nothing_that_comes_with_it(than_uyen, store):
    for n, (body, _) in enumerate(BAD.values()):
        await than_uyen.publish("OrganizationFounded", body)
        await than_uyen.publish("OrganizationFounded", founding(f"good-{n}", f"TU-D-{n:03}"))
    await than_uyen.answers(2 * len(BAD))

    accepted = {receipt.subject for _, receipt in than_uyen.heard if receipt.outcome == "accepted"}
    assert {f"lamp-TU-D-{n:03}" for n in range(len(BAD))} <= accepted


async def test_a_reason_explains_itself_without_repeating_what_was_sent(than_uyen):
    receipt = await than_uyen.tell(
        "OrganizationFounded", founding("e-1", "TU-C-101", name="\tsecret", founded_on="1024-01-01")
    )

    assert "founded_on" in receipt.detail
    assert "secret" not in receipt.detail


@pytest.mark.parametrize("name", ["MemberAdmited", "NoticeSent", "Member.Admitted"])
async def test_a_name_nobody_takes_is_answered_by_the_registry(than_uyen, store, name):
    receipt = await than_uyen.tell(name, admission("e-1", "TU-C-001"))

    assert ("rejected", "UnknownEvent", "registry") == (receipt.outcome, receipt.reason, receipt.service)
    assert "MemberAdmitted" in receipt.detail
    assert ["e-1"] == [row["event_id"] for row in await parked(store)]


async def test_what_nobody_takes_is_refused_together_as_far_as_it_can_be_held(than_uyen, intake, monkeypatch):
    held, refuse = [], intake.refuse

    async def refusing(refused):
        held.append(sum(len(arrival.body) for arrival, _ in refused))
        return await refuse(refused)

    monkeypatch.setattr(intake, "refuse", refusing)
    monkeypatch.setattr(strays, "PULL_BYTES_MAX", 2_000)
    bodies = [json.dumps(admission(f"e-{n}", "TU-C-001")).encode() for n in range(40)]
    async with anyio.create_task_group() as tasks:
        for body in bodies:
            tasks.start_soon(than_uyen.publish, "MemberAdmited", body)
    receipts = await than_uyen.answers(len(bodies))

    assert {"UnknownEvent"} == {receipt.reason for receipt in receipts}
    assert max(held) <= 2_000
    assert len(held) < len(bodies), "several in one transaction"


async def test_an_event_just_within_the_limit_is_accepted(than_uyen):
    event = founding("e-1", "TU-C-009")
    event["comment"] = "x" * (EVENT_BYTES_MAX - len(json.dumps(event | {"comment": ""})))

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", event)).outcome
    event |= {"id": "e-2", "comment": event["comment"] + "x"}
    assert "TooLarge" == (await than_uyen.tell("OrganizationFounded", event)).reason

"""A district at the door: the public CloudEvents SDK, a plain NATS client, and all one can get wrong."""

import json

import anyio
import nats
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from nats.errors import Error as NatsError

from contracts.reasons import REASONS
from tests.patience import PATIENCE_S
from tests.system.conftest import look_again


def founding(code: str, *, parent: str = "TAM-KY", founded_on: str = "2020-05-19") -> dict:
    return {
        "organization": code,
        "name": f"Chi bộ {code}",
        "kind": "GRASSROOTS_CELL",
        "parent": parent,
        "founded_on": founded_on,
    }


async def test_an_event_written_with_the_public_sdk_is_accepted_and_shown(district, ask):
    event = CloudEvent(
        attributes={
            "id": "sdk-1",
            "source": "urn:district:TAM-KY",
            "type": "registry.OrganizationFounded.v1",
            "specversion": "1.0",
            "datacontenttype": "application/json",
        },
        data=founding("SDK-1"),
    )
    await district.publish_raw("OrganizationFounded", JSONFormat().write(event))
    [receipt] = await district.answers(["sdk-1"])

    assert "accepted" == receipt["outcome"]
    shown = await ask.json("registry", f"/organizations/SDK-1?after=registry:{receipt['position']}")
    assert ["QUANG-NAM", "TAM-KY", "SDK-1"] == shown["path"]


async def test_the_same_event_again_is_a_duplicate_with_the_same_position(district):
    event = district.event("registry.OrganizationFounded.v1", founding("TWICE-1"))
    [first] = await district.tell(event)
    [second] = await district.tell(event)

    assert ("accepted", "duplicate") == (first["outcome"], second["outcome"])
    assert first["position"] == second["position"]


async def test_a_district_asks_what_has_arrived_and_each_owner_answers_for_its_own_stream(district, ask):
    source = "urn:district:TAM-KY:numbered"

    async def received(owner: str, last: int) -> dict:
        question = json.dumps({"source": source, "last": last}).encode()
        answer = await district.client.request(f"received.{owner}.TAM-KY", question, timeout=PATIENCE_S)
        [stream] = json.loads(answer.data)["streams"]
        return stream

    for number in (1, 2, 5):
        event = district.event("registry.OrganizationFounded.v1", founding(f"NUM-{number}"))
        [receipt] = await district.tell(event | {"source": source, "number": number})
        assert ("accepted", number) == (receipt["outcome"], receipt["number"])

    assert (6, 3, [[3, 4], [6, 6]]) == _so_far(await received("registry", last=6))
    assert (1, 0, [[1, 1]]) == _so_far(await received("assessment", last=1))
    assert (0, 0, []) == _so_far(await received("classification", last=0))
    shown = await ask.json("registry", "/districts/TAM-KY?month=2020-05")
    assert [(source, 3)] == [(of["source"], of["received"]) for of in shown["months"]]


def _so_far(stream: dict) -> tuple:
    return stream["last"], stream["received"], stream["missing"]


async def test_the_same_id_with_other_content_is_rejected(district):
    event = district.event("registry.OrganizationFounded.v1", founding("REUSED-1"))
    await district.tell(event)
    [receipt] = await district.tell({**event, "data": founding("REUSED-2")})

    assert ("rejected", "IdReused") == (receipt["outcome"], receipt["reason"])


@pytest.mark.parametrize(
    ("type", "data", "reason"),
    [
        ("registry.OrganizationFounded.v1", founding("X-1", founded_on="1024-05-19"), "BreaksContract"),
        ("registry.OrganizationFounded.v1", {**founding("X-2"), "kind": "CLUB"}, "BreaksContract"),
        ("registry.OrganizationFounded.v1", founding("X-3", parent="BINH-THUAN"), "NotYours"),
        ("registry.OrganizationAbolished.v1", founding("X-4"), "UnknownEvent"),
        ("notification.NoticeSent.v1", {}, "UnknownEvent"),
        ("registry.OrganizationFounded.v1", {**founding("X-5"), "name": "x" * 300_000}, "TooLarge"),
        ("registry.OrganizationFounded.v1", {**founding("X-6"), "name": "x" * 2_000_000}, "TooLarge"),
    ],
    ids=[
        "a date in 1024",
        "a kind that does not exist",
        "another district's cell",
        "an unknown event",
        "a service's own event",
        "a large event",
        "2 MB",
    ],
)
async def test_bad_input_is_rejected_with_its_reason_and_kept(district, ask, type, data, reason):
    event = district.event(type, data)
    [receipt] = await district.tell(event)

    assert ("rejected", reason) == (receipt["outcome"], receipt["reason"])
    assert REASONS[reason].vi in receipt["said"]["vi"]
    parked = await ask.json("registry", "/parked", role="operator")
    assert [reason] == [item["reason"] for item in parked if item["event_id"] == event["id"]]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'"text"', b"{}", b"[" * 5000], ids=repr)
async def test_what_is_no_event_is_rejected_and_does_not_stop_the_next(district, body):
    before = district.heard
    await district.publish_raw("OrganizationFounded", body)
    with anyio.fail_after(PATIENCE_S):
        while district.heard == before:
            await look_again()
    [malformed] = [r for r in district.receipts.values() if r["reason"] == "Malformed"]
    event = district.event("registry.OrganizationFounded.v1", founding(f"AFTER-{abs(hash(body)) % 10**9}"))
    [receipt] = await district.tell(event)

    assert malformed["id"].startswith("sha256:")
    assert "accepted" == receipt["outcome"]


@pytest.mark.parametrize(
    "subject",
    ["intake.BINH-THUAN.MemberAdmitted", "events.registry.MemberAdmitted.v1.X", "receipts.TAM-KY.X"],
)
async def test_a_district_can_publish_nowhere_but_on_its_own_intake(province, subject):
    assert "permissions violation for publish" in await refused(province, "TAM-KY", publish=subject)


async def test_a_district_cannot_hear_anothers_receipts(province):
    said = await refused(province, "LAI-CHAU", subscribe="receipts.TAM-KY.>")

    assert "permissions violation for subscription" in said


async def refused(province, code: str, *, publish: str = "", subscribe: str = "") -> str:
    """Return what the server says to a district that publishes or subscribes."""
    errors: list[str] = []

    async def keep(error: Exception) -> None:
        errors.append(str(error))

    prefix = f"_INBOX_{code}".encode()
    client = await nats.connect(
        province.nats_url(code), inbox_prefix=prefix, error_cb=keep, allow_reconnect=False
    )
    if publish:
        await client.publish(publish, b"{}")
        await client.flush()
    else:
        await client.subscribe(subscribe)
    await client.flush()
    with anyio.move_on_after(PATIENCE_S):
        while not errors:
            await look_again()
    await client.close()
    return " ".join(errors)


async def test_a_stranger_is_not_let_in(province):
    address = province.nats_url("TAM-KY").rpartition("@")[2]
    with pytest.raises(NatsError):
        await nats.connect(f"nats://TAM-KY:guess@{address}", allow_reconnect=False)


async def test_an_unknown_parent_is_waited_for_then_rejected_and_a_correction_is_accepted(district, ask):
    event = district.event("registry.OrganizationFounded.v1", founding("LATE-CHILD", parent="LATE-PARENT"))
    [rejected] = await district.tell(event)
    assert "UnknownOrganization" == rejected["reason"]

    parent = {**founding("LATE-PARENT"), "kind": "GRASSROOTS_COMMITTEE"}
    child = {**founding("LATE-CHILD", parent="LATE-PARENT"), "kind": "SUBORDINATE_CELL"}
    [accepted] = await district.tell(district.event("registry.OrganizationFounded.v1", parent))
    assert "accepted" == accepted["outcome"]
    [again] = await district.tell({**event, "id": event["id"] + "-corrected", "data": child})
    assert "accepted" == again["outcome"]
    [item] = [
        p for p in await ask.json("registry", "/parked", role="operator") if p["event_id"] == event["id"]
    ]
    kept = json.loads((await ask.json("registry", f"/parked/{item['id']}", role="operator"))["message"])
    assert event == kept


async def test_an_expired_or_foreign_token_is_told_so(province, ask):
    url = f"{province.url('registry')}/registry/v1/organizations/TAM-KY"
    expired = province.token("officer", hours=-1)
    answers = [
        await ask.client.get(url, headers={"Authorization": f"Bearer {token}"})
        for token in (expired, "a.b.c", province.token("officer")[:-8] + "AAAAAAAA")
    ]

    assert [401, 401, 401] == [answer.status_code for answer in answers]
    assert "expired" in answers[0].json()["detail"]
    assert "urn:fourgood:problem:Unauthenticated" == answers[1].json()["type"]

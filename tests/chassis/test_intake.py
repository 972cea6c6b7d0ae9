"""The intake: every event is answered once it is known what became of it."""

import asyncio
import json

import pytest
from faststream.specification import AsyncAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nats.errors import Error as NatsError

from services.chassis.districts import late
from services.chassis.parked import ParkingLot
from tests.chassis.districts import SOURCE, admission, district, founding
from tests.chassis.lamps import parked
from tests.chassis.story import Lamp, founded, until
from tests.telling import delivered

# -- Accepted


async def test_an_accepted_event_is_recorded_and_its_receipt_says_where(than_uyen, store):
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert ("accepted", SOURCE, "e-1", "registry", "lamp-TU-C-009", 1) == (
        receipt.outcome,
        receipt.source,
        receipt.id,
        receipt.service,
        receipt.subject,
        receipt.position,
    )
    assert "TU-C-009" == (await store.find(Lamp, "lamp-TU-C-009")).code


async def test_a_receipt_lies_on_the_subject_of_its_district_and_event(than_uyen):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
    await than_uyen.tell("MeetingHelt", founding("e-2", "TU-C-009"))

    assert ["receipts.THAN-UYEN.OrganizationFounded", "receipts.THAN-UYEN.MeetingHelt"] == [
        subject for subject, _ in than_uyen.heard
    ]


async def test_a_district_hears_none_of_anothers_receipts(nats, than_uyen):
    async with district(nats, "TAM-KY") as tam_ky:
        await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
        await tam_ky.tell("OrganizationFounded", founding("e-1", "TK-C-009", parent="TAM-KY"))

    assert ["receipts.TAM-KY.OrganizationFounded"] == [subject for subject, _ in tam_ky.heard]
    assert 1 == len(than_uyen.heard)


async def test_a_district_cannot_publish_as_another(nats, than_uyen):
    with pytest.raises(NatsError):
        await than_uyen.connection.jetstream().publish("intake.TAM-KY.MemberAdmitted", b"{}", timeout=0.3)


async def test_the_fact_says_that_the_district_caused_it(than_uyen, store):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    [recorded] = await store.read(0, 1)
    name = f"{SOURCE}:e-1"
    assert {"actor": "district:THAN-UYEN", "correlation": name, "causation": name} == recorded.origin


async def test_events_of_one_organization_keep_their_order(than_uyen, lamps):
    await than_uyen.publish("OrganizationFounded", founding("e-0", "TU-C-001"))
    for n in range(60):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    await than_uyen.answers(61)

    assert [f"M-{n:04}" for n in range(60)] == lamps.taken


async def test_a_districts_next_batch_is_decided_while_the_last_is_told_and_no_third(
    intake, than_uyen, store, monkeypatch
):
    tell, may_tell = intake.tell, asyncio.Event()

    async def held(answers):
        await may_tell.wait()
        await tell(answers)

    monkeypatch.setattr(intake, "tell", held)
    for n in (1, 2):
        await than_uyen.publish("OrganizationFounded", founding(f"e-{n}", f"TU-C-{n:03}"))
        await until(lambda n=n: is_at(store, n))
    await than_uyen.publish("OrganizationFounded", founding("e-3", "TU-C-003"))
    await until(lambda: intake.lanes.lanes["THAN-UYEN"].ready)
    assert (2, []) == (await store.head(), than_uyen.heard)
    assert 2 == intake.lanes.lanes["THAN-UYEN"].unanswered

    may_tell.set()
    receipts = await than_uyen.answers(3)
    assert [("e-1", "accepted"), ("e-2", "accepted"), ("e-3", "accepted")] == [
        (receipt.id, receipt.outcome) for receipt in receipts
    ]


async def is_at(store, position):
    return await store.head() == position


async def test_what_is_taken_in_is_described_beside_what_is_published(intake):
    described = AsyncAPI(intake.lanes.broker, intake.described()).to_specification().to_jsonable()

    addresses = {channel["address"] for channel in described["channels"].values()}
    assert {f"intake.*.{name}" for name in intake.handlers} == addresses
    assert "MemberAdmitted" in described["components"]["schemas"]
    assert 1 == len(described["servers"])


# -- Again


async def test_the_same_event_again_is_a_duplicate_with_the_first_position(than_uyen, store):
    event = founding("e-1", "TU-C-009")
    first = await than_uyen.tell("OrganizationFounded", event)
    again = await than_uyen.tell("OrganizationFounded", event)

    assert ("duplicate", first.subject, first.position) == (again.outcome, again.subject, again.position)
    assert 1 == await store.head()
    assert [] == await parked(store)


async def test_the_same_event_written_otherwise_is_a_duplicate(than_uyen):
    event = founding("e-1", "TU-C-009")
    await than_uyen.tell("OrganizationFounded", event)
    otherwise = json.dumps(dict(reversed(event.items())), indent=3, ensure_ascii=False).encode()

    assert "duplicate" == (await than_uyen.tell("OrganizationFounded", otherwise)).outcome


async def test_an_id_used_again_for_something_else_is_refused(than_uyen, store):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-008"))

    assert ("rejected", "IdReused") == (receipt.outcome, receipt.reason)
    assert None is await store.look_up(Lamp, "lamp-TU-C-008")


async def test_an_id_used_twice_at_once_is_accepted_once(intake, than_uyen, store):
    """Two organizations do not wait for each other, so both may be underway with the same id."""
    for n in range(20):
        for code in ("A", "B"):
            await than_uyen.publish("OrganizationFounded", founding(f"e-{n}", f"TU-{code}-{n:03}"))
    await than_uyen.answers(40)

    reasons = [receipt.reason for _, receipt in than_uyen.heard]
    assert {None: 20, "IdReused": 20} == {reason: reasons.count(reason) for reason in reasons}
    assert 20 == len(await store.read(0, 100))


async def test_the_same_id_from_another_source_is_another_event(than_uyen):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
    other = founding("e-1", "TU-C-008") | {"source": "urn:fourgood:than-uyen:2"}

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", other)).outcome


async def test_a_crash_between_recording_and_telling_ends_in_a_duplicate(
    intake, than_uyen, store, monkeypatch
):
    tell, lost = intake.tell, []

    async def dying(answers):
        if not lost:
            lost.extend(receipt for _, receipt in answers)
            raise NatsError
        await tell(answers)

    monkeypatch.setattr(intake, "tell", dying)
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert ("accepted", 1) == (lost[0].outcome, lost[0].position)
    assert ("duplicate", 1) == (receipt.outcome, receipt.position)
    assert 1 == len(await store.read(0, 10))


# -- What may still come


async def test_an_event_that_comes_before_what_it_speaks_of_waits_for_it(than_uyen, monkeypatch):
    monkeypatch.setattr(late, "KNOWN_WITHIN_S", 3600.0)
    await than_uyen.publish("MemberAdmitted", admission("e-2", "TU-C-001"))
    await than_uyen.publish("OrganizationFounded", founding("e-1", "TU-C-001"))
    receipts = await than_uyen.answers(2)

    assert [("e-1", "accepted"), ("e-2", "accepted")] == [(r.id, r.outcome) for r in receipts]


async def test_an_organization_that_stays_unknown_is_refused_after_a_while(than_uyen, store):
    receipt = await than_uyen.tell("MemberAdmitted", admission("e-1", "NOWHERE"))

    assert ("rejected", "UnknownOrganization") == (receipt.outcome, receipt.reason)
    assert ["UnknownOrganization"] == [row["reason"] for row in await parked(store)]


async def test_an_event_that_waits_lets_others_pass(than_uyen, monkeypatch):
    monkeypatch.setattr(late, "KNOWN_WITHIN_S", 3600.0)
    await than_uyen.publish("MemberAdmitted", admission("e-1", "NOWHERE"))
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-2", "TU-C-009"))

    assert ("e-2", "accepted") == (receipt.id, receipt.outcome)


async def test_an_event_rejected_too_early_can_be_decided_again(intake, than_uyen, store, tree):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009", parent="TU-C-003"))
    await tree.apply([delivered(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])
    [row] = await parked(store)
    await intake.retry(await ParkingLot(store.pool).show(row["id"]))
    receipts = await than_uyen.answers(2)

    assert ["rejected", "accepted"] == [receipt.outcome for receipt in receipts]
    assert [] == await parked(store)


async def test_a_rejected_event_sent_again_when_it_is_right_is_accepted_and_no_longer_kept(
    than_uyen, store, tree
):
    event = founding("e-1", "TU-C-009", parent="TU-C-003")
    await than_uyen.tell("OrganizationFounded", event)
    await tree.apply([delivered(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", event)).outcome
    assert [] == await parked(store)


async def test_nothing_is_unknown_for_good_while_there_is_news_to_read(intake, than_uyen, monkeypatch):
    news = ["a founding"]

    async def settled():
        return not news

    intake.settled = settled
    monkeypatch.setattr(late, "KNOWN_WITHIN_S", 0.0)
    await than_uyen.publish("MemberAdmitted", admission("e-1", "NOWHERE"))
    await than_uyen.tell("OrganizationFounded", founding("e-2", "TU-C-009"))
    assert ["e-2"] == [receipt.id for _, receipt in than_uyen.heard]
    news.clear()
    receipts = await than_uyen.answers(2)

    assert ("e-1", "UnknownOrganization") == (receipts[1].id, receipts[1].reason)


# -- Whatever the line does

ORGANIZATIONS = ("A", "B", "C")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_events_repeated_and_out_of_order_across_organizations_are_recorded_once(
    intake, than_uyen, store, data
):
    async def everywhere(district, event):
        pass

    intake.check = everywhere
    late.KNOWN_WITHIN_S = 3600.0  # restored by the fixture
    run = f"R{await store.head()}"
    events = [(code, n) for code in ORGANIZATIONS for n in range(4)]
    line = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events), max_size=12))
    than_uyen.heard.clear()
    for code, n in line:
        organization, id = f"{run}-{code}", f"{run}-{code}-{n}"
        if n == 0:
            await than_uyen.publish("OrganizationFounded", founding(id, organization))
        else:
            await than_uyen.publish("MemberAdmitted", admission(id, organization, f"M-{n}"))
    receipts = await than_uyen.answers(len(line))

    lamps = [await store.find(Lamp, f"lamp-{run}-{code}") for code in ORGANIZATIONS]
    assert [3, 3, 3] == [lamp.times for lamp in lamps]
    accepted = [receipt.id for receipt in receipts if receipt.outcome == "accepted"]
    assert sorted(f"{run}-{code}-{n}" for code, n in events) == sorted(accepted)
    assert {"accepted", "duplicate"} >= {receipt.outcome for receipt in receipts}

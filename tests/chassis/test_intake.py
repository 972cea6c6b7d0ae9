"""The intake: every event is answered once it is known what became of it, and none stops another."""

import json
from hashlib import sha256

import pytest
from faststream.nats import NatsRouter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig
from prometheus_client import CollectorRegistry
from psycopg import OperationalError

from services.chassis import bus, strays
from services.chassis import intake as intake_module
from services.chassis.auth import Rights
from services.chassis.bus import TRIES_MAX, make_prompt
from services.chassis.errors import AlreadyDone, Conflict, NotYetKnown, Refused
from services.chassis.intake import EVENT_BYTES_MAX, Intake
from services.chassis.parked import ParkingLot
from services.chassis.store import retried
from services.chassis.tree import Tree
from services.chassis.view import Delivery
from tests.chassis.conftest import connected
from tests.chassis.districts import SOURCE, admission, cloud_event, district, founding, target
from tests.chassis.story import Lamp, founded, until


class CodeTaken(Refused):
    """A code is given once."""


class LampUnknown(NotYetKnown):
    """A lamp is lit after it was installed."""


class Lamps:
    """A service in small: foundings install a lamp, admissions light it, targets meet a defect."""

    def __init__(self, store):
        self.store = store
        self.trouble = []
        self.taken = []

    def handlers(self):
        return {
            "OrganizationFounded": self.install,
            "MemberAdmitted": retried(self.light),
            "AdmissionTargetSet": self.fail,
        }

    async def install(self, event, origin):
        if self.trouble:
            raise self.trouble.pop()
        try:
            return await self.store.record(Lamp.install(event.organization), origin=origin)
        except AlreadyDone:
            raise
        except Conflict as error:
            raise CodeTaken(f"{event.organization} is taken") from error

    async def light(self, event, origin):
        lamp = await self.store.look_up(Lamp, f"lamp-{event.organization}")
        if lamp is None:
            raise LampUnknown(f"no lamp {event.organization}")
        lamp.light()
        receipt = await self.store.record(lamp, origin=origin)
        self.taken.append(event.member)
        return receipt

    async def fail(self, event, origin):
        raise ZeroDivisionError("a defect of ours")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(intake_module, "patience_s", lambda attempt: 0.03)
    monkeypatch.setattr(bus, "patience_s", lambda attempt: 0.03)
    monkeypatch.setattr(intake_module, "KNOWN_WITHIN_S", 0.2)


@pytest.fixture
async def tree(pool):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(
        [
            Delivery(founded("THAN-UYEN", sequence=1, previous=0)),
            Delivery(founded("TU-C-001", sequence=2, previous=1, parent="THAN-UYEN")),
            Delivery(founded("TU-C-002", sequence=3, previous=2, parent="THAN-UYEN")),
            Delivery(founded("TAM-KY", sequence=4, previous=3)),
            Delivery(founded("TK-C-001", sequence=5, previous=4, parent="TAM-KY")),
        ]
    )
    return tree


@pytest.fixture
def lamps(store):
    return Lamps(store)


@pytest.fixture
async def intake(nats, store, lamps, tree):
    """Return the registry's intake, taking in what lies on the bus."""
    rights = Rights(tree)

    async def check(district, event):
        await rights.check_district(district, getattr(event, "parent", None) or event.organization)

    async def settled():
        return True

    intake = Intake(store, lamps.handlers(), check=check, settled=settled, metrics=CollectorRegistry())
    async with connected(nats) as broker:
        await intake.declare(broker)
        router = NatsRouter()
        intake.subscribe(router, broker)
        strays.subscribe(router, broker, intake)
        broker.include_router(router)
        await broker.start()
        make_prompt(broker)
        intake.broker = broker
        yield intake


@pytest.fixture
async def than_uyen(nats, intake):
    async with district(nats) as than_uyen:
        yield than_uyen


async def parked(store):
    return await ParkingLot(store.pool).listing()


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


# -- Bad input

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


async def test_an_event_just_within_the_limit_is_accepted(than_uyen):
    event = founding("e-1", "TU-C-009")
    event["comment"] = "x" * (EVENT_BYTES_MAX - len(json.dumps(event | {"comment": ""})))

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", event)).outcome
    event |= {"id": "e-2", "comment": event["comment"] + "x"}
    assert "TooLarge" == (await than_uyen.tell("OrganizationFounded", event)).reason


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


async def test_a_crash_between_recording_and_telling_ends_in_a_duplicate(than_uyen, store, monkeypatch):
    tell, lost = intake_module.tell, []

    async def dying(js, arrival, receipt):
        if not lost:
            lost.append(receipt)
            raise NatsError
        await tell(js, arrival, receipt)

    monkeypatch.setattr(intake_module, "tell", dying)
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert ("accepted", 1) == (lost[0].outcome, lost[0].position)
    assert ("duplicate", 1) == (receipt.outcome, receipt.position)
    assert 1 == len(await store.read(0, 10))


# -- What may still come


async def test_an_event_that_comes_before_what_it_speaks_of_waits_for_it(than_uyen, monkeypatch):
    monkeypatch.setattr(intake_module, "KNOWN_WITHIN_S", 10.0)
    await than_uyen.publish("MemberAdmitted", admission("e-2", "TU-C-001"))
    await than_uyen.publish("OrganizationFounded", founding("e-1", "TU-C-001"))
    receipts = await than_uyen.answers(2)

    assert [("e-1", "accepted"), ("e-2", "accepted")] == [(r.id, r.outcome) for r in receipts]


async def test_an_organization_that_stays_unknown_is_refused_after_a_while(than_uyen, store):
    receipt = await than_uyen.tell("MemberAdmitted", admission("e-1", "NOWHERE"))

    assert ("rejected", "UnknownOrganization") == (receipt.outcome, receipt.reason)
    assert ["UnknownOrganization"] == [row["reason"] for row in await parked(store)]


async def test_an_event_that_waits_lets_others_pass(than_uyen, monkeypatch):
    monkeypatch.setattr(intake_module, "KNOWN_WITHIN_S", 60.0)
    await than_uyen.publish("MemberAdmitted", admission("e-1", "NOWHERE"))
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-2", "TU-C-009"))

    assert ("e-2", "accepted") == (receipt.id, receipt.outcome)


async def test_an_event_rejected_too_early_can_be_decided_again(intake, than_uyen, store, tree):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009", parent="TU-C-003"))
    await tree.apply([Delivery(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])
    [row] = await parked(store)
    await intake.retry(await ParkingLot(store.pool).show(row["id"]), intake.broker)
    receipts = await than_uyen.answers(2)

    assert ["rejected", "accepted"] == [receipt.outcome for receipt in receipts]
    assert [] == await parked(store)


async def test_a_rejected_event_sent_again_when_it_is_right_is_accepted_and_no_longer_kept(
    than_uyen, store, tree
):
    event = founding("e-1", "TU-C-009", parent="TU-C-003")
    await than_uyen.tell("OrganizationFounded", event)
    await tree.apply([Delivery(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", event)).outcome
    assert [] == await parked(store)


async def test_nothing_is_unknown_for_good_while_there_is_news_to_read(intake, than_uyen, monkeypatch):
    news = ["a founding"]

    async def settled():
        return not news

    intake.settled = settled
    monkeypatch.setattr(intake_module, "KNOWN_WITHIN_S", 0.0)
    await than_uyen.publish("MemberAdmitted", admission("e-1", "NOWHERE"))
    await than_uyen.tell("OrganizationFounded", founding("e-2", "TU-C-009"))
    assert ["e-2"] == [receipt.id for _, receipt in than_uyen.heard]
    news.clear()
    receipts = await than_uyen.answers(2)

    assert ("e-1", "UnknownOrganization") == (receipts[1].id, receipts[1].reason)


# -- What is not the event's fault


async def test_a_defect_of_ours_is_tried_again_then_kept_and_said(than_uyen, lamps, store):
    receipt = await than_uyen.tell("AdmissionTargetSet", target("e-1", "TU-C-001"))

    assert ("rejected", "Defect", "our mistake") == (receipt.outcome, receipt.reason, receipt.detail)
    [row] = await parked(store)
    assert "a defect of ours" == row["detail"]


async def test_a_defect_that_goes_away_costs_nothing(than_uyen, lamps, store):
    lamps.trouble = [ZeroDivisionError()] * (TRIES_MAX - 1)
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert "accepted" == receipt.outcome
    assert [] == await parked(store)


async def test_a_database_that_is_away_is_waited_for(than_uyen, lamps, store):
    lamps.trouble = [OperationalError()] * (3 * TRIES_MAX)
    receipt = await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))

    assert "accepted" == receipt.outcome
    assert [] == await parked(store)


async def test_nothing_is_lost_when_not_even_the_refusal_can_be_kept(than_uyen, store, monkeypatch):
    """The database goes away between the decision and its keeping: the event comes again."""
    reject, failures = Intake.reject, []

    async def failing(self, arrival, error):
        if len(failures) < 2 * TRIES_MAX:
            failures.append(error)
            raise OperationalError("the connection is lost")
        return await reject(self, arrival, error)

    monkeypatch.setattr(Intake, "reject", failing)
    receipts = [
        await than_uyen.tell("OrganizationFounded", b"{"),
        await than_uyen.tell("AdmissionTargetSet", target("e-1", "TU-C-001")),
        await than_uyen.tell("NoSuchName", founding("e-2", "TU-C-001")),
    ]

    assert ["Malformed", "Defect", "UnknownEvent"] == [receipt.reason for receipt in receipts]


async def test_a_defect_whose_refusal_cannot_be_kept_comes_again(than_uyen, store, monkeypatch):
    reject, failures = Intake.reject, []

    async def failing(self, arrival, error):
        if len(failures) < 3:
            failures.append(error)
            raise OperationalError("the connection is lost")
        return await reject(self, arrival, error)

    monkeypatch.setattr(Intake, "reject", failing)
    receipt = await than_uyen.tell("AdmissionTargetSet", target("e-1", "TU-C-001"))

    assert ("rejected", "Defect", 3) == (receipt.outcome, receipt.reason, len(failures))


async def test_a_server_killed_under_the_intake_loses_no_event(nats, than_uyen, lamps):
    await than_uyen.publish("OrganizationFounded", founding("e-0", "TU-C-001"))
    for n in range(40):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    nats.kill()
    await until(lambda: not than_uyen.connection.is_connected)
    nats.start()
    await until(lambda: len(lamps.taken) == 40, within_s=20)

    assert sorted(lamps.taken) == [f"M-{n:04}" for n in range(40)]


async def test_what_a_dead_process_took_and_did_not_answer_is_answered_at_once(nats, broker, store, lamps):
    """The server would hold it back until the ack wait of a minute is over."""

    async def anyone(district, event):
        pass

    async def settled():
        return True

    intake = Intake(store, lamps.handlers(), check=anyone, settled=settled, metrics=CollectorRegistry())
    await intake.declare(broker)
    js = broker.connection.jetstream()
    await js.add_consumer(
        "INTAKE", ConsumerConfig(durable_name=intake.durable, filter_subjects=intake.subjects, ack_wait=60)
    )
    async with district(nats) as than_uyen:
        for n in range(5):
            await than_uyen.publish("OrganizationFounded", founding(f"e-{n}", f"TU-C-{n:03}"))
        dead = await js.pull_subscribe_bind(intake.durable, "INTAKE")
        assert 3 == len(await dead.fetch(3))
        await dead.unsubscribe()
        await intake.rewind(js)
        router = NatsRouter()
        intake.subscribe(router, broker)
        broker.include_router(router)
        await broker.start()
        make_prompt(broker)
        receipts = await than_uyen.answers(5)

    assert ["accepted"] * 5 == [receipt.outcome for receipt in receipts]


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
    intake_module.KNOWN_WITHIN_S = 30.0  # restored by the fixture
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
    receipts = await than_uyen.answers(len(line), within_s=20)

    lamps = [await store.find(Lamp, f"lamp-{run}-{code}") for code in ORGANIZATIONS]
    assert [3, 3, 3] == [lamp.times for lamp in lamps]
    accepted = [receipt.id for receipt in receipts if receipt.outcome == "accepted"]
    assert sorted(f"{run}-{code}-{n}" for code, n in events) == sorted(accepted)
    assert {"accepted", "duplicate"} >= {receipt.outcome for receipt in receipts}

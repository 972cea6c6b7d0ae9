"""What is not the event's fault: defects, a database or a server that is away, a process that died."""

import anyio
from nats.js.api import ConsumerConfig
from prometheus_client import CollectorRegistry
from psycopg import OperationalError

from services.chassis.districts.intake import Intake
from services.chassis.streams.bus import TRIES_MAX, declare_intake
from tests.chassis.districts import admission, district, founding, target
from tests.chassis.lamps import parked
from tests.chassis.story import until


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
    refuse, failures = Intake.refuse, []

    async def failing(self, refused):
        if len(failures) < 2 * TRIES_MAX:
            failures.append(refused)
            raise OperationalError("the connection is lost")
        return await refuse(self, refused)

    monkeypatch.setattr(Intake, "refuse", failing)
    receipts = [
        await than_uyen.tell("OrganizationFounded", b"{"),
        await than_uyen.tell("AdmissionTargetSet", target("e-1", "TU-C-001")),
        await than_uyen.tell("NoSuchName", founding("e-2", "TU-C-001")),
    ]

    assert ["Malformed", "Defect", "UnknownEvent"] == [receipt.reason for receipt in receipts]


async def test_a_defect_whose_refusal_cannot_be_kept_comes_again(than_uyen, store, monkeypatch):
    refuse, failures = Intake.refuse, []

    async def failing(self, refused):
        if len(failures) < 3:
            failures.append(refused)
            raise OperationalError("the connection is lost")
        return await refuse(self, refused)

    monkeypatch.setattr(Intake, "refuse", failing)
    receipt = await than_uyen.tell("AdmissionTargetSet", target("e-1", "TU-C-001"))

    assert ("rejected", "Defect", 3) == (receipt.outcome, receipt.reason, len(failures))


async def test_a_server_killed_under_the_intake_loses_no_event(nats, intake, than_uyen, lamps):
    await than_uyen.publish("OrganizationFounded", founding("e-0", "TU-C-001"))
    for n in range(40):
        await than_uyen.publish("MemberAdmitted", admission(f"m-{n}", "TU-C-001", f"M-{n:04}"))
    nats.kill()
    await until(lambda: not than_uyen.connection.is_connected)
    nats.start()
    await until(lambda: len(lamps.taken) == 40 and intake.bus.is_connected)

    assert sorted(lamps.taken) == [f"M-{n:04}" for n in range(40)]


async def test_what_a_dead_process_took_and_did_not_answer_is_answered_at_once(nats, broker, store, lamps):
    """The server would hold it back until the ack wait of a minute is over."""

    async def anyone(district, event):
        pass

    async def settled():
        return True

    js = broker.connection.jetstream()
    await declare_intake(js)
    intake = Intake(
        store,
        lamps.handlers(),
        broker=broker,
        check=anyone,
        begins={},
        settled=settled,
        metrics=CollectorRegistry(),
    )
    durable = "intake-registry-THAN-UYEN"
    await js.add_consumer(
        "INTAKE",
        ConsumerConfig(
            durable_name=durable,
            filter_subjects=[f"intake.THAN-UYEN.{name}" for name in intake.handlers],
            ack_wait=60,
        ),
    )
    async with district(nats) as than_uyen, anyio.create_task_group() as tasks:
        for n in range(5):
            await than_uyen.publish("OrganizationFounded", founding(f"e-{n}", f"TU-C-{n:03}"))
        dead = await js.pull_subscribe_bind(durable, "INTAKE")
        assert 3 == len(await dead.fetch(3))
        await dead.unsubscribe()
        tasks.start_soon(intake.lanes.run)
        receipts = await than_uyen.answers(5)
        tasks.cancel_scope.cancel()

    assert ["accepted"] * 5 == [receipt.outcome for receipt in receipts]

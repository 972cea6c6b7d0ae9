"""Events that a district has checked are decided as if they had come, and nothing of it stays."""

import json

import anyio
import pytest
from nats.errors import Error as NatsError

from contracts.checked import EVENTS_MAX, Checked
from services.chassis.districts.preview import Preview
from tests.chassis.conftest import connected
from tests.chassis.districts import admission, district, founding, target
from tests.chassis.lamps import Lamps, parked
from tests.patience import PATIENCE_S


@pytest.fixture
async def check(nats, intake, than_uyen):
    """Return what asks the registry, as Than Uyên, what would become of events."""
    async with connected(nats) as broker, anyio.create_task_group() as tasks:
        preview = Preview(intake.store, lambda log: (Lamps(log).handlers(), intake.check), broker)
        tasks.start_soon(preview.run)

        async def ask(*events):
            lines = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
            question = b"\n".join(lines)
            while True:
                try:
                    answer = await than_uyen.connection.request(
                        "check.registry.THAN-UYEN", question, timeout=PATIENCE_S
                    )
                except NatsError as error:
                    if "no responders" not in str(error):
                        raise
                    await anyio.lowlevel.checkpoint()
                else:
                    return Checked.model_validate_json(answer.data)

        yield ask
        tasks.cancel_scope.cancel()


def outcomes(checked):
    return [(verdict.id, verdict.outcome, verdict.reason) for verdict in checked.events]


async def test_what_would_be_accepted_is_not_recorded(check, store):
    assert [("e-1", "accepted", None)] == outcomes(await check(founding("e-1", "TU-C-009")))
    assert 0 == await store.head()


async def test_what_would_be_rejected_says_why_and_is_not_kept(check, store):
    [verdict] = (await check(founding("e-1", "TK-C-009", parent="TAM-KY"))).events

    assert ("rejected", "NotYours") == (verdict.outcome, verdict.reason)
    assert "Huyện" in verdict.said.vi
    assert [] == await parked(store)


async def test_an_event_may_rest_on_another_of_the_same_question_in_any_order(check):
    found, admitted = founding("e-1", "TU-C-001"), admission("e-2", "TU-C-001")

    assert {("e-1", "accepted", None), ("e-2", "accepted", None)} == {*outcomes(await check(admitted, found))}


async def test_each_question_is_decided_by_itself(check):
    await check(founding("e-1", "TU-C-001"))

    assert [("e-2", "waits", "LampUnknown")] == outcomes(await check(admission("e-2", "TU-C-001")))


async def test_two_that_begin_the_same_are_one_too_many(check):
    both = await check(founding("e-1", "TU-C-009"), founding("e-2", "TU-C-009"))

    assert [("e-1", "accepted", None), ("e-2", "rejected", "CodeTaken")] == outcomes(both)


async def test_what_was_accepted_before_is_a_duplicate_or_reuses_its_id(check, than_uyen):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))
    again, other = founding("e-1", "TU-C-009"), founding("e-1", "TU-C-010")

    assert [("e-1", "duplicate", None)] == outcomes(await check(again))
    assert [("e-1", "rejected", "IdReused")] == outcomes(await check(other))


async def test_an_id_that_stands_twice_is_a_duplicate_or_reused(check):
    first, other = founding("e-1", "TU-C-009"), founding("e-1", "TU-C-010")

    assert ["accepted", "duplicate", "rejected"] == [
        verdict.outcome for verdict in (await check(first, first, other)).events
    ]


async def test_every_line_has_its_verdict_and_a_bad_one_stops_no_other(check):
    checked = await check(b"{", b"", target("e-2", "TU-C-001"), founding("e-3", "TU-C-009"))

    assert [(1, "Malformed"), (3, "Defect"), (4, None)] == [
        (verdict.line, verdict.reason) for verdict in checked.events
    ]


async def test_what_was_checked_is_accepted_when_it_is_sent(check, than_uyen):
    await check(founding("e-1", "TU-C-009"))

    assert "accepted" == (await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-009"))).outcome


async def test_a_question_has_a_bounded_number_of_events(check):
    assert "at most" in (await check(*[b"{}"] * (EVENTS_MAX + 1))).error


async def test_a_district_cannot_ask_as_another(nats, check):
    async with district(nats, "TAM-KY") as tam_ky:
        with pytest.raises(NatsError):
            await tam_ky.connection.request("check.registry.THAN-UYEN", b"{}", timeout=0.3)

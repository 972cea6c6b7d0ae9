"""Telling once, and sweeping the months, on a real log."""

import pytest

from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin
from services.notification.application import Notices, StillReading, SweepMonth, Swept
from services.notification.domain import NotYetDue, Occasion
from services.notification.rules import read_rules
from tests.notification.stories import told
from tests.telling import issued, submitted

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="operator-1", correlation="c-1", causation="http:c-1")
CLASSIFIED = Occasion("CELL_CLASSIFIED", "TU-C-001", "2024")
NOVEMBER = SweepMonth(month="2024-11")


@pytest.fixture
async def framework(expected, notices, tell):
    """Every cell of Lai Châu owes the months from January 2024 on."""
    await expected.apply([tell(issued("LAI-CHAU", effective_on="2024-01-01"))])


# -- Telling ---------------------------------------------------------------------------------------


async def test_the_secretary_and_the_superior_are_told(notices, store):
    await notices.tell_of(CLASSIFIED, ASKED)

    assert [
        ("CELL_CLASSIFIED", "TU-C-001", "2024", "TU-C-001 SECRETARY"),
        ("CELL_CLASSIFIED", "TU-C-001", "2024", "THAN-UYEN SUPERIOR"),
    ] == await told(store)


async def test_told_twice_sends_once(notices, store):
    await notices.tell_of(CLASSIFIED, ASKED)
    head = await store.head()
    await notices.tell_of(CLASSIFIED, ASKED)

    assert head == await store.head()


async def test_a_root_has_no_superior_to_tell(notices, store):
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "LAI-CHAU", "2024"), ASKED)

    assert ["LAI-CHAU SECRETARY"] == [recipient for *_, recipient in await told(store)]


async def test_nobody_is_told_of_an_organization_not_known_yet(notices):
    with pytest.raises(UnknownOrganization):
        await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-999", "2024"), ASKED)


async def test_a_mail_is_recorded_once(notices, store):
    receipt = await notices.tell_of(CLASSIFIED, ASKED)
    await notices.mail_sent(receipt.subject)
    head = await store.head()
    await notices.mail_sent(receipt.subject)

    assert head == await store.head()


# -- The sweep -------------------------------------------------------------------------------------


async def test_a_first_start_tells_nobody_of_the_months_before_it(notices, framework, store, clock):
    clock.set("2026-11-21")

    assert [] == await notices.sweep()
    assert [] == await told(store)


async def test_on_the_fifth_of_the_next_month_who_said_nothing_is_told(
    notices, framework, expected, tell, store, clock
):
    await notices.sweep()
    await expected.apply([tell(submitted("TU-C-001", "2024-11"))])
    clock.set("2024-12-05", hour=17)

    assert [Swept(month="2024-11", missing=1)] == await notices.sweep()
    assert [
        ("SELF_ASSESSMENT_MISSING", "TU-C-002", "2024-11", "TU-C-002 SECRETARY"),
        ("SELF_ASSESSMENT_MISSING", "TU-C-002", "2024-11", "THAN-UYEN SUPERIOR"),
    ] == await told(store)


async def test_until_the_end_of_the_working_day_of_the_fifth_nobody_is_told(notices, framework, clock):
    await notices.sweep()
    clock.set("2024-12-05", hour=16)

    assert [] == await notices.sweep()


async def test_a_month_is_swept_once(notices, framework, store, clock):
    await notices.sweep()
    clock.set("2024-12-06")
    await notices.sweep()
    head = await store.head()

    assert [] == await notices.sweep()
    assert head == await store.head()


async def test_months_that_passed_while_the_service_was_away_are_swept_in_order(notices, framework, clock):
    await notices.sweep()
    clock.set("2025-02-05", hour=18)

    assert ["2024-11", "2024-12", "2025-01"] == [swept.month for swept in await notices.sweep()]


async def test_while_not_everything_is_read_nobody_is_judged(notices, framework, reading, store, clock):
    await notices.sweep()
    clock.set("2024-12-06")
    reading["caught_up"] = False

    assert [] == await notices.sweep()
    assert [] == await told(store)

    reading["caught_up"] = True

    assert ["2024-11"] == [swept.month for swept in await notices.sweep()]


async def test_a_sweep_that_died_half_way_is_finished_and_tells_nobody_twice(
    notices, framework, store, tree, officials, restrictions, clock
):
    """The first process dies after the first cell; the next one makes what is left."""
    await notices.sweep()
    clock.set("2024-12-06")

    class Dying:
        async def missing(self, month, kinds):
            return ["TU-C-001", "GONE"]

    async def caught_up():
        return True

    with pytest.raises(UnknownOrganization):
        await Notices(
            store, tree, officials, restrictions, Dying(), read_rules(), caught_up=caught_up
        ).sweep()
    await notices.sweep()

    assert ["TU-C-001", "TU-C-001", "TU-C-002", "TU-C-002"] == [about for _, about, *_ in await told(store)]


async def test_a_deployment_may_state_with_which_month_it_begins(notices, framework, clock):
    clock.set("2024-11-20")

    assert ["2024-09", "2024-10"] == [swept.month for swept in await notices.sweep(first="2024-09")]


# -- A sweep on request ----------------------------------------------------------------------------


async def test_an_operator_may_have_a_past_month_swept(notices, framework, store, clock):
    clock.set("2026-11-21")

    assert Swept(month="2024-11", missing=2) == await notices.sweep_month(NOVEMBER, ASKED)
    assert 4 == len(await told(store))


async def test_asked_for_twice_or_found_by_the_clock_too_it_is_told_once(notices, framework, store, clock):
    await notices.sweep()
    clock.set("2024-12-06")
    await notices.sweep_month(NOVEMBER, ASKED)
    await notices.sweep_month(NOVEMBER, ASKED)
    await notices.sweep()

    assert 4 == len(await told(store))


async def test_a_month_that_is_not_due_is_not_swept_on_request_either(notices, clock):
    with pytest.raises(NotYetDue):
        await notices.sweep_month(NOVEMBER, ASKED)


async def test_a_sweep_on_request_waits_for_the_views_too(notices, reading, clock):
    clock.set("2024-12-06")
    reading["caught_up"] = False

    with pytest.raises(StillReading):
        await notices.sweep_month(NOVEMBER, ASKED)

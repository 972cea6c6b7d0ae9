"""Who owes a self-assessment and what lies in whose inbox, on a real PostgreSQL."""

from datetime import UTC, datetime

import pytest

from services.chassis.eventlog.store import Origin
from services.notification.domain import Occasion
from services.notification.rules import read_rules
from tests.telling import founded, issued, submitted

pytestmark = pytest.mark.anyio
KINDS = read_rules().self_assessment_missing.kinds
ASKED = Origin(actor="test", correlation="c-1", causation="c-1")


# -- Expected --------------------------------------------------------------------------------------


async def test_without_a_framework_nobody_owes_anything(expected, district):
    assert [] == await expected.missing("2024-11", KINDS)


async def test_every_cell_beneath_the_issuer_owes_the_months_from_the_effective_one_on(
    expected, district, tell
):
    await expected.apply([tell(issued("LAI-CHAU", effective_on="2024-11-30"))])

    assert [] == await expected.missing("2024-10", KINDS)
    assert ["TU-C-001", "TU-C-002"] == await expected.missing("2024-11", KINDS)
    assert ["TU-C-001", "TU-C-002"] == await expected.missing("2024-12", KINDS)


async def test_committees_owe_no_monthly_self_assessment(expected, district, tell):
    await expected.apply([tell(issued("LAI-CHAU", effective_on="2024-01-01"))])

    assert "THAN-UYEN" not in await expected.missing("2024-11", KINDS)


async def test_who_submitted_is_not_missing(expected, district, tell):
    await expected.apply(
        tell.all(issued("LAI-CHAU", effective_on="2024-01-01"), submitted("TU-C-001", "2024-11"))
    )

    assert ["TU-C-002"] == await expected.missing("2024-11", KINDS)
    assert ["TU-C-001", "TU-C-002"] == await expected.missing("2024-12", KINDS)


async def test_a_cell_is_not_asked_for_months_before_it_was_founded(expected, district, tell):
    young = founded("TU-C-003", under="THAN-UYEN", on="2024-12-01")
    await expected.apply(tell.all(issued("LAI-CHAU", effective_on="2024-01-01"), young))

    assert "TU-C-003" not in await expected.missing("2024-11", KINDS)
    assert "TU-C-003" in await expected.missing("2024-12", KINDS)


async def test_a_framework_elsewhere_binds_nobody_here(expected, district, tell):
    elsewhere = founded("QUANG-NINH", under=None, kind="PROVINCIAL_COMMITTEE")
    await expected.apply(tell.all(elsewhere, issued("QUANG-NINH", effective_on="2024-01-01")))

    assert [] == await expected.missing("2024-11", KINDS)


async def test_a_yearly_framework_makes_no_month_due(expected, district, tell):
    await expected.apply([tell(issued("THAN-UYEN", effective_on="2024-01-01", period="YEAR"))])

    assert [] == await expected.missing("2024-11", KINDS)


# -- Inboxes ---------------------------------------------------------------------------------------


async def test_each_recipient_finds_their_own_notice(notices, box, carry):
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), ASKED)
    await carry()
    [cells] = await box.inbox("TU-C-001", 10)
    [superiors] = await box.inbox("THAN-UYEN", 10)

    assert ("TU-C-001", "SECRETARY", None) == (cells.organization, cells.role, cells.emailed_at)
    assert ("TU-C-001", "SUPERIOR") == (superiors.organization, superiors.role)


async def test_what_was_told_is_found_by_subtree_and_newest_first(notices, tree, box, carry, clock):
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), ASKED)
    clock.set("2024-12-30")
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-002", "2024"), ASKED)
    await carry()

    assert ["TU-C-002", "TU-C-002", "TU-C-001", "TU-C-001"] == [
        notice.organization for notice in await box.about("LAI-CHAU", 10)
    ]
    assert 2 == len(await box.about("TU-C-001", 10))


async def test_a_mail_marks_the_notice_it_delivered(notices, box, carry):
    receipt = await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), ASKED)
    await notices.mail_sent(receipt.subject)
    await carry()
    [notice] = await box.inbox("TU-C-001", 10)

    assert datetime(2024, 11, 20, 5, tzinfo=UTC) == notice.emailed_at
    assert receipt.subject not in await box.unmailed(datetime(2024, 11, 1, tzinfo=UTC), [], 10)


async def test_notices_older_than_asked_or_set_aside_are_not_mailed(notices, box, carry):
    receipt = await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), ASKED)
    await carry()

    assert [] == await box.unmailed(datetime(2024, 11, 21, tzinfo=UTC), [], 10)
    assert receipt.subject not in await box.unmailed(datetime(2024, 11, 1, tzinfo=UTC), [receipt.subject], 10)

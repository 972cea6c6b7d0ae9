"""What lies in whose inbox, on a real PostgreSQL."""

from datetime import UTC, datetime

import pytest

from services.chassis.eventlog.store import Origin
from services.notification.domain import Occasion

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="test", correlation="c-1", causation="c-1")


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

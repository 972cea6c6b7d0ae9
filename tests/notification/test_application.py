"""Telling once, on a real log."""

import pytest

from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin
from services.notification.domain import Occasion
from tests.notification.stories import told

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="operator-1", correlation="c-1", causation="http:c-1")
CLASSIFIED = Occasion("CELL_CLASSIFIED", "TU-C-001", "2024")


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

"""What districts tell classification: decisions made elsewhere, of their own organizations."""

import pytest

from services.chassis.edge.rights import NotYours, Rights
from services.chassis.errors import UnknownOrganization
from services.chassis.views.officials import Officials
from services.classification.reactions import check, handlers
from tests.telling import classified

pytestmark = pytest.mark.anyio


async def test_a_published_decision_is_taken_over_as_it_is(classifications, asked):
    await handlers(classifications)["CellClassified"](classified("TU-C-001", "2024"), asked)
    made = await classifications.decision("TU-C-001", 2024)

    assert ("GOOD", "124-QĐ/TW", "2024-12-28") == (made.level, made.pack, made.decided_on)


async def test_a_district_speaks_of_itself_and_of_what_lies_beneath_it(tree):
    may_speak = check(Rights(tree, Officials(tree.pool)))

    await may_speak("THAN-UYEN", classified("TU-C-001", "2024"))
    with pytest.raises(NotYours):
        await may_speak("TU-C-001", classified("THAN-UYEN", "2024"))


async def test_a_district_speaking_of_an_organization_not_known_yet_is_asked_to_wait(tree):
    with pytest.raises(UnknownOrganization):
        await check(Rights(tree, Officials(tree.pool)))("THAN-UYEN", classified("TU-C-999", "2024"))

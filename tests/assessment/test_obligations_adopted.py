"""A framework that binds only who adopts it is owed by the cells that did, each from its own day on."""

import pytest

from tests.assessment.owed import Hearing
from tests.telling import adopted, issued_anew

pytestmark = pytest.mark.anyio

TO_ADOPT = issued_anew("THAN-UYEN", effective_on="2024-06-01", requires_adoption=True)
BY_ITS_COMMITTEE = adopted("TU-AGENCIES", "THAN-UYEN", "2024-06-03")
ON_TIME = adopted("TU-FINANCE", "THAN-UYEN", "2024-12-03")
AGAIN = adopted("TU-FINANCE", "THAN-UYEN", "2025-01-20")


@pytest.fixture
async def owed(api, assessment, views, tree, homes, restrictions):
    """Return what tells of the framework, lets the clock look, and says which months a cell owes."""
    heard = await Hearing(api, assessment, views, tree, homes, restrictions).begin()

    async def owed(*events, on, first="2024-11"):
        await heard.tell(*events)
        await heard.sweep(on, first=first)
        return {
            cell: [
                subject
                for month in ("2024-11", "2024-12", "2025-01")
                for (duty, subject), outcome in (await heard.month(cell, month)).items()
                if duty == "SELF_ASSESSMENT" and outcome != "EXCUSED"
            ]
            for cell in ("TU-FINANCE", "TU-SCHOOL")
        }

    return owed


async def test_who_has_not_adopted_owes_nothing_and_after_adopting_the_month_that_ends_next(owed):
    before = await owed(TO_ADOPT, BY_ITS_COMMITTEE, on="2024-12-02")
    after = await owed(ON_TIME, on="2024-12-04")

    assert {"TU-FINANCE": [], "TU-SCHOOL": []} == before
    assert {"TU-FINANCE": ["2024-12"], "TU-SCHOOL": []} == after


@pytest.mark.parametrize("turned", [False, True])
async def test_in_whatever_order_it_is_told_the_same_is_owed(owed, turned):
    news = [TO_ADOPT, BY_ITS_COMMITTEE, ON_TIME, AGAIN]
    for one in news[:: -1 if turned else 1]:
        became = await owed(one, on="2025-01-21")

    assert {"TU-FINANCE": ["2024-12", "2025-01"], "TU-SCHOOL": []} == became


async def test_adopting_another_document_of_that_issuer_makes_nothing_due(owed):
    other = adopted("TU-SCHOOL", "THAN-UYEN", "2024-11-05", number="8-HD/HU")

    assert {"TU-FINANCE": [], "TU-SCHOOL": []} == await owed(TO_ADOPT, other, on="2025-01-21")

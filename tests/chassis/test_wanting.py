"""What is missing is asked for by itself: after a while, less and less often, and only while it lasts."""

import pytest

from contracts.received import Wanted
from services.chassis.districts import wanting
from services.chassis.districts.wanting import Gap, Wanting, grown, joined, without
from tests.chassis.districts import SOURCE, admission, founding
from tests.chassis.story import NOW, until

# -- Gaps


def test_a_gap_that_lasts_keeps_its_time_and_a_new_one_has_its_own():
    gaps = [Gap(3, 5, due_at=10.0, asked=1)]

    assert [Gap(3, 5, 10.0, 1), Gap(9, 9, 40.0)] == list(grown(gaps, [(3, 5), (9, 9)], due_at=40.0))


def test_what_arrived_is_no_gap_any_more_and_splits_the_rest():
    gaps = [Gap(3, 9, due_at=10.0, asked=2)]

    assert [Gap(3, 4, 10.0, 2), Gap(7, 9, 10.0, 2)] == list(grown(gaps, [(3, 4), (7, 9)], due_at=40.0))


def test_a_gap_that_grows_is_asked_for_in_its_new_parts_soon():
    gaps = [Gap(3, 4, due_at=3600.0, asked=9), Gap(7, 7, due_at=50.0)]

    assert [Gap(1, 2, 40.0), Gap(3, 4, 3600.0, 9), Gap(5, 6, 40.0), Gap(7, 7, 50.0), Gap(8, 8, 40.0)] == list(
        grown(gaps, [(1, 8)], due_at=40.0)
    )


def test_a_gap_without_what_is_here_is_what_lies_between():
    assert [(3, 3), (6, 8)] == list(without({4, 5, 9, 12}, Gap(3, 9, due_at=0.0)))


def test_ranges_that_touch_are_one():
    assert [(1, 5), (7, 7)] == list(joined([(1, 2), (3, 5), (7, 7)]))


# -- Asking


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(wanting, "PATIENCE_S", 0.0)


@pytest.fixture
async def wanted(than_uyen):
    """Return what the district is asked for, as it is asked."""
    asked = []

    async def hear(message):
        asked.append(Wanted.model_validate_json(message.data))

    await than_uyen.connection.subscribe("receipts.THAN-UYEN.Wanted", cb=hear)
    await than_uyen.connection.flush()
    return asked


def numbered(number):
    return founding(f"e-{number}", f"TU-C-{number:03}") | {"number": number}


async def send(district, *numbers):
    before = len(district.heard)
    for number in numbers:
        await district.publish("OrganizationFounded", numbered(number))
    await district.answers(before + len(numbers))


async def test_what_is_missing_is_asked_for(intake, than_uyen, wanted, at_once):
    await send(than_uyen, 1, 4, 6)
    await Wanting(intake).look()
    [asked] = await until(lambda: wanted)

    assert ("registry", SOURCE, ((2, 3), (5, 5)), NOW) == (
        asked.service,
        asked.source,
        asked.missing,
        asked.asked_at,
    )


async def test_what_is_missing_for_a_moment_only_is_not_asked_for(intake, than_uyen, wanted):
    asking = Wanting(intake)
    await send(than_uyen, 1, 3)
    await asking.look()
    await send(than_uyen, 2)
    await asking.look()

    assert ([], {}) == (wanted, asking._gaps)


async def test_it_is_asked_for_again_only_after_a_while(intake, than_uyen, wanted, at_once, monkeypatch):
    asking = Wanting(intake)
    await send(than_uyen, 1, 3)
    await asking.look()
    await asking.look()
    assert 1 == len(await until(lambda: wanted))
    monkeypatch.setattr(wanting, "AGAIN_AFTER_S", (0.0, 3600.0))
    asking._gaps.clear()
    for _ in range(4):
        await asking.look()
    await until(lambda: len(wanted) == 3)

    [gaps] = asking._gaps.values()
    assert [2] == [gap.asked for gap in gaps]


async def test_what_waits_here_is_not_asked_for(intake, than_uyen, wanted, at_once, monkeypatch):
    monkeypatch.setattr("services.chassis.districts.late.KNOWN_WITHIN_S", 3600.0)
    await than_uyen.publish("MemberAdmitted", admission("e-2", "TU-C-001") | {"number": 2})
    await until(lambda: intake.late.numbers("THAN-UYEN", SOURCE))
    await send(than_uyen, 5)
    await Wanting(intake).look()
    [asked] = await until(lambda: wanted)

    assert ((1, 1), (3, 4)) == asked.missing

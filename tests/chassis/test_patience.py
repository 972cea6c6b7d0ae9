"""One poisoned event holds nobody for long: it is found by halving, and parked."""

import pytest
from psycopg import OperationalError

from services.chassis.errors import Overloaded
from services.chassis.parked import ParkingLot
from services.chassis.views.patience import DELAYS_S, fold_around
from tests.chassis.marks import Marks, chain
from tests.telling import altered


class Counting(Marks):
    """Counts how often it is asked."""

    asked = 0

    async def apply(self, batch):
        self.asked += 1
        await super().apply(batch)


async def test_one_poisoned_event_among_many_is_found_in_few_steps(marks, pool):
    codes = [f"A{n}" for n in range(1, 257)]
    view = Counting(pool)
    await fold_around(view, chain(*codes[:100], "POISON", *codes[100:]))

    [parked] = await ParkingLot(pool).listing()
    assert "organization-POISON.1" == parked["event_id"]
    assert sorted(codes) == sorted(await marks.told())
    assert view.asked < 25


async def test_every_poisoned_event_is_parked(marks, pool):
    told = chain("POISON", "A2", "POISON", "A4", "POISON")
    ids = [f"organization-{n}.1" for n in range(1, 6)]
    await fold_around(marks, [altered(delivery, id=id) for delivery, id in zip(told, ids, strict=True)])

    assert ids[::-2] == [parked["event_id"] for parked in await ParkingLot(pool).listing()]
    assert {"A2": 1, "A4": 1} == await marks.told()


@pytest.mark.parametrize("reason", [OperationalError("the connection is lost"), Overloaded("too many wait")])
async def test_nothing_is_parked_while_the_database_is_away_or_has_too_much_to_do(pool, marks, reason):
    class Away(Marks):
        async def project(self, batch, cursor):
            raise reason

    with pytest.raises(type(reason)):
        await fold_around(Away(pool), chain("A1", "A2"))

    assert 0 == await ParkingLot(pool).count()


def test_a_view_is_patient_for_a_second():
    assert 1.0 == pytest.approx(sum(DELAYS_S))

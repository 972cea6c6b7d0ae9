"""What is done again and again goes on when the database is away, and ends with anything else."""

import pytest
from nats.errors import NoServersError
from psycopg import OperationalError

from services.chassis.errors import Conflict
from services.chassis.regularly import regularly

pytestmark = pytest.mark.anyio


class Defect(Exception):
    """Something that waiting does not mend."""


@pytest.mark.parametrize("away", [OperationalError("gone"), NoServersError(), Conflict("another was first")])
async def test_what_is_away_is_waited_for_and_a_defect_ends_it(away):
    outcomes = iter([None, away, None, Defect()])
    done = []

    async def do():
        done.append(len(done))
        if error := next(outcomes):
            raise error

    with pytest.raises(Defect):
        await regularly("a task", 0, do)()
    assert [0, 1, 2, 3] == done

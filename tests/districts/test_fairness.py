"""One district's flood delays no other's events by more than a second."""

import httpx
import pytest

from tests.districts.fairness import DELAY_S_MAX, rounds
from tests.districts.stage import DISTRICTS
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask
from tests.system.processes import Processes


@pytest.mark.long
async def test_a_flood_delays_no_other_district_by_more_than_a_second(tmp_path_factory):
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        with Processes(tmp_path_factory.mktemp("fairness"), districts=()) as province:
            done = await rounds(Ask(province, client), DISTRICTS[:59], quiet_s=15.0, flood=20_000, most=3)
    print(*done, sep="\n")

    assert done[-1].delay_s < DELAY_S_MAX

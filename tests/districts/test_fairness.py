"""One district's flood delays no other's events by more than a second."""

import httpx
import pytest

from tests.districts.fairness import waits
from tests.districts.stage import DISTRICTS
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask
from tests.system.processes import Processes


@pytest.mark.long
async def test_a_flood_delays_no_other_district_by_more_than_a_second(tmp_path_factory):
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        with Processes(tmp_path_factory.mktemp("fairness"), districts=()) as province:
            quiet, flooded, per_s = await waits(
                Ask(province, client), DISTRICTS[:59], quiet_s=15.0, flood=20_000
            )
    print("quiet:", quiet, "/ flooded:", flooded, f"/ {per_s:,.0f} events of the flood per second")
    assert max(flooded.each) - max(quiet.each) < 1.0

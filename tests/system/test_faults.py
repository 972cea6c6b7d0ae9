"""Power cuts, in the middle of a load: nothing is lost, nothing is doubled, everyone gets an answer."""

from collections import Counter
from typing import Any

import anyio
import httpx
import psycopg
import pytest

from tests.chaos import words
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask, look_again
from tests.system.district import District
from tests.system.processes import Processes

pytestmark = pytest.mark.long

DECISION = {"number": "12-QĐ/HU", "date": "2024-01-10"}
CELLS = 12
MEMBERS = 40
MEETINGS = 8


def load(district: District) -> list[dict[str, Any]]:
    """Return the events of one district's year: itself, its cells, their members and meetings."""
    cells = [f"C-{cell}" for cell in range(CELLS)]
    return [
        founded(district, "LAI-CHAU", kind="PROVINCIAL_COMMITTEE"),
        founded(district, "D-1", parent="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
        *(founded(district, cell, parent="D-1", kind="GRASSROOTS_CELL") for cell in cells),
        *(admitted(district, f"M-{n}-{cell}", cell) for n in range(MEMBERS) for cell in cells),
        *(held(district, f"T-{n}-{cell}", cell, month=n + 1) for n in range(MEETINGS) for cell in cells),
    ]


def founded(district: District, code: str, *, kind: str, parent: str | None = None) -> dict[str, Any]:
    return district.event(
        "registry.OrganizationFounded.v1", words.founded(code, kind, parent), id=f"founded-{code}"
    )


def admitted(district: District, member: str, cell: str) -> dict[str, Any]:
    data = {
        "member": member,
        "organization": cell,
        "decision": DECISION,
        "ceremony_on": "2024-02-03",
        "standing": "PROBATIONARY",
    }
    return district.event("registry.MemberAdmitted.v1", data, id=f"admitted-{member}")


def held(district: District, meeting: str, cell: str, *, month: int) -> dict[str, Any]:
    data = words.held(meeting, cell, f"2024-{month:02}") | {"kind": "REGULAR"}
    return district.event("assessment.MeetingHeld.v1", data, id=f"held-{meeting}")


@pytest.mark.parametrize(
    "victims",
    [("registry", "assessment", "reporting"), ("classification", "notification"), ("nats",), ("postgres",)],
    ids=" and ".join,
)
async def test_a_power_cut_in_the_middle_of_a_load_loses_nothing_and_doubles_nothing(
    fragile: Processes, victims: tuple[str, ...]
):
    async with District(fragile.nats_url("LAI-CHAU"), "LAI-CHAU") as district:
        events = load(district)
        receipts: list[dict[str, Any]] = []

        async def publish() -> None:
            receipts.extend(await district.sure(events))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(publish)
            for number, victim in enumerate(victims, 1):
                await heard(district, number * len(events) // (len(victims) + 2))
                fragile.kill(victim)
                fragile.restart(victim)

    assert {"accepted", "duplicate"} >= {receipt["outcome"] for receipt in receipts}
    assert len(events) == len(receipts)
    for service in ("registry", "assessment", "classification", "notification", "reporting"):
        fragile.ready(service)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        ask = Ask(fragile, client)
        await ask.settled()
        count = await ask.json("reporting", "/organizations/D-1/headcount?on=2024-12-31")
        assert MEMBERS * CELLS == count["total"]
    assert {
        "registry.OrganizationFounded.v1": CELLS + 2,
        "registry.MemberAdmitted.v1": MEMBERS * CELLS,
        "assessment.MeetingHeld.v1": MEETINGS * CELLS,
    } == ledger_by_type(fragile)


async def test_a_bus_that_lost_everything_between_two_starts_is_filled_again_and_nothing_is_doubled(
    fragile: Processes,
):
    services = ("registry", "assessment", "classification", "notification", "reporting")
    async with District(fragile.nats_url("LAI-CHAU"), "LAI-CHAU") as district, httpx.AsyncClient() as client:
        await district.sure(load(district))
        ask = Ask(fragile, client)
        await ask.settled()
        before = await messages(fragile)
        for service in services:
            assert 0 == fragile.terminate(service)
        fragile.wipe_nats()
        for service in services:
            fragile.restart(service)
        await ask.settled()

        assert before == await messages(fragile)
        assert (
            MEMBERS * CELLS
            == (await ask.json("reporting", "/organizations/D-1/headcount?on=2024-12-31"))["total"]
        )
        [receipt] = await district.sure([admitted(district, "M-NEW", "C-1")])
        assert "accepted" == receipt["outcome"]
        after = f"&after=registry:{receipt['position']}"
        count = await ask.json("reporting", f"/organizations/D-1/headcount?on=2024-12-31{after}")
        assert MEMBERS * CELLS + 1 == count["total"]


async def heard(district: District, receipts: int) -> None:
    """Return when the district has heard that many receipts: the load is in its middle."""
    with anyio.fail_after(PATIENCE_S):
        while district.heard < receipts:
            await look_again()


def ledger_by_type(province: Processes) -> dict[str, int]:
    """Return how many events of each type reporting has recorded."""
    with psycopg.connect(province.database_url("reporting")) as connection:
        rows = connection.execute("SELECT type FROM ledger.entry").fetchall()
    return dict(Counter(type for (type,) in rows))


async def messages(province: Processes) -> dict[str, int]:
    """Return how many messages each service's stream holds."""
    import nats

    client = await nats.connect(province.nats_url("operator"), inbox_prefix=b"_INBOX_operator")
    js = client.jetstream()
    held = {
        stream: (await js.stream_info(stream)).state.messages
        for stream in ("REGISTRY", "ASSESSMENT", "CLASSIFICATION", "NOTIFICATION")
    }
    await client.close()
    return held

"""Sixty districts at once: poor lines, wrong clocks, killed programs, a thief, and servers that restart.

What came of it is judged by `checker`, which shares no code with the system: sent = accepted + rejected,
per district, in order, once.
"""

import json
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
from nats.errors import Error as NatsError

from contracts.credentials import Credentials
from tests.chaos.line import Line
from tests.districts.checker.verdict import counts, problems
from tests.districts.office import Plan
from tests.districts.stage import (
    DISTRICTS,
    Offices,
    evidence,
    found,
    let_in,
    note,
    reached_by,
    until,
)
from tests.districts.story import founding, working
from tests.districts.thief import Thief
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask
from tests.system.processes import Processes

AHEAD, BEHIND = DISTRICTS[0:5], DISTRICTS[5:10]
KILLED = DISTRICTS[10:16]
CUT, SILENT = DISTRICTS[16:24], DISTRICTS[24:28]
THIEF, VICTIM = DISTRICTS[58:60]
KILLED_AT = (30, 60, 90, 120, 150, 180, 210)


@pytest.mark.long
async def test_of_sixty_districts_each_event_is_accepted_or_rejected_once_and_in_order(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sixty")
    lines = {name: Line(0, folder / f"{name}.log") for name in ("cut", "silent")}
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        with Processes(folder / "province", districts=()) as province, ExitStack() as ended:
            ask = Ask(province, client)
            for line in lines.values():
                line.to = province.embedded.ports.nats
                line.start()
                ended.callback(line.cut)
            await found(ask, DISTRICTS)
            plans = [await _planned(ask, code, folder, lines) for code in DISTRICTS]
            stolen = Credentials(**plans[-1].credentials)
            plans[-1].credentials = (await let_in(ask, VICTIM, more="/rotation")).model_dump(mode="json")
            with Offices(plans) as offices:
                await offices.founded()
                await _troubled(province, offices, lines)
                await _stolen(ask, stolen, offices.plans[THIEF])
                await offices.done()
            seen = await evidence(province, plans)
    print(counts(seen), "killed", offices.killed)
    wrong = problems(seen)  # what is compared in an assertion is written out whole
    assert [] == wrong
    assert len(KILLED) * len(KILLED_AT) // 2 < offices.killed


async def _planned(ask: Ask, code: str, folder: Path, lines: dict[str, Line]) -> Plan:
    """Let a district in, and return what its program is to do."""
    credentials = await let_in(ask, code)
    kind = "cut" if code in CUT else "silent" if code in SILENT else ""
    if kind:
        credentials = reached_by(credentials, lines[kind].port)
    off_h = 24.0 if code in AHEAD else -24.0 if code in BEHIND else 0.0
    neighbour = DISTRICTS[DISTRICTS.index(code) - 1]
    by_its_clock = datetime.now(UTC) + timedelta(hours=off_h)
    work = working(code, neighbour, by_its_clock=by_its_clock, ahead=off_h > 0)
    return Plan(
        folder=str(folder),
        code=code,
        credentials=credentials.model_dump(mode="json"),
        founding=[asdict(told) for told in founding(code)],
        working=[asdict(told) for told in work],
        clock_off_h=off_h,
        poor_line=bool(kind),
    )


async def _troubled(province: Processes, offices: Offices, lines: dict[str, Line]) -> None:
    """Cut lines for a day, kill programs as they go, and kill a service and NATS; then let all heal."""

    async def servers() -> None:
        for server in ("assessment", "nats"):
            await anyio.to_thread.run_sync(province.kill, server)
            await anyio.to_thread.run_sync(province.restart, server)

    lines["cut"].cut()
    lines["silent"].hold()
    offices.go()
    async with anyio.create_task_group() as group:
        for code in KILLED:
            group.start_soon(offices.kill_as_it_goes, code, KILLED_AT)
        group.start_soon(servers)
        for code in (*CUT, *SILENT):
            plan = offices.plans[code]
            await until(lambda plan=plan: offices.count(plan.code) >= len(plan.founding + plan.working))
            assert offices.count(code, "outcome IS NULL") > len(plan.working) // 2
    lines["cut"].start()
    lines["silent"].release()


async def _stolen(ask: Ask, stolen: Credentials, thief: Plan) -> None:
    """Try what a stolen credential opens of another district, and what is left of it once it is revoked."""
    tried, victim = Thief(), DISTRICTS[0]
    client = await tried.connected(stolen)
    doors = await tried.tries(client, victim)
    assert doors == len([said for said in tried.refused if "permissions violation" in said])

    # With its own credential it speaks in the name of another, of what is another's.
    event = {"specversion": "1.0", "id": "target", "source": f"urn:fourgood:{victim.lower()}"}
    data = {"organization": victim, "year": "2024", "target": 1, "set_on": "2024-01-05"}
    event |= {"type": "registry.AdmissionTargetSet.v1", "number": 3, "data": data}
    note(thief, event, "NotYours")
    own = await tried.connected(Credentials(**thief.credentials))
    await own.jetstream().publish(f"intake.{THIEF}.AdmissionTargetSet", json.dumps(event).encode())
    await own.close()

    await ask(
        "registry",
        f"/districts/{VICTIM}/credentials/revocation",
        method="POST",
        json={"number": 1},
        role="operator",
    )
    with anyio.fail_after(PATIENCE_S):
        await tried.cut.wait()
    with pytest.raises(NatsError, match="Authorization Violation"):
        await tried.connected(stolen)
    uses = await ask.json("registry", f"/districts/{VICTIM}/credentials/uses", role="operator")
    stolen_uses = [use["outcome"] for use in uses["uses"] if use["number"] == 1]
    assert ["ended", "accepted"] == stolen_uses
    assert [] == tried.heard

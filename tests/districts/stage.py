"""Sixty districts and their province: let in as an operator does it, started, killed, cut off and awaited."""

import json
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from multiprocessing.context import ForkServerProcess
from typing import Any, Self

import anyio

from contracts.credentials import Credentials
from contracts.subjects import inbox_prefix
from deploy.embedded.process import LOOPBACK
from tests.districts.checker.evidence import OWNERS, Evidence, Office, Place, gather
from tests.districts.office import Plan, live
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask, look_again
from tests.system.processes import Processes

DISTRICTS = [f"D{number:02}" for number in range(1, 61)]
PROVINCES = ("P-1", "P-2", "P-3")
WITHIN_S = 3 * PATIENCE_S

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.districts.office"])


class Offices:
    """The districts' programs: each a process of its own that tells what its plan says."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self.plans = {plan.code: plan for plan in plans}
        self.running: dict[str, ForkServerProcess] = {}
        self.killed = 0

    def __enter__(self) -> Self:
        for code in self.plans:
            self.start(code)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            process.kill()
            process.join()

    def start(self, code: str) -> None:
        """Start one, with what it had stored."""
        self.running[code] = FORKS.Process(target=live, args=(self.plans[code],))
        self.running[code].start()

    def kill(self, code: str) -> None:
        """End one at once (SIGKILL)."""
        self.killed += self.running[code].is_alive()
        self.running[code].kill()
        self.running[code].join()

    def count(self, code: str, which: str = "true") -> int:
        """Return how many events of an outbox are so."""
        if not self.plans[code].outbox.exists():
            return 0
        with closing(sqlite3.connect(f"file:{self.plans[code].outbox}?mode=ro", uri=True)) as db:
            [number] = db.execute(f"SELECT count(*) FROM event WHERE {which}").fetchone()
            return int(number)

    async def kill_as_it_goes(self, code: str, marks: Iterable[int]) -> None:
        """Kill one as soon as so many of its events were answered, each time, and start it again."""
        for mark in marks:
            await until(lambda mark=mark: self.count(code, "outcome IS NOT NULL") >= mark)  # type: ignore[misc]
            self.kill(code)
            self.start(code)

    def go(self) -> None:
        """Let all of them go about their work."""
        for plan in self.plans.values():
            plan.gate.touch()

    async def founded(self) -> None:
        """Return when the province knows what all districts have."""
        await self._until(lambda plan: plan.founded.exists())

    async def done(self) -> None:
        """Return when all have told everything and were answered."""
        await self._until(lambda plan: not self.running[plan.code].is_alive())

    async def _until(self, met: Callable[[Plan], bool]) -> None:
        left = [*self.plans.values()]
        with anyio.fail_after(WITHIN_S):
            while left := [plan for plan in left if not met(plan)]:
                for plan in left:
                    assert not self.running[plan.code].exitcode, plan.log.read_text()[-4000:]
                await look_again()
        failed = [code for code, process in self.running.items() if process.exitcode]
        assert not failed, self.plans[failed[0]].log.read_text()[-4000:]


async def until(met: Callable[[], bool]) -> None:
    """Return as soon as it is so."""
    with anyio.fail_after(WITHIN_S):
        while not met():
            await look_again()


async def found(ask: Ask, codes: Iterable[str]) -> None:
    """Found the provinces' committees and the districts beneath them."""
    data: dict[str, Any] = {"kind": "PROVINCIAL_COMMITTEE", "parent": None, "founded_on": "1990-01-01"}
    for code in PROVINCES:
        await _post(ask, "/organizations", data | {"organization": code, "name": code}, role="officer")
    for number, code in enumerate(codes):
        under = {"kind": "DISTRICT_COMMITTEE", "parent": PROVINCES[number % len(PROVINCES)]}
        await _post(
            ask, "/organizations", data | under | {"organization": code, "name": code}, role="officer"
        )


async def let_in(ask: Ask, code: str, *, more: str = "") -> Credentials:
    """Have a credential issued, as `fourgood district add` does, or another (`/rotation`)."""
    handed = await _post(ask, f"/districts/{code}/credentials{more}", {}, role="operator")
    return Credentials(nats=[f"nats://{LOOPBACK}:{ask.province.embedded.ports.nats}"], **handed)


async def _post(ask: Ask, path: str, body: dict[str, Any], *, role: str) -> Any:
    return await ask.json("registry", path, method="POST", json=body, role=role)


async def evidence(province: Processes, plans: Iterable[Plan]) -> Evidence:
    """Read all that can be seen."""
    offices = {plan.code: Office(plan.credentials, plan.ledger, plan.outbox) for plan in plans}
    databases = {owner: province.database_url(owner) for owner in OWNERS}
    inbox = inbox_prefix("registry")
    return await gather(Place(offices, databases, province.nats_url("registry"), inbox))


def reached_by(credentials: Credentials, port: int) -> Credentials:
    """Return the same by another way to NATS."""
    return credentials.model_copy(update={"nats": [f"nats://{LOOPBACK}:{port}"]})


def note(plan: Plan, event: dict[str, Any], *may: str) -> None:
    """Write in a district's ledger what is sent without its publisher."""
    said = {"may": may, "waits": False, "plainly": True}
    with plan.ledger.open("a") as ledger:
        ledger.write(json.dumps(event | said) + "\n")

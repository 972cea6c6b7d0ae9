"""Many clients at once, until SIGTERM: every outcome is written down. `python -m tests.chaos.workload PLAN`.

Clerks command over HTTP, district systems publish over NATS. Every command and every event has an id
of its own that ends up in the log it changes, so whoever reads the journal can look for it there.
What broke off is `unknown`: it is asked again under the same id, or left so.
"""

import asyncio
import json
import random
import signal
import sys
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import IO, Any

import anyio
import httpx

from tests.assessment.year import command
from tests.chaos import words
from tests.chaos.keeping import Keeping
from tests.system.district import District

ANSWER_WITHIN_S = 20.0
ASK_AGAIN_S = 0.25
LEFT_UNKNOWN = 0.2
"""The share of broken commands that their client never asks about again."""

RESEND_AFTER_S = 10.0
FINISH_WITHIN_S = 120.0
REORGANIZED = 0.3
"""The share of cells that are moved and end in another, instead of being classified."""

WHOLE_YEARS = 0.3
"""The share of cells of which all is told that may become of a cell, and nothing else."""

CELLS_AT_ONCE = 2
"""Cells of which a district sends the events at the same time."""


@dataclass(frozen=True)
class Plan:
    """What to do. `run` makes the ids of one run its own."""

    run: str
    seed: int
    urls: dict[str, str]
    token: str
    districts: dict[str, str]
    """Where each district's system connects, by its code."""

    journal: str
    clerks: int
    pause_s: float
    """How long a clerk or a district thinks before the next."""


class Crowd:
    """All clients of one run, and what they share: the journal and the wish to stop."""

    def __init__(self, plan: Plan, http: httpx.AsyncClient, journal: IO[str]) -> None:
        self.plan = plan
        self.http = http
        self._journal = journal
        self.stopping = asyncio.Event()

    def note(self, **what: Any) -> None:
        """Write down what happened, at once."""
        self._journal.write(json.dumps(what, ensure_ascii=False) + "\n")

    async def run(self) -> None:
        """Work until a stop is asked for, then until everything asked has its answer."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stopping.set)
        await Clerk(self, 0).lay_ground()
        clerks = [Clerk(self, number).work() for number in range(self.plan.clerks)]
        systems = [self._system(code, url) for code, url in self.plan.districts.items()]
        working = [asyncio.create_task(work) for work in (*clerks, *systems)]
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait([stop, *working], return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        ended, late = await asyncio.wait(working, timeout=FINISH_WITHIN_S)
        for task in ended:
            task.result()
        if late:
            raise SystemExit(f"{len(late)} clients had no answer {FINISH_WITHIN_S:.0f} s after the end")

    async def _system(self, code: str, url: str) -> None:
        async with System(self, url, code) as system:
            await system.work()


class Clerk:
    """One person at a screen, who keeps some cells of a district."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd = crowd
        self.plan = crowd.plan
        self.name = f"{self.plan.run}-{number}"
        self.dice = random.Random(f"{self.plan.seed} {self.name}")
        self.district = sorted(self.plan.districts)[number % len(self.plan.districts)]
        self._others = sorted(self.plan.districts.keys() - {self.district})
        self._number = count(1)
        self._codes = count(1)
        self.keeping = Keeping(self.dice, partial(self.ask, "registry"))

    async def lay_ground(self) -> None:
        """Found the committees, and issue what cells assess themselves by. Later runs find it done."""
        province = words.founded(words.PROVINCE, "PROVINCIAL_COMMITTEE", None)
        await self.ask("registry", "organizations", province, id="ground-province", sure=True)
        for code in sorted(self.plan.districts):
            district = words.founded(code, "DISTRICT_COMMITTEE", words.PROVINCE)
            await self.ask("registry", "organizations", district, id=f"ground-{code}", sure=True)
        while True:
            said = await self.ask("assessment", "frameworks", words.FRAMEWORK, id="ground-rules", sure=True)
            if said != "UnknownOrganization":
                break
            await pause(ASK_AGAIN_S)
        await self.ask("assessment", "frameworks", words.POINTS, id="ground-points", sure=True)
        launch = words.launched(words.PROVINCE)
        await self.ask("assessment", "movements", launch, id="ground-launch", sure=True)
        for code in sorted(self.plan.districts):
            launch = words.launched(code, words.PROVINCE)
            await self.ask("assessment", "movements", launch, id=f"ground-launch-{code}", sure=True)
            adopted = words.adopted(code)
            await self.ask("assessment", "adoptions", adopted, id=f"ground-adoption-{code}", sure=True)

    async def work(self) -> None:
        """Keep one cell after the other, each for a while."""
        while not self.crowd.stopping.is_set():
            await self._keep(self._code("C"))

    async def _keep(self, cell: str) -> None:
        """Found a cell and do its work in a random order."""
        founding = await self.ask("registry", "organizations", words.cell(cell, self.district), sure=True)
        if not isinstance(founding, int):
            return
        after = f"?after=registry:{founding}"
        self.keeping.cells.append(cell)
        if self.dice.random() < WHOLE_YEARS:
            await self._tell_year(cell, after)
            return
        months = self.dice.sample(words.MONTHS, len(words.MONTHS))
        for _ in range(self.dice.randrange(10, 25)):
            if self.crowd.stopping.is_set():
                return
            await self._do_something(cell, months.pop(), after)
            await pause(self.dice.uniform(0, 2 * self.plan.pause_s))
        if self.dice.random() < REORGANIZED:
            await self.keeping.reorganize(cell, self.dice.choice(self._others))
        else:
            body = words.decided(cell, self.district)
            await self.ask("classification", f"decisions{after}", body)

    async def _tell_year(self, cell: str, after: str) -> None:
        """Tell all that may become of a cell, in the order in which it happened."""
        other = self._code("C")
        await self.ask("registry", "organizations", words.cell(other, self.district), sure=True)
        for name, said in words.whole_year(cell, other, self.district):
            if self.crowd.stopping.is_set():
                return
            path, body = command(name, said)
            await self.ask("assessment", f"{path}{after}", body)
            await pause(self.dice.uniform(0, 2 * self.plan.pause_s))

    async def _do_something(self, cell: str, month: str, after: str) -> None:
        choice = self.dice.choices(("admit", "live", "meet", "assess", "aim", "repeat"), (6, 6, 4, 3, 2, 1))[
            0
        ]
        if choice == "admit":
            body = words.admitted(self._code("M"), cell, self.dice.randrange(1, 28))
            if isinstance(await self.ask("registry", f"members{after}", body), int):
                self.keeping.begin(body["member"], cell, body["standing"])
        elif choice == "live":
            await self.keeping.live()
        elif choice == "meet":
            await self.ask("assessment", f"meetings{after}", words.held(self._code("T"), cell, month))
        elif choice == "assess":
            said = words.assessed(cell, month, self.dice.randrange(80, 100))
            path = "self-assessments"
            if isinstance(await self.ask("assessment", f"{path}{after}", said), int):
                body = words.corrected(month, self.dice.randrange(10, 80))
                await self.ask("assessment", f"{path}/{cell}/{month}/corrections", body, once=True)
        elif choice == "aim":
            body = words.target(self.district, self.dice.randrange(1_000_000))
            await self.ask("registry", "admission-targets", body, once=True)
        else:
            await self.ask("registry", "organizations", words.cell(cell, self.district), repeats=True)

    async def ask(
        self,
        service: str,
        path: str,
        body: dict[str, Any],
        *,
        id: str = "",
        sure: bool = False,
        once: bool = False,
        repeats: bool = False,
    ) -> int | str:
        """Command, again where it broke off (unless asked `once`). Return its position, or its refusal.

        What `repeats` an earlier command must be refused.
        """
        id = id or f"{self.name}-{next(self._number)}"
        named = {"command": id, "service": service, "repeats": repeats}
        while True:
            outcome = await self._try(named, path, body)
            if outcome is not None:
                return outcome
            if once or (not sure and self.dice.random() < LEFT_UNKNOWN):
                return "unknown"
            await pause(ASK_AGAIN_S)

    async def _try(self, named: dict[str, Any], path: str, body: dict[str, Any]) -> int | str | None:
        """Ask once and write down the outcome. Return None if it is unknown."""
        service = named["service"]
        headers = {"Authorization": f"Bearer {self.plan.token}", "X-Request-Id": named["command"]}
        url = f"{self.plan.urls[service]}/{service}/v1/{path}"
        try:
            answer = await self.crowd.http.post(url, json=body, headers=headers)
        except httpx.HTTPError as error:
            self.crowd.note(**named, outcome="unknown", reason=type(error).__name__)
            return None
        if "json" not in answer.headers["content-type"]:
            self.crowd.note(**named, outcome="unknown", reason=f"a bare {answer.status_code}")
            return None
        said = answer.json()
        if answer.status_code == 201:
            self.crowd.note(**named, outcome="acknowledged", **said)
            return int(said["position"])
        reason = str(said["title"])
        outcome = {500: "defect", 503: "unknown"}.get(answer.status_code, "refused")
        self.crowd.note(**named, outcome=outcome, reason=reason)
        return None if outcome == "unknown" else reason

    def _code(self, kind: str) -> str:
        return f"{kind}-{self.name}-{next(self._codes)}"


class System(District):
    """A district's system that writes down every receipt, and sends again what has none."""

    def __init__(self, crowd: Crowd, url: str, code: str) -> None:
        super().__init__(url, code)
        self.crowd = crowd
        self.dice = random.Random(f"{crowd.plan.seed} {crowd.plan.run} {code}")
        self._numbers = count(1)
        self._sent: set[str] = set()
        self._done: set[str] = set()

    async def work(self) -> None:
        """Send the events of one cell after the other, of some at the same time."""
        async with anyio.create_task_group() as group:
            for _ in range(CELLS_AT_ONCE):
                group.start_soon(self._send_cells)

    async def _send_cells(self) -> None:
        while not self.crowd.stopping.is_set():
            await self._send(self._cell())

    def _cell(self) -> list[dict[str, Any]]:
        """Return a cell's events: its founding first, then what speaks of it."""
        number = next(self._numbers)
        code = f"{self.crowd.plan.run}-{self.code}-{number}"
        if number == 1 or self.dice.random() < WHOLE_YEARS:
            return self._year(code)
        months = iter(cycle(self.dice.sample(words.MONTHS, len(words.MONTHS))))
        events = [("registry.OrganizationFounded.v1", words.cell(f"C-{code}", self.code))]
        days = iter(words.DAYS)
        for number in range(self.dice.randrange(3, 12)):
            kind = self.dice.choice(("MemberAdmitted", "MeetingHeld", "SelfAssessmentSubmitted"))
            if kind == "MemberAdmitted":
                data = words.admitted(f"M-{code}-{number}", f"C-{code}", self.dice.randrange(1, 28))
                events.append(("registry.MemberAdmitted.v1", data))
                events += words.excused(data["member"], f"C-{code}", days)
            elif kind == "MeetingHeld":
                data = words.held(f"T-{code}-{number}", f"C-{code}", next(months))
                events.append(("assessment.MeetingHeld.v1", data))
            else:
                data = words.assessed(f"C-{code}", next(months), self.dice.randrange(80, 100))
                events.append(("assessment.SelfAssessmentSubmitted.v1", data))
        renaming = words.renamed(f"C-{code} anew", next(days))
        events.append(("registry.OrganizationRenamed.v1", {"organization": f"C-{code}", **renaming}))
        return [self.event(type, data, id=f"{code}-{n}") for n, (type, data) in enumerate(events)]

    def _year(self, code: str) -> list[dict[str, Any]]:
        """Return the founding of a cell, and all that may become of it in any order."""
        cell, other = f"C-{code}", f"C-{code}-O"
        year = words.whole_year(cell, other, self.code)
        self.dice.shuffle(year)
        founded = "registry.OrganizationFounded.v1"
        events = [(founded, words.cell(one, self.code)) for one in (cell, other)]
        events += [(f"assessment.{name}.v1", data) for name, data in year]
        return [self.event(type, data, id=f"{code}-{n}") for n, (type, data) in enumerate(events)]

    async def _send(self, events: list[dict[str, Any]]) -> None:
        """Publish in order, then again what has no good receipt, until all have one."""
        pending = {event["id"]: event for event in events}
        while pending:
            for id, event in pending.items():
                named = {
                    "event": id,
                    "source": event["source"],
                    "organization": event["data"]["organization"],
                }
                self.crowd.note(**named, outcome="sent again" if id in self._sent else "sent")
                self._sent.add(id)
                await self.publish(event)
                await pause(self.dice.uniform(0, self.crowd.plan.pause_s))
            with anyio.move_on_after(RESEND_AFTER_S):
                while not self._done.issuperset(pending):
                    self._answered = anyio.Event()
                    await self._answered.wait()
            pending = {id: event for id, event in pending.items() if id not in self._done}

    async def _keep(self, message: Any) -> None:
        """Write a receipt down. What was rejected is sent again: what it speaks of may have been lost."""
        receipt = json.loads(message.data)
        if receipt["id"] not in self._sent:
            return  # the answer to someone else of this district
        told = ("source", "outcome", "service", "subject", "position", "reason")
        self.crowd.note(event=receipt["id"], **{word: receipt[word] for word in told if word in receipt})
        if receipt["outcome"] != "rejected":
            self._done.add(receipt["id"])
        self._answered.set()


async def pause(for_s: float) -> None:
    """Return after a while: what people do between two things is nothing to wait for."""
    with anyio.move_on_after(for_s):
        await anyio.Event().wait()


async def work(plan: Plan, journal: IO[str]) -> None:
    """Do what `plan` says, and write it down."""
    limits = httpx.Limits(max_keepalive_connections=plan.clerks)
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, limits=limits) as http:
        await Crowd(plan, http, journal).run()


def main(path: Path) -> None:
    """Work as the plan in a file says."""
    plan = Plan(**json.loads(path.read_text()))
    with Path(plan.journal).open("a", buffering=1) as journal:
        asyncio.run(work(plan, journal))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A province to be broken: supervised as `make run` does it, under a load that writes everything down."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
from nats.errors import Error as NatsError

from deploy.embedded.process import end, spawn
from deploy.embedded.runtime import SERVICES
from deploy.embedded.supervisor import ROOT, Supervisor
from tests.chaos.checker.evidence import Evidence, Place, gather, unsettled
from tests.chaos.checker.verdict import counts, problems
from tests.chaos.line import Line
from tests.chaos.servers import Cluster, Server
from tests.chaos.workload import FINISH_WITHIN_S, Plan
from tests.system.processes import Processes

DISTRICTS = ("D-1", "D-2", "D-3")
LOOK_EVERY_S = 0.1
REST_WITHIN_S = 120.0
AWAY = (psycopg.OperationalError, NatsError, OSError, TimeoutError)


class Stage(Processes):
    """The five services with a line from each, and from each district, to NATS; or beside a NATS of three."""

    def __init__(self, data: Path, *, seed: int, clustered: bool = False) -> None:
        super().__init__(data, DISTRICTS)
        runtime = self.embedded
        kind = Cluster if clustered else Server
        self.nats: Any = kind(
            data / "nats", runtime.ports.nats, keys=runtime.keys, districts=DISTRICTS, log=runtime.log("nats")
        )
        runtime.nats = self.nats
        self.seed = seed
        self.journal = data / "journal.jsonl"
        self.journal.touch()
        self.lines: dict[str, Line] = {}
        if not clustered:
            log = runtime.log("lines")
            self.lines = {name: Line(runtime.ports.nats, log) for name in (*SERVICES, *DISTRICTS)}
        replicas = {"NATS_REPLICAS": "3"} if clustered else {}
        self.settings = {name: {"NATS_URL": self.line_url(name), **replicas} for name in SERVICES}
        self.said: list[str] = []
        """What the supervisor had to do."""

        self._runs = 0

    def line_url(self, user: str) -> str:
        """Return where `user` meets NATS: at the near end of its line."""
        address = self.nats_url(user)
        line = self.lines.get(user)
        return address.replace(f":{self.embedded.ports.nats}", f":{line.port}") if line else address

    def start(self) -> "Stage":
        """Start everything, and look after it from now on."""
        for line in self.lines.values():
            line.start()
        super().start()
        servers = [*self.nats.nodes.values()] if isinstance(self.nats, Cluster) else [self.nats]
        self.supervisor = Supervisor(
            [*servers, self.embedded.postgres], [*self.services.values()], say=self.said.append
        )
        return self

    def stop(self) -> None:
        """Stop everything. Lines last, and at once: a held one hears nothing else."""
        super().stop()
        for line in self.lines.values():
            line.cut()

    def until(self, met: Callable[[], Any], what: str, within_s: float = 60.0) -> None:
        """Return when `met`, starting meanwhile what died. Raises TimeoutError."""
        deadline = monotonic() + within_s
        while not met():
            if monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {within_s:.0f} s")
            self.supervisor.tend()
            sleep(LOOK_EVERY_S)

    def suffer(self, for_s: float) -> None:
        """Let a fault last for so long, starting meanwhile what died."""
        end_at = monotonic() + for_s
        self.until(lambda: monotonic() >= end_at, "time passes", 2 * for_s)

    def back(self, *names: str) -> None:
        """Return when services are ready again."""
        for name in names or SERVICES:
            self.until(lambda name=name: not self.services[name].waits_for(), f"{name} ready")  # type: ignore[misc]

    # -- The load

    @contextmanager
    def load(self, *, clerks: int = 6, pause_s: float = 0.1) -> Iterator["Load"]:
        """Let clients work while the body runs; then let them finish."""
        self._runs += 1
        plan = Plan(
            run=f"R{self._runs}",
            seed=self.seed,
            urls={service: self.url(service) for service in SERVICES},
            token=self.token("officer"),
            districts={code: self.line_url(code) for code in DISTRICTS},
            journal=str(self.journal),
            clerks=clerks,
            pause_s=pause_s,
        )
        load = Load(self, plan)
        load.start()
        try:
            yield load
            load.finish()
        finally:
            load.end()

    # -- The verdict

    @property
    def place(self) -> Place:
        """Return where the checker finds everything."""
        return Place(
            databases={service: self.database_url(service) for service in SERVICES},
            nats=self.nats_url("operator").split(","),
            inbox="_INBOX_operator",
            journal=self.journal,
        )

    def evidence(self) -> Evidence:
        """Return what there is once nothing moves any more. Raises TimeoutError, naming who does not."""
        waiting = "?"

        def at_rest() -> bool:
            nonlocal waiting
            try:
                waiting = asyncio.run(unsettled(self.place))
            except AWAY as error:
                waiting = repr(error)
            return not waiting

        try:
            self.until(at_rest, "at rest", REST_WITHIN_S)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {waiting}") from None
        return asyncio.run(gather(self.place))

    def verdict(self) -> tuple[dict[str, int], list[str]]:
        """Return what was counted, and what is wrong."""
        found = self.evidence()
        return counts(found), problems(found)


class Load:
    """A crowd of clients in a process of their own, and how far their journal has come."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self.stage = stage
        self.log = stage.embedded.log("workload")
        self._plan = stage.embedded.data / "plan.json"
        self._plan.write_text(json.dumps(asdict(plan)))
        self._offset = stage.journal.stat().st_size
        self._seen: Counter[str] = Counter()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Let them begin."""
        self.process = spawn(
            (sys.executable, "-m", "tests.chaos.workload", self._plan),
            log=self.log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def seen(self) -> Counter[str]:
        """Return how often each outcome was written down, also by service, since they began."""
        with self.stage.journal.open("rb") as file:
            file.seek(self._offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                self._offset += len(raw)
                line = json.loads(raw)
                self._seen[line["outcome"]] += 1
                self._seen[f"{line.get('service')} {line['outcome']}"] += 1
        return self._seen

    def goes_on(self, times: int = 15, *what: str, within_s: float = 90.0) -> None:
        """Return when each of `what` (`accepted`, `registry acknowledged`) was heard so often again."""
        wanted = what or ("registry acknowledged", "assessment acknowledged", "accepted")
        before = Counter(self.seen())

        def heard() -> bool:
            assert self.process
            if self.process.poll() is not None:
                raise RuntimeError(f"the workload ended by itself: see {self.log}")
            return all(self.seen()[one] - before[one] >= times for one in wanted)

        self.stage.until(heard, f"{times} times {', '.join(wanted)}", within_s)

    def finish(self) -> None:
        """Ask them to stop and return when everyone has an answer."""
        process = self.process
        assert process
        process.send_signal(signal.SIGTERM)
        self.stage.until(lambda: process.poll() is not None, "every client answered", FINISH_WITHIN_S + 30)
        if process.returncode:
            raise RuntimeError(f"the clients ended with {process.returncode}: see {self.log}")

    def end(self) -> None:
        """End them at once, if they are still there."""
        if self.process:
            end(self.process, signal.SIGKILL)

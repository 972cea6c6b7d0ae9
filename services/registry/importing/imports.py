"""Imports, one at a time: a file is read and judged, then recorded in batches by the commands' own rules.

If the process dies, what was recorded stays. The same file sent again finds it unchanged and goes on.
"""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import anyio
import structlog
from psycopg import OperationalError

from services.chassis.bounds import Bound
from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import Rights
from services.chassis.errors import Conflict, NotFound, Overloaded, Refused
from services.chassis.eventlog.store import Origin, Receipt, Store
from services.registry.application import Registry
from services.registry.importing.columns import MEMBERS, Line, Table, read
from services.registry.importing.held import held
from services.registry.importing.judging import Judging, Plan
from services.registry.importing.report import Report
from services.registry.importing.run import Run, Runs

log = structlog.get_logger()

BATCH = 256
"""Rows recorded together: as many as the log commits in one transaction."""

FILES_MAX = 1
"""Imports underway in a process: one takes a core for as long as it reads."""

TOLD_EVERY_S = 2.0

CLOSE_WITHIN_S = 5.0
"""How long it may take to keep how an import ended: half of what a process has to stop."""


@dataclass(eq=False)
class Job:
    """A file to import, over what and why: the organizations at and beneath which it may record."""

    run: Run
    body: bytes
    reach: frozenset[str]
    origin: Origin


class Imports:
    """Takes files and gets on with them. `work` is its task."""

    def __init__(self, registry: Registry, store: Store, rights: Rights) -> None:
        self.registry = registry
        self.store = store
        self.rights = rights
        self.runs = Runs(store.pool)
        self._job: Job | None = None
        self._given = asyncio.Event()

    @property
    def bounds(self) -> list[Bound]:
        """Return what is bounded here."""
        return [Bound("imports underway", FILES_MAX, lambda: int(self._job is not None))]

    async def begin(self, body: bytes, caller: Caller, *, validate_only: bool) -> Run:
        """Take a file and return at once; `find` tells how it gets on. Raises Overloaded."""
        reach = await self.rights.reach(caller, "officer")
        if self._job:
            raise Overloaded("an import is underway; try again when it has ended")
        at = self.store.clock()
        run = Run(id=uuid4().hex, validate_only=validate_only, began_at=at, moved_at=at)
        why = Origin(caller.subject, correlation=run.id, causation=f"import:{run.id}")
        self._job = Job(run, body, reach, why)
        try:
            await self.runs.keep(run, reach, at)
        except BaseException:
            self._job = None
            raise
        self._given.set()
        return run

    async def find(self, id: str, caller: Caller) -> Run:
        """Return how an import stands, to whoever has the rights of who began it. Raises NotFound."""
        if self._job and self._job.run.id == id:
            run, reach = self._job.run, self._job.reach
        else:
            run, reach = await self.runs.find(id, self.store.clock())
        if not await self.rights.allow(caller, "officer", over=[*reach]):
            raise NotFound(f"no import {id}")
        return run

    async def work(self) -> None:
        """Import what was given, file after file, until cancelled."""
        while await self._given.wait():
            self._given.clear()
            assert self._job
            try:
                await self._import(self._job)
            finally:
                self._job = None

    async def _import(self, job: Job) -> None:
        """Import one file. However that ends, the process and the next file are none the worse."""
        run = job.run
        log.info("import began", id=run.id, bytes=len(job.body), validate_only=run.validate_only)
        try:
            async with anyio.create_task_group() as beside:
                beside.start_soon(self._tell, job)
                await self._whole(job)
                beside.cancel_scope.cancel()
        except* (OperationalError, Overloaded, Conflict) as away:
            log.warning("import interrupted", id=run.id, error=type(away.exceptions[0]).__name__)
        except* Exception as defect:  # noqa: BLE001 - a file that we cannot bear must not end the registry
            run.state = "FAILED"
            # Without the traceback's words: they may repeat a cell.
            log.error("import failed", id=run.id, error=type(_innermost(defect)).__name__)  # noqa: TRY400
        finally:
            if run.is_underway:
                run.state = "INTERRUPTED"
            with anyio.CancelScope(shield=True), anyio.move_on_after(CLOSE_WITHIN_S):
                await self._keep(job)
        log.info("import ended", id=run.id, state=run.state, rows=run.rows, recorded=run.recorded)

    async def _whole(self, job: Job) -> None:
        run, report = job.run, Report()
        run.enter("READING")
        table = await asyncio.to_thread(read, job.body, report)
        job.body = b""
        plan = await self._judged(job, table, report) if table else Plan()
        run.new, run.unchanged = plan.new, plan.unchanged
        run.say(report)
        if report.problems_total or table is None:
            run.enter("REFUSED")
        elif run.validate_only:
            run.enter("VALID")
        else:
            run.enter("RECORDING", run.new)
            await self._record(job, table, plan, report)
            run.say(report)
            run.enter("INCOMPLETE" if report.problems_total else "DONE")

    async def _judged(self, job: Job, table: Table, report: Report) -> Plan:
        run = job.run
        run.kind, run.rows = table.kind.name, table.rows
        run.enter("COMPARING")
        there = await held(table, self.store, self.registry.members.persons, run.tell)
        run.enter("JUDGING", table.rows)
        return await Judging(self.registry, self.rights.tree, job.reach, table, report).plan(there, run.tell)

    async def _record(self, job: Job, table: Table, plan: Plan, report: Report) -> None:
        """Record level after level. A row is refused only if something came between: the rest goes on."""
        for level in plan.levels:
            for start in range(0, len(level), BATCH):
                batch = level[start : start + BATCH]
                for line, outcome in zip(batch, await self._recorded(table, batch, job.origin), strict=True):
                    if isinstance(outcome, Refused):
                        report.add(outcome, row=line.row)
                    else:
                        job.run.recorded += 1
                job.run.done += len(batch)

    async def _recorded(self, table: Table, batch: list[Line], origin: Origin) -> list[Receipt | Refused]:
        if table.kind is MEMBERS:
            return await self.registry.members.admit_all([line.command for line in batch], origin)
        return await self.registry.organizations.found_all([line.command for line in batch], origin)

    async def _tell(self, job: Job) -> None:
        while True:
            await self._keep(job)
            with anyio.move_on_after(TOLD_EVERY_S):
                await anyio.Event().wait()

    async def _keep(self, job: Job) -> None:
        try:
            await self.runs.keep(job.run, job.reach, self.store.clock())
        except OperationalError as error:
            log.warning("import not told", id=job.run.id, error=type(error).__name__)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""What an import is doing and how it ended, kept beside the log so that a restart can still tell."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Literal

from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field

from services.chassis.errors import NotFound
from services.chassis.eventlog.writer import Pool
from services.registry.importing.report import Problem, Report

RUNS_MAX = 1_000
"""Imports remembered; the one that began longest ago goes first."""

SILENT_AFTER_S = 60
"""An import that has not told how it gets on for so long has ended with its process."""

State = Literal[
    "WAITING",
    "READING",
    "COMPARING",
    "JUDGING",
    "RECORDING",
    "VALID",
    "REFUSED",
    "DONE",
    "INCOMPLETE",
    "INTERRUPTED",
    "FAILED",
]
UNDERWAY = ("WAITING", "READING", "COMPARING", "JUDGING", "RECORDING")

TABLE = """
CREATE TABLE IF NOT EXISTS import_run (
    id       text PRIMARY KEY,
    subtree  text NOT NULL,
    began_at timestamptz NOT NULL,
    moved_at timestamptz NOT NULL,
    run      jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS import_run_began_at ON import_run (began_at);
"""


class Run(BaseModel):
    """One import. Nothing in it names a person."""

    id: str
    state: State = Field(
        default="WAITING",
        description="VALID, REFUSED: nothing was recorded. INCOMPLETE: rows were refused after all, because "
        "others came between. INTERRUPTED: send the file again, it goes on from there. FAILED: our mistake",
    )
    kind: Literal["organizations", "members"] | None = None
    validate_only: bool
    done: int = Field(default=0, description="of what the present state does")
    total: int = 0
    rows: int = 0
    new: int = Field(default=0, description="rows that are, or would be, recorded")
    unchanged: int = Field(default=0, description="rows that are recorded already, word for word")
    recorded: int = 0
    problems_total: int = 0
    problems: list[Problem] = Field(default_factory=list, description="the first thousand")
    flags_total: int = 0
    flags: list[Problem] = Field(default_factory=list, description="to look at; they refuse nothing")
    began_at: datetime
    moved_at: datetime

    @property
    def is_underway(self) -> bool:
        """Return whether it has not ended."""
        return self.state in UNDERWAY

    def enter(self, state: State, total: int = 0) -> None:
        """Begin what comes next."""
        self.state, self.done, self.total = state, 0, total

    def tell(self, done: int, total: int) -> None:
        """Note how far it has come."""
        self.done, self.total = done, total

    def say(self, report: Report) -> None:
        """Take over what is said of the file, row after row; before all else why it was not read on."""
        by_row = sorted(report.problems, key=_place)
        self.problems = sorted(by_row, key=lambda one: one is not report.ended_by)
        self.problems_total = report.problems_total
        self.flags, self.flags_total = sorted(report.flags, key=_place), report.flags_total


def _place(said: Problem) -> int:
    return said.row or 0


class Runs:
    """The imports of a registry, in its database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def prepare(self) -> None:
        """Create the table if it is missing."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('import_run'))")
            await connection.execute(TABLE)

    async def keep(self, run: Run, reach: Collection[str], at: datetime) -> None:
        """Store how a run stands, and forget the oldest if there are too many."""
        run.moved_at = at
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO import_run VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET moved_at = excluded.moved_at, run = excluded.run",
                (run.id, ",".join(sorted(reach)), run.began_at, at, Jsonb(run.model_dump(mode="json"))),
            )
            await connection.execute(
                "DELETE FROM import_run WHERE id IN"
                f" (SELECT id FROM import_run ORDER BY began_at DESC, id OFFSET {RUNS_MAX})"
            )

    async def find(self, id: str, at: datetime) -> tuple[Run, frozenset[str]]:
        """Return a run as it stands at `at`, and what who began it had rights over. Raises NotFound."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT subtree, run FROM import_run WHERE id = %s", (id,))
            row: dict[str, Any] | None = await cursor.fetchone()
        if row is None:
            raise NotFound(f"no import {id}")
        run = Run.model_validate(row["run"])
        if run.is_underway and at - run.moved_at > timedelta(seconds=SILENT_AFTER_S):
            run.state = "INTERRUPTED"
        return run, frozenset(row["subtree"].split(","))

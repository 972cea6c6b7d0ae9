"""What every figure is measured with: sizes, servers of its own, and the event that all of them store."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from pydantic import SecretStr

from deploy.embedded.runtime import Embedded
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.bench.http import Edge, pause
from tests.system.processes import Processes

WITHIN_S = 600.0
"""The longest that anything may take: with ten million events, some minutes."""

HERE = Path(__file__).parent
PROVINCE, CELL = "PROVINCE-B", "CELL-B"
CELLS = 3_000
"""Over how many the events that are projected are spread: as many rows has the read model."""

ADMITTED_ON = "2025-02-03"
IMPORTS = "/registry/v1/imports"

_number = count(1)


@dataclass(frozen=True)
class Sizes:
    """How large and how often. Quick sizes tell whether a figure can be measured, not what it is."""

    quick: bool = False

    @property
    def rounds(self) -> int:
        """Return how often each measure takes its turn."""
        return self(3, quick=2)

    def __call__(self, full: int, *, quick: int) -> int:
        """Return how many."""
        return quick if self.quick else full


@contextmanager
def servers() -> Iterator[Embedded]:
    """Hold a NATS and a PostgreSQL that write to disk, empty."""
    with _folder() as folder, Embedded(folder) as embedded:
        yield embedded


@contextmanager
def province() -> Iterator[Processes]:
    """Hold the five services and their servers as `make run` starts them, empty."""
    with _folder() as folder, Processes(folder) as running:
        yield running


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fourgood-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where we are root
        yield Path(folder) / "data"


def database(embedded: Embedded, owner: str = "registry") -> str:
    """Return the address of a new database. It goes when the server goes."""
    name = f"bench_{next(_number)}"
    with psycopg.connect(embedded.database_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {owner}")
    return embedded.database_url(owner, name)


def member() -> str:
    """Return a code that no other member has."""
    return f"M-{next(_number):08}"


def admission(code: str) -> dict[str, Any]:
    """Return the command that every way of storing an event is given."""
    return {
        "member": code,
        "organization": CELL,
        "decision": {"number": "1-QĐ/ĐU", "date": "2025-01-02"},
        "ceremony_on": ADMITTED_ON,
        "standing": "PROBATIONARY",
    }


def fields(code: str) -> dict[str, Any]:
    """Return what the fact of an admission states, with its origin: some 400 bytes as JSON."""
    return {
        "code": code,
        "organization": f"{CELL}-{int(code.rpartition('-')[2]) % CELLS}",
        "decision_number": "1-QĐ/ĐU",
        "decision_dated": "2025-01-02",
        "ceremony_on": ADMITTED_ON,
        "standing": "PROBATIONARY",
        "age_rule": None,
        "person": None,
        "timestamp": "2025-02-03T08:00:00.000000+00:00",
        "origin": {
            "actor": "officer",
            "correlation": "6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b",
            "causation": "http:6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b",
        },
    }


async def found(
    edge: Edge, code: str, kind: str = "PROVINCIAL_COMMITTEE", *, under: str | None = None
) -> None:
    """Found an organization."""
    organization = {"organization": code, "name": code, "kind": kind, "parent": under}
    await edge.ask("POST", "/registry/v1/organizations", organization | {"founded_on": "2000-01-01"})


async def found_cell(edge: Edge) -> None:
    """Found the cell that members are admitted to, and the province above it."""
    await found(edge, PROVINCE)
    await found(edge, CELL, "GRASSROOTS_CELL", under=PROVINCE)


async def imported(registry: Edge, file: bytes) -> None:
    """Import a file, and return when all of it is recorded."""
    run = await registry.ask("POST", IMPORTS, file)

    async def over() -> bool:
        nonlocal run
        run = await registry.ask("GET", f"{IMPORTS}/{run['id']}")
        return run["state"] not in ("WAITING", "READING", "COMPARING", "JUDGING", "RECORDING")

    await until(over)
    assert (run["state"], run["recorded"]) == ("DONE", run["rows"]), run


def service(kind: type[Settings], embedded: Embedded, address: str) -> Service:
    """Return a service with nothing in it yet, in this process, on a database and under its own name."""
    return Service(
        kind(
            database_url=SecretStr(address),
            nats_url=SecretStr(embedded.nats_url(kind.service)),
            auth_public_key=embedded.keys.public_pem,
            **({"master_key": SecretStr(embedded.keys.master_key)} if kind.service == "registry" else {}),
        ),
        "measured",
    )


async def per_second(number: int, work: Awaitable[object]) -> float:
    """Return how many of `number` were done in a second of `work`."""
    began = perf_counter()
    await work
    return number / (perf_counter() - began)


async def pace(number: int, done: Callable[[], Awaitable[int]]) -> float:
    """Return how many are done per second, from when the first are seen to be done until all are."""
    began, begun_with = perf_counter(), 0
    async with asyncio.timeout(WITHIN_S):
        while (seen := await done()) < number:
            if not begun_with:
                began, begun_with = perf_counter(), seen
            await pause(0.005)
    return (number - begun_with) / (perf_counter() - began)


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    """Return once `met` is true. Raises TimeoutError."""
    async with asyncio.timeout(WITHIN_S):
        while not await met():
            await pause(0.01)

"""What a short chaos left behind: one province, broken in turn under load, looked at once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random, SystemRandom

import psycopg
import pytest

from tests.chaos import faults
from tests.chaos.checker.evidence import Evidence, gather
from tests.chaos.stage import Stage

SHORT = (
    faults.killed("registry", "reporting", "postgres", times=1),
    faults.cut("assessment", for_s_max=2.0),
    faults.emptied,
)


@dataclass(frozen=True)
class Aftermath:
    """What was found at rest, and again after someone had tampered with the tables."""

    sound: Evidence
    tampered: Evidence


@pytest.fixture(scope="session")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Return what some faults left. The seed is printed if a test fails."""
    seed = SystemRandom().randrange(1_000_000)
    print(f"SEED={seed}")
    with Stage(tmp_path_factory.mktemp("chaos"), seed=seed) as stage:
        with stage.load(clerks=4) as load:
            for fault in SHORT:
                fault(stage, load, Random(seed))
            load.goes_on(5)
        sound = stage.evidence()
        tamper(stage)
        yield Aftermath(sound, asyncio.run(gather(stage.place)))


def tamper(stage: Stage) -> None:
    """Do to a log and to a view what no part of the system may ever do."""
    with psycopg.connect(stage.database_url("registry"), autocommit=True) as registry:
        registry.execute(
            "DELETE FROM registry_events WHERE notification_id ="
            " (SELECT max(notification_id) FROM registry_events WHERE topic = 'registry.Member.Admitted')"
        )
    with psycopg.connect(stage.database_url("reporting"), autocommit=True) as reporting:
        reporting.execute(
            "UPDATE headcount.admitted SET members = members + 1 WHERE (code, day, standing) ="
            " (SELECT code, day, standing FROM headcount.admitted LIMIT 1)"
        )

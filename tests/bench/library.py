"""The eventsourcing library by its default path, which the chassis is measured against.

`save()` of one aggregate or many, its repository and its projection runner, with the library's own defaults.
"""

from time import perf_counter
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from tests.bench.lab import fields, member


class Member(Aggregate):
    """The same fact as the registry's."""

    class Admitted(Aggregate.Created):
        code: str
        organization: str
        decision_number: str
        decision_dated: str
        ceremony_on: str
        standing: str
        age_rule: str | None
        person: str | None
        origin: dict[str, str]

    @event(Admitted)
    def __init__(
        self,
        *,
        code: str,
        organization: str,
        decision_number: str,
        decision_dated: str,
        ceremony_on: str,
        standing: str,
        age_rule: str | None,
        person: str | None,
        origin: dict[str, str],
    ) -> None:
        self.code, self.organization, self.ceremony_on = code, organization, ceremony_on
        self.notes = 0

    class Noted(Aggregate.Event):
        note: dict[str, Any]

    @event(Noted)
    def note(self, note: dict[str, Any]) -> None:
        self.notes += 1


def admitted(code: str) -> Member:
    """Return one who is not yet saved."""
    stated = fields(code)
    del stated["timestamp"]  # the library's own
    return Member(**stated)


def environment(address: str) -> dict[str, str]:
    """Return how the library is told to keep its log in a database."""
    place = conninfo_to_dict(address)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(place["dbname"]),
        "POSTGRES_HOST": str(place["host"]),
        "POSTGRES_PORT": str(place["port"]),
        "POSTGRES_USER": str(place["user"]),
        "POSTGRES_PASSWORD": str(place["password"]),
    }


class Headcounts(PostgresTrackingRecorder):
    """Members by organization, one transaction per event, as the library does it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS headcount (organization text PRIMARY KEY, members bigint)")
        )

    def count(self, organization: str, tracking: Tracking) -> None:
        """Add one, and remember the event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO headcount AS h VALUES (%s, 1)"
                " ON CONFLICT (organization) DO UPDATE SET members = h.members + 1",
                (organization,),
            )


class Headcount(Projection[Headcounts]):
    """Counts the admitted."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count one."""
        self.view.count(domain_event.organization, tracking)


def projected(address: str, number: int) -> float:
    """Return how many of so many events per second the projection runner folds."""
    with Application[Any](env=environment(address)) as log:
        log.save(*(admitted(member()) for _ in range(number)))
    began = perf_counter()
    with ProjectionRunner(
        application_class=Application,
        projection_class=Headcount,
        view_class=Headcounts,
        env=environment(address),
    ) as runner:
        runner.wait(number, timeout=300.0)
    return number / (perf_counter() - began)

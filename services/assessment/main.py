"""Composition root: settings in, assessment out."""

from typing import ClassVar

from pydantic import Field

from contracts.vocabulary import Month
from services.assessment.api import routes
from services.assessment.application import Assessment, read_packs, read_scoring_packs
from services.assessment.publication import publish
from services.assessment.reactions import BEGINS, check, handlers
from services.assessment.views import Views
from services.assessment.views.owing import Owings
from services.chassis.calendar import working_days
from services.chassis.clock import Clock, utc_now
from services.chassis.districts.deciding import Decided
from services.chassis.districts.preview import Preview
from services.chassis.districts.standing import caught_up
from services.chassis.edge import received
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Store
from services.chassis.probation import probation
from services.chassis.regularly import regularly
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.views.homes import Homes
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.chassis.views.view import View

OBLIGATIONS_EVERY_S = 20.0
"""Where no news came and no day has begun, looking costs one question to the database."""


class AssessmentSettings(Settings):
    """Assessment's settings: those of every service, and since when it looks at what is owed."""

    service: ClassVar[str] = "assessment"
    port_default: ClassVar[int] = 8102

    obligations_from: Month | None = Field(
        default=None,
        description="the first month (2026-11) in which what cells owe is opened and ended by itself;"
        " by default the month of the first start",
    )


def create(settings: AssessmentSettings, *, clock: Clock = utc_now) -> Service:
    """Return assessment, ready to run."""
    service = Service(
        settings,
        "What happens in cells: criteria, meetings, visits, self-assessments, concerns.",
        clock=clock,
    )
    tree = Tree(service.pool)
    views = Views.on(service.pool)
    officials = Officials(service.pool)
    restrictions = Restrictions(service.pool)
    homes = Homes(service.pool)
    rights = Rights(tree, officials, clock)
    packs = read_packs(), read_scoring_packs()
    registry = [(view, ("registry",)) for view in (tree, officials, restrictions, homes)]
    followed: list[tuple[View, tuple[str, ...]]] = [*registry, *views.followed]
    store = service.keeps_log()
    relay = service.publishes(publish)
    owing = Owings(
        tree,
        views,
        homes,
        restrictions,
        probation(working_days()),
        caught_up=caught_up(service.broker, ("registry", "assessment"), relay.carried, *followed),
    )
    assessment = Assessment.on(store, tree, views.meetings, homes, *packs, owing)

    def deciding(log: Store) -> Decided:
        return handlers(Assessment.on(log, tree, views.meetings, homes, *packs, owing)), check(rights)

    service.bounds += [assessment.frameworks.known.bound, tree.known.bound, officials.known.bound]
    for view, sources in followed:
        service.follows(view, *sources)
    intake = service.takes(handlers(assessment), check=check(rights), begins=BEGINS)
    preview = Preview(store, deciding, service.broker)
    service.bounds += preview.turns.bounds
    service.keeps_running(preview.run)
    service.keeps_running(
        regularly(
            "obligations",
            OBLIGATIONS_EVERY_S,
            lambda: assessment.duties.sweep(first=settings.obligations_from),
        )
    )
    service.answers(routes(assessment, views, restrictions, rights, service.auth))
    service.answers(received.routes(intake, rights, service.auth))
    return service


def main() -> None:
    """Run assessment until it is told to stop."""
    create(AssessmentSettings.load()).run()

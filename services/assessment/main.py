"""Composition root: settings in, assessment out."""

from typing import ClassVar

from services.assessment.api import routes
from services.assessment.application import Assessment, read_packs, read_scoring_packs
from services.assessment.publication import publish
from services.assessment.reactions import BEGINS, check, handlers
from services.assessment.views import Views
from services.chassis.clock import Clock, utc_now
from services.chassis.edge.rights import Rights
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.views.homes import Homes
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree


class AssessmentSettings(Settings):
    """Assessment's settings: those of every service."""

    service: ClassVar[str] = "assessment"
    port_default: ClassVar[int] = 8102


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
    assessment = Assessment.on(service.keeps_log(), tree, views.meetings, homes, *packs)

    service.bounds += [assessment.frameworks.known.bound, tree.known.bound, officials.known.bound]
    service.publishes(publish)
    service.follows(tree, "registry")
    service.follows(officials, "registry")
    service.follows(restrictions, "registry")
    service.follows(homes, "registry")
    for view in vars(views).values():
        service.follows(view, "registry" if view is views.roll else "assessment")
    service.takes(handlers(assessment), check=check(rights), begins=BEGINS)
    service.answers(routes(assessment, views, restrictions, rights, service.auth))
    return service


def main() -> None:
    """Run assessment until it is told to stop."""
    create(AssessmentSettings.load()).run()

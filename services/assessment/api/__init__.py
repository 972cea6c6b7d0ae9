"""Assessment over HTTP: body -> command -> use case -> receipt; questions -> the log, or a view."""

from fastapi import APIRouter

from services.assessment.api import (
    agreement,
    concern,
    framework,
    meeting,
    model_cell,
    movement,
    obligation,
    registration,
    replication,
    scoring,
    self_assessment,
    supervision,
    visit,
)
from services.assessment.application import Assessment
from services.assessment.views import Views
from services.chassis.edge.auth import Auth
from services.chassis.edge.examples import exemplify, story
from services.chassis.edge.http import paths_of
from services.chassis.edge.rights import Rights
from services.chassis.views.restrictions import Restrictions


def routes(
    assessment: Assessment, views: Views, restrictions: Restrictions, rights: Rights, auth: Auth
) -> APIRouter:
    """Return assessment's routes: each needs a role, and rights over the organization it is about."""
    router = paths_of("assessment")
    framework.add_routes(router, assessment, views.frameworks, rights, auth)
    for part in (model_cell, movement, agreement, registration, replication):
        part.add_routes(router, assessment, views.movement, rights, auth)
    meeting.add_routes(router, assessment, views, restrictions, rights, auth)
    scoring.add_routes(router, assessment, views.meetings, rights, auth)
    self_assessment.add_routes(router, assessment, views, rights, auth)
    concern.add_routes(router, assessment, views.concerns, rights, auth)
    supervision.add_routes(router, assessment, views, restrictions, rights, auth)
    visit.add_routes(router, assessment, views.visits, restrictions, rights, auth)
    obligation.add_routes(router, assessment, views.duties, rights, auth)
    exemplify(router, story(__file__))
    return router

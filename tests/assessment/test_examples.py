"""The examples in assessment's OpenAPI: each is accepted after those before it, in the registry's tree."""

from datetime import UTC, datetime

import pytest

from services.assessment import api as place
from services.assessment.api import routes
from services.assessment.application import Assessment, read_packs, read_scoring_packs
from services.assessment.views import Views
from services.assessment.views.owing import Owings
from services.chassis.calendar import working_days
from services.chassis.edge.examples import story
from services.chassis.edge.rights import Rights
from services.chassis.probation import probation
from services.chassis.views.homes import Homes
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.registry import api as registry
from tests.assessment.conftest import all_read
from tests.edges import AUTH, bearer, edge_of
from tests.logs import log_of, prepared
from tests.telling import Telling, founded

pytestmark = pytest.mark.anyio

AFTERWARDS = datetime(2026, 1, 31, tzinfo=UTC)
"""When the whole story has happened."""


def foundings():
    bodies = [step.body for step in story(registry.__file__) if step.path == "/organizations"]
    return [
        founded(one["organization"], under=one.get("parent"), kind=one["kind"], on=one["founded_on"])
        for one in bodies
    ]


async def test_every_example_is_accepted_after_those_before_it(database):
    async with log_of("assessment", database, clock=lambda: AFTERWARDS) as store:
        tree = await prepared(Tree(store.pool), Telling().all(*foundings()))
        views = Views.on(store.pool)
        for view in vars(views).values():
            await prepared(view)
        homes = await prepared(Homes(store.pool))
        hiding = await prepared(Restrictions(store.pool))
        owing = Owings(tree, views, homes, hiding, probation(working_days()), caught_up=all_read)
        packs = read_packs(), read_scoring_packs()
        assessment = Assessment.on(store, tree, views.meetings, homes, *packs, owing)
        rights = Rights(tree, await prepared(Officials(store.pool)))
        kept = routes(assessment, views, hiding, rights, AUTH)
        async with edge_of("assessment", kept) as api:
            answers = [
                (
                    step.title,
                    await api.request(step.method, step.path, json=step.body, headers=bearer("officer")),
                )
                for step in story(place.__file__)
            ]

    assert [] == [(title, answer.text) for title, answer in answers if answer.status_code > 201]

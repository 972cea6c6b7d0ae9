"""The examples in the registry's OpenAPI: every command has one, and all of them in turn are accepted."""

from datetime import UTC, datetime

import pytest

from services.chassis.edge.examples import exemplify, story
from services.chassis.edge.rights import Rights
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry import api as place
from services.registry.api import routes
from tests.edges import AUTH, bearer

pytestmark = pytest.mark.anyio

AFTERWARDS = datetime(2026, 1, 31, tzinfo=UTC)
"""When the whole story has happened."""


@pytest.fixture
def now():
    return AFTERWARDS


async def test_every_command_has_an_example(api):
    paths = (await api.get("/openapi.json")).json()["paths"]
    commands = {
        path: operation["requestBody"]["content"]["application/json"]
        for path, operations in paths.items()
        for operation in operations.values()
        if "requestBody" in operation
    }

    assert [] != list(commands)
    assert [] == [path for path, content in commands.items() if not content.get("examples")]


async def test_every_example_is_accepted_after_those_before_it(api):
    answers = [
        (step.title, (await api.request(step.method, step.path, json=step.body, headers=bearer("officer"))))
        for step in story(place.__file__)
    ]

    assert [] == [(title, answer.text) for title, answer in answers if answer.status_code > 204]


async def test_an_example_of_a_command_there_is_not_is_a_defect(registry, store):
    router = routes(registry, Rights(Tree(store.pool), Officials(store.pool)), AUTH)
    [first, *_] = story(place.__file__)

    with pytest.raises(LookupError, match="no route for POST /registry/v1/feasts"):
        exemplify(router, [first._replace(path="/feasts")])


async def test_failures_are_described_as_the_problem_documents_they_are(api):
    found = (await api.get("/openapi.json")).json()["paths"]["/registry/v1/members/{code}"]["get"]

    assert ["application/problem+json"] == list(found["responses"]["404"]["content"])

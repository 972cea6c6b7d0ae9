"""What is true of every view of every service: it reads what the contracts say, and can be compared."""

from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from contracts.catalogue import CATALOGUE
from deploy.embedded.runtime import SERVICES
from services.chassis.eventlog.store import open_pool
from services.chassis.views.fold import decoder
from services.chassis.views.tree import Tree
from services.chassis.views.view import View

EXAMPLES = Path(__file__).parent.parent / "contracts" / "examples"


def subclasses(kind):
    return {kind, *(found for direct in kind.__subclasses__() for found in subclasses(direct))}


def views():
    for service in SERVICES:
        import_module(f"services.{service}.main")
    ours = {view for view in subclasses(View) if view.__module__.startswith("services.") and view is not View}
    return sorted(
        (view for view in ours if view.rebuildable and hasattr(view, "name")),
        key=lambda view: (view.__name__, view.__module__),
    )


VIEWS = views()
READ = [(view, type) for view in VIEWS for type in view.reads]


def test_every_read_model_is_among_them():
    assert {"tree", "headcount", "completeness", "classes", "structure", "roster", "obligations"} | {
        "frameworks",
        "concerns",
        "meetings",
        "movement",
        "roll",
        "supervision",
        "visits",
        "duties",
        "homes",
        "dossier",
        "calls",
        "inboxes",
        "officials",
        "restrictions",
        "closings",
    } == {view.name for view in VIEWS}


@pytest.mark.parametrize(("view", "type"), READ, ids=lambda one: getattr(one, "name", one))
def test_a_view_reads_only_fields_that_the_contract_has_or_may_have_in_another_version(view, type):
    read = view.reads[type]
    fields = msgspec.structs.fields(read) if hasattr(read, "__struct_fields__") else ()
    named, needed = {one.name for one in fields}, {one.name for one in fields if one.required}
    of_any_version = {
        name
        for other, event in CATALOGUE.items()
        if other.rpartition(".")[0] == type.rpartition(".")[0]
        for name in event.model_fields
    }

    assert needed <= set(CATALOGUE[type].model_fields)
    assert named <= of_any_version


@pytest.mark.parametrize(("view", "type"), READ, ids=lambda one: getattr(one, "name", one))
def test_a_view_reads_every_example_ever_published(view, type):
    told = decoder(view.reads, view.envelope)((EXAMPLES / f"{type}.json").read_bytes())

    assert type == told.type


def test_an_event_that_breaks_its_contract_is_not_folded():
    broken = b'{"type": "registry.OrganizationFounded.v1", "data": {"organization": "C-1"}}'
    with pytest.raises(msgspec.ValidationError, match="required field `name`"):
        decoder(Tree.reads, Tree.envelope)(broken)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_what_a_person_would_compare_is_asked_of_the_tables_there_are(view, database):
    assert view.compared
    async with (
        open_pool("reporting", database) as pool,
        pool.connection() as connection,
        connection.transaction(),
    ):
        cursor = connection.cursor()
        await view.create(view(pool), cursor, view.name)
        for query in view.compared.values():
            await cursor.execute(query)
            assert [("key", "text"), ("value", "text")] == [
                (c.name, c.type_display) for c in cursor.description
            ]

"""Assessment on a real, empty database; Than Uyên's tree beneath Lai Châu, and Tam Kỳ beside it."""

import anyio
import pytest

from services.assessment.api import routes
from services.assessment.application import Assessment, read_packs, read_scoring_packs
from services.assessment.publication import publish
from services.assessment.views import Views
from services.assessment.views.owing import Owings
from services.chassis.calendar import working_days
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import open_pool
from services.chassis.probation import probation
from services.chassis.views.homes import Homes
from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from tests.assessment.movement import SIGNED
from tests.edges import AUTH, bearer, edge_of
from tests.logs import log_of, prepared
from tests.spec import NOW
from tests.telling import Telling, founded


@pytest.fixture(scope="session")
def template(servers, admin, empty_logs):
    """Return an empty database where every view has its tables: making them takes longer than most tests."""
    name = "empty_assessment"
    admin.execute(f"CREATE DATABASE {name} TEMPLATE {empty_logs} OWNER registry")

    async def prepare():
        async with open_pool("assessment", servers.database_url("registry", name)) as pool:
            read = Tree(pool), Officials(pool), Restrictions(pool), Homes(pool)
            for view in (*read, *vars(Views.on(pool)).values()):
                await view.prepare()

    anyio.run(prepare)
    return name


@pytest.fixture
async def store(database):
    async with log_of("assessment", database, clock=lambda: NOW) as store:
        yield store


@pytest.fixture
async def tree(store):
    view = Tree(store.pool)
    view.followed = frozenset({"registry"})
    await view.prepare()
    await view.apply(
        Telling().all(
            founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
            founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
            founded("TU-AGENCIES", under="THAN-UYEN", kind="GRASSROOTS_COMMITTEE"),
            founded("TU-FINANCE", under="TU-AGENCIES"),
            founded("TU-SCHOOL", under="THAN-UYEN", kind="GRASSROOTS_CELL"),
            founded("TAM-KY", under=None, kind="DISTRICT_COMMITTEE"),
            founded("TK-CELL", under="TAM-KY", kind="GRASSROOTS_CELL"),
        )
    )
    return view


@pytest.fixture
async def officials(store):
    return await prepared(Officials(store.pool))


@pytest.fixture
def rights(tree, officials):
    return Rights(tree, officials, lambda: NOW)


@pytest.fixture
async def views(store):
    views = Views.on(store.pool)
    for view in vars(views).values():
        await prepared(view)
    return views


@pytest.fixture
def frameworks(views):
    return views.frameworks


@pytest.fixture
async def restrictions(store):
    return await prepared(Restrictions(store.pool))


@pytest.fixture
async def homes(store):
    return await prepared(Homes(store.pool))


async def all_read():
    return True


@pytest.fixture
def owing(tree, views, homes, restrictions):
    return Owings(tree, views, homes, restrictions, probation(working_days()), caught_up=all_read)


@pytest.fixture
def assessment(store, tree, views, homes, owing):
    return Assessment.on(store, tree, views.meetings, homes, read_packs(), read_scoring_packs(), owing)


@pytest.fixture
async def told(tree):
    """Return what tells the tree more, after Than Uyên's and Tam Kỳ's foundings."""
    telling = Telling()
    telling.positions["registry"] = 7

    async def tell(*events):
        await tree.apply(telling.all(*events))

    await tell(founded("MUONG-KHUONG", under=None, kind="DISTRICT_COMMITTEE"))
    await tell(*[founded(code, under="MUONG-KHUONG", kind=kind) for code, (kind, _) in SIGNED.items()])
    return tell


@pytest.fixture
async def api(assessment, views, restrictions, rights):
    async with edge_of("assessment", routes(assessment, views, restrictions, rights, AUTH)) as client:
        yield client


@pytest.fixture
def ask(api, store, views):
    """Return how to ask once the view has read all that was stored."""
    telling, read = Telling(), [0]

    async def asked(path, **headers):
        recorded = await store.read(read[0], 5_000)
        read[0] += len(recorded)
        told = telling.all(*[publish(one.fact) for one in recorded])
        await views.movement.apply(told)
        await views.supervision.apply(told)
        await views.visits.apply(told)
        await views.meetings.apply(told)
        await views.concerns.apply(told)
        return await api.get(path, headers=headers or bearer("auditor"))

    return asked

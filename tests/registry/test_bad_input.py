"""Bad input, as the issue lists it: refused with the row, the rule and its source, and nothing is written.

Asked over HTTP, of a registry that has heard the examples of its OpenAPI.
"""

import anyio
import pytest

from services.chassis.edge.door import Inside
from services.chassis.edge.examples import story
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.inbox import Inbox
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry import api as place
from services.registry.api import importing, routes
from services.registry.importing import cells
from services.registry.importing.imports import Imports
from services.registry.importing.run import UNDERWAY
from tests.edges import AUTH, bearer, edge_of
from tests.logs import prepared
from tests.patience import PATIENCE_S
from tests.registry.files import CELL, DISTRICT, LAN, ORGANIZATIONS, as_csv, as_xlsx, changed
from tests.registry.test_examples import AFTERWARDS

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer")
DECIDED = {"decision": {"number": "99-QĐ/ĐU", "date": "2025-12-01"}}
LATELY = DECIDED | {"effective_on": "2025-12-05"}
BEFORE = DECIDED | {"effective_on": "1950-01-01"}
ADMITTED = {
    "member": "M-0009",
    "organization": "BIEU-NGHI-1",
    "standing": "FULL",
    "ceremony_on": "2025-12-01",
}
APPOINTED = {"member": "M-0001", "position": "SECRETARY", "from_on": "2025-12-05"}
RELEASED = {
    "organization": "BIEU-NGHI-2",
    "to": "BIEU-NGHI-1",
    "kind": "OFFICIAL",
    "released_on": "2026-01-20",
}


@pytest.fixture
def now():
    return AFTERWARDS


@pytest.fixture
async def api(registry, store):
    rights = Rights(await prepared(Tree(store.pool)), Officials(store.pool))
    imports = Imports(registry, store, rights)
    await imports.runs.prepare()
    router = routes(registry, rights, AUTH)
    router.routes.extend(importing.routes(imports, AUTH).routes)
    inside = Inside()
    inside.allow("/registry/v1/imports", importing.FILE_MAX)
    async with (
        edge_of("registry", router, Inbox(store.pool), inside) as client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(imports.work)
        for step in story(place.__file__):
            await client.request(step.method, step.path, json=step.body, headers=OFFICER)
        yield client
        tasks.cancel_scope.cancel()


REFUSED = [
    # -- Cycles, a move into a descendant
    ("/organizations/DONG-MAI/move", LATELY | {"parent": "DONG-MAI"}, "BeneathItself"),
    ("/organizations/DONG-MAI/move", LATELY | {"parent": "BIEU-NGHI-1"}, "BeneathItself"),
    ("/organizations/DONG-MAI/merger", LATELY | {"into": "BIEU-NGHI-1"}, "BeneathItself"),
    ("/organizations/DONG-MAI/merger", LATELY | {"into": "DONG-MAI"}, "MergedIntoItself"),
    # -- Overlapping spells
    (
        "/organizations/DONG-MAI/move",
        LATELY | {"parent": "QUANG-YEN", "effective_on": "2025-06-01"},
        "Overtaken",
    ),
    ("/organizations/BIEU-NGHI-1/officials", DECIDED | APPOINTED, "AlreadyHolds"),
    ("/members/M-0003/release", DECIDED | RELEASED | {"released_on": "2024-12-01"}, "Overtaken"),
    # -- A merge of different kinds without a decision
    (
        "/organizations/BIEU-NGHI-3/merger",
        {"into": "DONG-MAI", "effective_on": "2025-12-05"},
        "KindsDiffer",
    ),
    # -- Dates before foundation
    (
        "/organizations",
        {
            "organization": "BIEU-NGHI-9",
            "name": "Chi bộ",
            "kind": "SUBORDINATE_CELL",
            "parent": "DONG-MAI",
            "founded_on": "1970-01-01",
        },
        "FoundedBeforeParent",
    ),
    ("/organizations/DONG-MAI/renaming", BEFORE | {"name": "Đông Mai"}, "BeforeFounding"),
    (
        "/members",
        DECIDED | ADMITTED | {"ceremony_on": "1997-01-01", "decision": {"number": "1", "date": "1996-12-01"}},
        "AdmittedBeforeFounding",
    ),
    (
        "/organizations/BIEU-NGHI-3/officials",
        DECIDED | APPOINTED | {"from_on": "2025-06-30"},
        "AppointedBeforeFounding",
    ),
    (
        "/members/M-0003/release",
        DECIDED | RELEASED | {"to": "BIEU-NGHI-3", "released_on": "2025-06-30"},
        "DestinationNotFounded",
    ),
    (
        "/targets",
        {
            "organization": "BIEU-NGHI-3",
            "year": "2020",
            "measure": "COVERAGE",
            "percent": "100",
            "set_on": "2025-06-30",
        },
        "TargetBeforeFounding",
    ),
    # -- A vote with more yes than summoned
    (
        "/members/M-0008/recognition",
        DECIDED | {"organization": "BIEU-NGHI-1", "vote": {"summoned": 20, "in_favour": 21}},
        "MoreInFavourThanSummoned",
    ),
]
"""Each line of the issue: what is asked, and the rule that refuses it."""


async def test_what_cannot_be_is_refused_by_the_rule_that_says_so(api, store):
    await probationary(api)
    before = await store.head()

    answers = [(await api.post(path, json=body, headers=OFFICER)).json() for path, body, _ in REFUSED]

    assert [(409, rule) for _, _, rule in REFUSED] == [(one["status"], one["title"]) for one in answers]
    assert all(one["rule"] for one in answers)
    assert before == await store.head()


async def probationary(api):
    admitted = ADMITTED | {"member": "M-0008", "standing": "PROBATIONARY", "ceremony_on": "2024-11-20"}
    decision = {"decision": {"number": "90-QĐ/HU", "date": "2024-11-12"}}
    assert 201 == (await api.post("/members", json=admitted | decision, headers=OFFICER)).status_code


async def test_a_member_who_was_released_already_is_not_released_elsewhere(api, store):
    path = "/members/M-0003/release"
    assert 201 == (await api.post(path, json=DECIDED | RELEASED, headers=OFFICER)).status_code
    before = await store.head()

    answer = await api.post(path, json=DECIDED | RELEASED | {"to": "BIEU-NGHI-3"}, headers=OFFICER)

    assert (409, "AlreadyReleased") == (answer.status_code, answer.json()["title"])
    assert before == await store.head()


async def test_a_member_who_was_not_released_or_to_another_cell_is_not_taken_in(api, store):
    path, body = "/members/M-0003/transfer", DECIDED | {"transferred_on": "2026-01-25"}
    unasked = await api.post(path, json=body | {"organization": "BIEU-NGHI-1"}, headers=OFFICER)
    await api.post("/members/M-0003/release", json=DECIDED | RELEASED, headers=OFFICER)
    before = await store.head()

    elsewhere = await api.post(path, json=body | {"organization": "BIEU-NGHI-3"}, headers=OFFICER)

    assert [(409, "NotReleased")] * 2 == [
        (one.status_code, one.json()["title"]) for one in (unasked, elsewhere)
    ]
    assert before == await store.head()


# -- Files


MEMBER = changed(LAN, organization="BIEU-NGHI-1")
WITHOUT_KIND = [name for name in ORGANIZATIONS if name != "kind"]
LATIN = as_csv(MEMBER) + "M-0050,BIEU-NGHI-1,1,2024-11-04,2024-11-20,FULL,Pérez,,\r\n".encode("latin-1")


@pytest.mark.parametrize(
    ("file", "row", "rule"),
    [
        (
            as_csv([cell for cell in CELL if cell != "GRASSROOTS_CELL"], header=WITHOUT_KIND),
            1,
            "MissingColumn",
        ),
        (LATIN, 3, "NotUtf8"),
        (as_csv(changed(MEMBER, name='=HYPERLINK("https://a.example")')), 2, "FormulaInCell"),
        (as_xlsx(changed(MEMBER, name="=1+1")), 2, "FormulaInCell"),
        (
            as_csv(changed(DISTRICT, parent="TU-C-001"), changed(CELL, parent="THAN-UYEN")),
            2,
            "ParentsInACircle",
        ),
        (
            as_csv(MEMBER, changed(MEMBER, member="M-0051", organization="BIEU-NGHI-9", external_id="")),
            3,
            "CellNotFounded",
        ),
        (
            as_csv(MEMBER, changed(MEMBER, member="M-0051", ceremony_on="1990-01-01", external_id="")),
            3,
            "CeremonyBeforeDecision",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_with_one_bad_row_is_refused_with_the_row_and_the_rule(api, store, file, row, rule):
    before = await store.head()

    run = await imported(api, file)

    assert ("REFUSED", row, rule) == (run["state"], *(run["problems"][0][name] for name in ("row", "rule")))
    assert run["problems"][0]["source"]
    assert before == await store.head()


async def test_a_file_with_more_rows_than_the_bound_is_refused_with_the_bound(api, store):
    before = await store.head()

    # Each row is two bytes, and as soon judged: a sign that no cell begins with.
    run = await imported(api, as_csv(MEMBER) + b"=\n" * cells.ROWS_MAX)

    first = run["problems"][0]
    assert ("REFUSED", cells.ROWS_MAX + 2, "TooManyRows") == (run["state"], first["row"], first["rule"])
    assert "more than 150,000 rows; divide the file by committee" == first["detail"]
    assert (0, before) == (run["recorded"], await store.head())


async def test_a_million_rows_are_more_than_a_file_may_bring(api, store):
    before = await store.head()

    answer = await api.post("/imports", content=as_csv(MEMBER) * 1_000_000, headers=OFFICER)

    assert (413, "a body may have 32000000 bytes") == (answer.status_code, answer.json()["detail"])
    assert before == await store.head()


@pytest.mark.parametrize(
    ("file", "type", "field", "problem"),
    [
        (b"", None, "body", "an import is a file, and this is empty"),
        (b"", "text/csv", "body", "an import is a file, and this is empty"),
        *(
            (as_csv(MEMBER), type, "header.content-type", f"an import is one of: text/csv, {importing.XLSX}")
            for type in ("application/json", "application/vnd.ms-excel", "multipart/form-data; boundary=x")
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_file_is_refused_before_an_import_begins(api, store, file, type, field, problem):
    headers = OFFICER | ({"Content-Type": type} if type else {})

    answer = await api.post("/imports", content=file, headers=headers)

    assert (422, [{"field": field, "problem": problem}]) == (answer.status_code, answer.json()["errors"])
    async with store.pool.connection() as connection:
        begun = await (await connection.execute("SELECT count(*) AS n FROM import_run")).fetchone()
    assert {"n": 0} == begun


@pytest.mark.parametrize("file", [as_csv(MEMBER), as_xlsx(MEMBER)], ids=["csv", "xlsx"])
@pytest.mark.parametrize("type", ["text/csv", "Text/CSV; charset=utf-8", importing.XLSX])
async def test_a_file_of_either_type_is_taken_and_tells_by_itself_which_it_is(api, type, file):
    assert "DONE" == (await imported(api, file, OFFICER | {"Content-Type": type}))["state"]


async def imported(api, file, headers=OFFICER):
    begun = await api.post("/imports", content=file, headers=headers)
    assert 202 == begun.status_code, begun.text
    with anyio.fail_after(PATIENCE_S):
        while (run := (await api.get(f"/imports/{begun.json()['id']}", headers=OFFICER)).json())[
            "state"
        ] in UNDERWAY:
            await anyio.lowlevel.checkpoint()
    return run

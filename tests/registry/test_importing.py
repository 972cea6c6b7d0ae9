"""Imports on a real log: all of a file or nothing, once, side by side with what is held, within a subtree."""

import anyio
import pytest

from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import Rights
from services.chassis.errors import Overloaded
from services.chassis.views.officials import Officials
from services.registry.api import importing
from services.registry.application import AdmitMember, ForgetPerson, FoundOrganization
from services.registry.domain.member import Member
from services.registry.domain.organization import Organization
from services.registry.importing.imports import BATCH, Imports
from services.registry.importing.run import SILENT_AFTER_S, UNDERWAY
from services.registry.publication import publish
from tests.edges import AUTH, bearer, edge_of
from tests.patience import PATIENCE_S
from tests.registry import test_application as told
from tests.registry.files import CELL, DISTRICT, HUNG, LAN, PROVINCE, as_csv, as_xlsx, changed
from tests.telling import Telling

pytestmark = pytest.mark.anyio

OFFICER = Caller("officer", frozenset({"officer"}), "*")
OF_THE_DISTRICT = Caller("officer-2", frozenset({"officer"}), "THAN-UYEN")
ELSEWHERE = ["BAC-KAN", "Đảng bộ tỉnh Bắc Kạn", "PROVINCIAL_COMMITTEE", "", "", "1949-10-10", "", "", ""]
CELL_ELSEWHERE = changed(CELL, organization="BK-C-001", parent="BAC-KAN", external_id="")


@pytest.fixture
async def imports(registry, store, tree):
    """Imports at work."""
    imports = Imports(registry, store, Rights(tree, Officials(tree.pool)))
    await imports.runs.prepare()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(imports.work)
        yield imports
        tasks.cancel_scope.cancel()


@pytest.fixture
def imported(imports, store, tree):
    """Import a file, and return how that ended; the tree then reads what was recorded."""
    tell = Telling()
    read = 0

    async def imported(body, caller=OFFICER, validate_only=False):
        nonlocal read
        run = await imports.begin(body, caller, validate_only=validate_only)
        await ended(imports)
        if new := await store.read(read, 1_000):
            read = new[-1].position
            await tree.apply([tell(event) for one in new if (event := publish(one.fact)) and _places(event)])
        return await imports.find(run.id, caller)

    return imported


async def ended(imports):
    """Wait until nothing is imported any more."""
    with anyio.fail_after(PATIENCE_S):
        while any(bound.used() for bound in imports.bounds):
            await anyio.lowlevel.checkpoint()


def _places(event):
    return type(event).__name__ == "OrganizationFounded"


def said(run):
    return [(one.row, one.rule) for one in run.problems]


# -- All of it


async def test_organizations_and_then_members_are_recorded(imported, store):
    organizations = await imported(as_csv(PROVINCE, DISTRICT, CELL))
    members = await imported(as_xlsx(LAN, HUNG))

    assert ("DONE", "organizations", 3, 3) == (
        organizations.state,
        organizations.kind,
        organizations.rows,
        organizations.recorded,
    )
    assert ("DONE", "members", 2, 2) == (members.state, members.kind, members.new, members.recorded)
    assert "TU-C-001" == (await store.find(Member, "member-M-0042")).organization


async def test_an_organization_may_stand_before_its_parent(imported, store):
    await imported(as_csv(CELL, DISTRICT, PROVINCE))

    assert "THAN-UYEN" == (await store.find(Organization, "organization-TU-C-001")).parent


async def test_what_is_recorded_is_what_the_commands_would_record(imported, registry, store, asked):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))

    facts = [one.fact for one in await store.read(0, 10)]
    assert ["DC-77", "12-QĐ/HU", "2003-12-20"] == [
        facts[2].external_id,
        facts[2].decision_number,
        facts[2].decision_dated,
    ]
    assert ("31-QĐ/HU", "2024-11-20", "PROBATIONARY") == (
        facts[3].decision_number,
        facts[3].ceremony_on,
        facts[3].standing,
    )


async def test_an_organizations_external_id_is_public_and_a_members_stays_sealed(imported, registry, store):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))
    recorded = await store.read(0, 10)
    lan = await registry.members.find("M-0042")

    assert "DC-77" == publish(recorded[2].fact).external_id
    assert [] == [one for one in recorded if "CSDL3" in f"{vars(one.fact)}{publish(one.fact)}"]
    assert "CSDL3:42" == (await registry.members.person(lan)).external_id


async def test_more_than_a_batch_is_recorded(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))

    many = [changed(HUNG, member=f"M-{n:04}", name="", born_on="") for n in range(2 * BATCH + 1)]
    run = await imported(as_csv(*many))

    assert ("DONE", 2 * BATCH + 1) == (run.state, run.recorded)


# -- Or nothing


async def test_one_bad_row_keeps_all_from_being_recorded(imported, store):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    head = await store.head()

    run = await imported(
        as_csv(LAN, changed(HUNG, born_on="2010-01-01"), changed(HUNG, member="M-9", organization="NO"))
    )

    assert "REFUSED" == run.state
    assert [(3, "TooYoung"), (4, "CellNotFounded")] == said(run)
    assert "294-QĐ/TW of 26 May 2025, art. 1: admission from 18 years of age, counted by month." == (
        run.problems[0].source
    )
    assert head == await store.head()


async def test_judging_alone_records_nothing_and_says_what_would_be(imported, store):
    run = await imported(as_csv(PROVINCE, DISTRICT), validate_only=True)

    assert ("VALID", 2, 0, 0) == (run.state, run.new, run.recorded, await store.head())


async def test_an_unreadable_file_is_refused(imported):
    run = await imported(b"\xff\xfe")

    assert ("REFUSED", [(1, "NotUtf8")]) == (run.state, said(run))


async def test_organizations_in_a_circle_are_refused(imported):
    first = changed(DISTRICT, organization="A1", parent="B1")
    second = changed(DISTRICT, organization="B1", parent="A1")

    run = await imported(as_csv(PROVINCE, first, second, changed(DISTRICT, organization="C1", parent="C1")))

    assert [(3, "ParentsInACircle"), (4, "ParentsInACircle"), (5, "ParentsInACircle")] == said(run)


async def test_a_parent_that_is_refused_is_told_once(imported):
    run = await imported(as_csv(PROVINCE, changed(DISTRICT, founded_on="1940-01-01"), CELL))

    assert [(3, "FoundedBeforeParent")] == said(run)


async def test_a_parent_that_is_nowhere_is_told(imported):
    assert [(2, "UnknownParent")] == said(await imported(as_csv(DISTRICT)))


# -- Once


async def test_the_same_file_again_changes_nothing_and_says_so(imported, store):
    files = [as_csv(PROVINCE, DISTRICT, CELL), as_csv(LAN, HUNG)]
    for file in files:
        await imported(file)
    head = await store.head()

    again = [await imported(file) for file in files]

    assert [("DONE", 0, 3), ("DONE", 0, 2)] == [(run.state, run.recorded, run.unchanged) for run in again]
    assert head == await store.head()


async def test_a_file_that_was_half_recorded_goes_on(imported, registry, store, asked):
    for organization in (told.PROVINCE, told.DISTRICT, told.CELL):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    await registry.members.admit(AdmitMember(**told.LAN, external_id="CSDL3:42"), asked)

    run = await imported(as_csv(LAN, HUNG))

    assert ("DONE", 1, 1) == (run.state, run.unchanged, run.recorded)


async def test_an_erased_person_is_not_brought_back(imported, registry, asked):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))
    await registry.members.forget_person(ForgetPerson(member="M-0042"), asked)

    run = await imported(as_csv(LAN))

    assert ("DONE", 1, 0) == (run.state, run.unchanged, run.recorded)
    assert None is await registry.members.person(await registry.members.find("M-0042"))


async def test_a_row_that_came_between_is_told_and_the_rest_goes_on(imports, imported, registry, asked):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    admit_all = registry.members.admit_all

    async def overtaken(commands, origin):
        await registry.members.admit(commands[0], origin)
        return await admit_all(commands, origin)

    object.__setattr__(registry.members, "admit_all", overtaken)
    run = await imported(as_csv(LAN, HUNG))

    assert ("INCOMPLETE", 1, [(2, "CodeTaken")]) == (run.state, run.recorded, said(run))


# -- Side by side


async def test_a_different_row_under_a_code_is_shown_beside_what_is_recorded(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))

    run = await imported(as_csv(changed(CELL, name="Chi bộ Trường", sector="SCHOOL")))

    assert [(2, "DiffersFromRecorded")] == said(run)
    assert {
        "name": ("Chi bộ Trường", "Chi bộ Tài chính"),
        "sector": ("SCHOOL", "AGENCY"),
    } == run.problems[0].beside.differs


async def test_what_identifies_a_person_is_named_and_not_shown(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))

    run = await imported(as_csv(changed(LAN, name="Lê Thị Lan", standing="FULL")))

    assert {"standing": ("FULL", "PROBATIONARY"), "name": (None, None)} == run.problems[0].beside.differs
    assert "Lan" not in run.model_dump_json()


async def test_a_code_twice_in_a_file_is_shown_side_by_side(imported):
    run = await imported(
        as_csv(PROVINCE, DISTRICT, CELL, changed(CELL, sector="SCHOOL", external_id="DC-78"))
    )

    assert [(5, "CodeTwice")] == said(run)
    assert (4, ("SCHOOL", "AGENCY")) == (
        run.problems[0].beside.row,
        run.problems[0].beside.differs["sector"],
    )


async def test_an_external_id_names_one(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))
    other = changed(HUNG, external_id="CSDL3:42")

    in_one_file = await imported(as_csv(changed(LAN, member="M-1"), changed(HUNG, external_id="CSDL3:42")))
    against_the_registry = await imported(as_csv(other))
    of_an_organization = await imported(as_csv(changed(CELL, organization="TU-C-002")))

    assert (3, "ExternalIdTwice") in said(in_one_file)
    assert [(2, "ExternalIdTwice")] == said(against_the_registry)
    assert [(2, "ExternalIdTwice")] == said(of_an_organization)
    assert "M-0042" == against_the_registry.problems[0].beside.code


async def test_who_may_be_one_person_under_two_codes_is_flagged_and_recorded(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL))
    await imported(as_csv(LAN))
    again = changed(LAN, member="M-0099", name="NGUYỄN  THỊ LAN", external_id="")
    once_more = changed(again, member="M-0100")

    run = await imported(as_csv(again, once_more))

    assert ("DONE", 2) == (run.state, run.recorded)
    assert [(2, "M-0042"), (3, "M-0099"), (3, "M-0042")] == [(one.row, one.beside.code) for one in run.flags]


# -- Within a subtree


@pytest.fixture
async def two_provinces(imported):
    await imported(as_csv(PROVINCE, DISTRICT, CELL, ELSEWHERE, CELL_ELSEWHERE))


async def test_an_officer_imports_beneath_the_own_subtree_only(imported, two_provinces):
    run = await imported(as_csv(LAN, changed(HUNG, organization="BK-C-001")), OF_THE_DISTRICT)

    assert [(3, "OutsideSubtree")] == said(run)


async def test_what_a_file_founds_lies_where_its_parent_lies(imported, two_provinces):
    committee = changed(DISTRICT, organization="TU-G-1", kind="GRASSROOTS_COMMITTEE", parent="THAN-UYEN")
    beneath = changed(CELL, organization="TU-G-1-1", kind="SUBORDINATE_CELL", parent="TU-G-1", external_id="")
    other = changed(beneath, organization="TU-G-1-2", parent="BAC-KAN", kind="GRASSROOTS_CELL")

    allowed = await imported(as_csv(beneath, committee), OF_THE_DISTRICT)
    refused = await imported(as_csv(other, ELSEWHERE), OF_THE_DISTRICT)

    assert ("DONE", 2) == (allowed.state, allowed.recorded)
    assert [(2, "OutsideSubtree")] == said(refused)


async def test_of_what_lies_elsewhere_nothing_is_shown(imported, two_provinces):
    await imported(as_csv(changed(LAN, organization="BK-C-001")))
    same_person = changed(LAN, member="M-0099", external_id="")

    code = await imported(as_csv(LAN), OF_THE_DISTRICT)
    external = await imported(as_csv(changed(HUNG, external_id="CSDL3:42")), OF_THE_DISTRICT)
    organization = await imported(as_csv(changed(CELL_ELSEWHERE, parent="THAN-UYEN")), OF_THE_DISTRICT)
    person = await imported(as_csv(same_person), OF_THE_DISTRICT, validate_only=True)

    assert [(2, "DiffersFromRecorded")] * 2 == said(code) + said(organization)
    assert [None] * 3 == [run.problems[0].beside for run in (code, external, organization)]
    assert ("VALID", 0) == (person.state, person.flags_total)


# -- What is remembered


async def test_one_import_is_underway_at_a_time(imports):
    await imports.begin(as_csv(PROVINCE), OFFICER, validate_only=True)

    with pytest.raises(Overloaded):
        await imports.begin(as_csv(PROVINCE), OFFICER, validate_only=True)


async def test_an_import_whose_process_died_is_interrupted(imports, imported, store):
    from datetime import timedelta

    run = await imported(as_csv(PROVINCE), validate_only=True)
    run.state = UNDERWAY[-1]
    died_at = store.clock() - timedelta(seconds=SILENT_AFTER_S + 1)
    await imports.runs.keep(run, {"*"}, died_at)

    assert "INTERRUPTED" == (await imports.find(run.id, OFFICER)).state


async def test_a_defect_ends_the_import_and_not_the_registry(imports, imported, registry):
    def broken(*_):
        raise ZeroDivisionError

    registry.organizations.decided, kept = broken, registry.organizations.decided
    failed = await imported(as_csv(PROVINCE))
    registry.organizations.decided = kept

    assert "FAILED" == failed.state
    assert "DONE" == (await imported(as_csv(PROVINCE))).state


# -- Over HTTP


@pytest.fixture
async def api(imports):
    async with edge_of("registry", importing.routes(imports, AUTH)) as client:
        yield client


async def test_a_file_is_taken_and_its_progress_is_asked_for(api, imports):
    taken = await api.post("/imports", content=as_csv(PROVINCE), headers=bearer("officer"))
    await ended(imports)
    run = await api.get(taken.headers["location"].removeprefix("/registry/v1"), headers=bearer("officer"))

    assert (202, "WAITING") == (taken.status_code, taken.json()["state"])
    assert (200, "DONE", 1) == (run.status_code, run.json()["state"], run.json()["recorded"])


@pytest.mark.parametrize("role", ["secretary", "auditor", "operator"])
async def test_only_an_officer_imports(api, role):
    assert 403 == (await api.post("/imports", content=as_csv(PROVINCE), headers=bearer(role))).status_code
    assert 403 == (await api.get(f"/imports/{'0' * 32}", headers=bearer(role))).status_code


async def test_another_subtrees_import_is_not_shown(api, imported):
    run = await imported(as_csv(PROVINCE), validate_only=True)

    assert 200 == (await api.get(f"/imports/{run.id}", headers=bearer("officer"))).status_code
    assert 404 == (await api.get(f"/imports/{run.id}", headers=bearer("officer", "THAN-UYEN"))).status_code


@pytest.mark.parametrize("id", ["0" * 32, "%00", "x"])
async def test_an_import_that_never_was_is_not_found(api, id):
    assert (await api.get(f"/imports/{id}", headers=bearer("officer"))).status_code in {404, 422}

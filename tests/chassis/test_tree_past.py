"""The tree that keeps its past: the reform of 2025, mergers and splits."""

import random
from datetime import date

import pytest

from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import NotYours, Rights
from services.chassis.errors import Forbidden
from services.chassis.views import memory
from services.chassis.views.copy import Copy
from services.chassis.views.officials import Officials
from services.chassis.views.spells import Change, Past
from services.chassis.views.tree import Step, Tree
from tests.telling import Telling, dissolved, founded, merged, moved, renamed, split

BEFORE, REFORM = date(2025, 6, 30), date(2025, 7, 1)

PROVINCE = (
    founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
    founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
    founded("TAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
    founded("MUONG-THAN", under="THAN-UYEN", kind="GRASSROOTS_COMMITTEE"),
    founded("MUONG-CANG", under="THAN-UYEN", kind="GRASSROOTS_COMMITTEE"),
    founded("PHUC-THAN", under="TAN-UYEN", kind="GRASSROOTS_COMMITTEE"),
    founded("MT-C-001", under="MUONG-THAN"),
    founded("MC-C-001", under="MUONG-CANG"),
    founded("PT-C-001", under="PHUC-THAN"),
)

THE_REFORM = (
    moved("MUONG-THAN", "2025-07-01", under="LAI-CHAU"),
    moved("PHUC-THAN", "2025-07-01", under="LAI-CHAU"),
    merged("MUONG-CANG", "2025-07-01", into="MUONG-THAN"),
    renamed("MUONG-THAN", "Đảng ủy xã Mường Than", "2025-07-01"),
    dissolved("THAN-UYEN", "2025-07-01"),
    dissolved("TAN-UYEN", "2025-07-01"),
)
"""The district level ended on 2025-07-01 (298-QĐ/TW; domain.md 7.1): communes lie beneath the province."""


@pytest.fixture
def tell():
    return Telling()


@pytest.fixture
async def reformed(pool, tell):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(tell.all(*PROVINCE))
    await tree.apply(tell.all(*THE_REFORM))
    return tree


def codes(nodes):
    return [node.code for node in nodes]


# -- The reform


async def test_since_the_reform_communes_lie_beneath_the_province(reformed):
    assert ["MUONG-THAN", "PHUC-THAN"] == codes(await reformed.children("LAI-CHAU"))
    assert ["LAI-CHAU", "MUONG-THAN", "MT-C-001"] == (await reformed.find("MT-C-001")).path


async def test_before_the_reform_there_were_districts(reformed):
    assert ["TAN-UYEN", "THAN-UYEN"] == codes(await reformed.children_on("LAI-CHAU", BEFORE))
    assert ["LAI-CHAU", "THAN-UYEN", "MUONG-THAN", "MT-C-001"] == (
        await reformed.find_on("MT-C-001", BEFORE)
    ).path


async def test_the_day_of_the_reform_is_the_first_of_the_new_tree(reformed):
    assert ["MUONG-THAN", "PHUC-THAN"] == codes(await reformed.children_on("LAI-CHAU", REFORM))
    assert [] == await reformed.children_on("THAN-UYEN", REFORM)


async def test_the_subtree_of_a_day_holds_what_stood_on_it(reformed):
    assert ["MC-C-001", "MT-C-001", "MUONG-CANG", "MUONG-THAN", "THAN-UYEN"] == codes(
        await reformed.beneath_on("THAN-UYEN", BEFORE)
    )
    assert ["MC-C-001", "MT-C-001", "MUONG-THAN"] == codes(await reformed.beneath_on("MUONG-THAN", REFORM))


async def test_a_name_is_the_one_of_its_day(reformed):
    names = [(await reformed.find_on("MUONG-THAN", day)).name for day in (BEFORE, REFORM)]

    assert ["MUONG-THAN", "Đảng ủy xã Mường Than"] == names


async def test_one_that_ended_says_since_when_and_lies_in_what_it_was_merged_into(reformed):
    ended = await reformed.find("MUONG-CANG")

    assert (REFORM, ["LAI-CHAU", "MUONG-THAN", "MUONG-CANG"]) == (ended.ended_on, ended.path)
    assert None is (await reformed.find_on("MUONG-CANG", BEFORE)).ended_on
    assert REFORM == (await reformed.find("THAN-UYEN")).ended_on


async def test_before_it_was_founded_there_is_no_organization(reformed):
    assert None is await reformed.find_on("MT-C-001", date(2000, 12, 31))


async def test_a_root_that_ended_is_no_root(reformed, tell):
    await reformed.apply(tell.all(founded("OLD", under=None), merged("OLD", "2025-07-01", into="LAI-CHAU")))

    assert ["LAI-CHAU"] == codes(await reformed.roots())


# -- Lineage


async def test_lineage_tells_what_an_organization_came_from_and_what_it_became(reformed, tell):
    successors = (founded("NEW-1", under="MUONG-THAN"), founded("NEW-2", under="MUONG-THAN"))
    await reformed.apply(tell.all(*successors, split("MT-C-001", "2025-08-01", "NEW-1", "NEW-2")))
    august = date(2025, 8, 1)

    assert Step("MUONG-THAN", REFORM) == (await reformed.lineage("MUONG-CANG")).merged_into
    assert [Step("MUONG-CANG", REFORM)] == (await reformed.lineage("MUONG-THAN")).merged_from
    assert [Step("NEW-1", august), Step("NEW-2", august)] == (await reformed.lineage("MT-C-001")).split_into
    assert [Step("MT-C-001", august)] == (await reformed.lineage("NEW-2")).split_from


async def test_lineage_of_a_day_does_not_know_what_came_later(reformed):
    assert None is (await reformed.lineage("MUONG-CANG", BEFORE)).merged_into
    assert [] == (await reformed.lineage("MUONG-THAN", BEFORE)).merged_from


# -- Rights


async def test_rights_follow_the_tree_of_today(pool, tell):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(tell.all(*PROVINCE))
    rights = Rights(tree, Officials(tree.pool))
    officer = Caller("officer-1", frozenset({"officer"}), "THAN-UYEN")
    await rights.require(officer, "officer", over=["MT-C-001"])
    await rights.check_district("THAN-UYEN", "MT-C-001")
    await tree.apply(tell.all(*THE_REFORM))

    with pytest.raises(Forbidden):
        await rights.require(officer, "officer", over=["MT-C-001"])
    with pytest.raises(NotYours):
        await rights.check_district("THAN-UYEN", "MT-C-001")
    commune = Caller("officer-2", frozenset({"officer"}), "MUONG-THAN")
    await rights.require(commune, "officer", over=["MC-C-001"])
    await rights.require(commune, "officer", over=["MUONG-CANG"])


async def test_what_another_process_read_of_is_forgotten_once_it_is_looked_for(pool, tell, monkeypatch):
    one, other = Tree(pool), Tree(pool)
    await one.prepare()
    await one.apply(tell.all(*PROVINCE))
    await other.prepare()
    assert "THAN-UYEN" in (await other.find("MT-C-001")).path
    await one.apply(tell.all(*THE_REFORM))
    monkeypatch.setattr(memory, "LOOK_S", 0.0)

    assert "THAN-UYEN" not in (await other.find("MT-C-001")).path


async def test_whoever_waited_for_a_change_that_another_process_read_sees_it(pool, tell):
    one, other = Tree(pool), Tree(pool)
    await one.prepare()
    await one.apply(tell.all(*PROVINCE))
    await other.prepare()
    assert await other.within("MT-C-001", "THAN-UYEN")
    await one.apply(tell.all(*THE_REFORM))
    await other.reached("registry", len(PROVINCE) + len(THE_REFORM))

    assert not await other.within("MT-C-001", "THAN-UYEN")


async def test_tables_that_a_rebuild_put_in_place_are_looked_up_anew(pool, tell):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(tell.all(*PROVINCE))
    assert await tree.within("MT-C-001", "THAN-UYEN")
    copy = Copy(tree)
    await copy.begin()
    fold = tree.fold()
    fold.add(tree.reading(one.raw for one in Telling().all(*PROVINCE, *THE_REFORM)))
    await copy.write(fold, {"registry": len(PROVINCE) + len(THE_REFORM)})
    assert await copy.switch()

    assert not await tree.within("MT-C-001", "THAN-UYEN")


# -- However it is told

CODES = [f"O-{n}" for n in range(8)]


def history(seed):
    """Return foundings, and any changes on any days: also such as the registry would refuse."""
    dice = random.Random(seed)
    events = [
        founded(code, under=dice.choice(CODES[:n]) if n and dice.random() < 0.8 else None, on="2020-01-01")
        for n, code in enumerate(CODES)
    ]
    for n in range(25):
        code, other = dice.choice(CODES), dice.choice(CODES)
        on = f"2020-01-{dice.randint(1, 20):02d}"
        told = (
            renamed(code, f"Tên {n}", on),
            moved(code, on, under=other),
            *([moved(code, on, under=other)] * 3),
            dissolved(code, on),
            merged(code, on, into=other),
            split(code, on, other),
        )
        events.append(dice.choice(told))
    return events


@pytest.mark.parametrize("seed", range(6))
async def test_told_one_by_one_or_at_once_the_places_are_the_same_as_the_fold_of_all(pool, seed):
    whole, single = Tree(pool), Told(pool)
    for tree in (whole, single):
        await tree.prepare()
    events = history(seed)
    await whole.apply(Telling().all(*events))
    for delivery in Telling().all(*events):
        await single.apply([delivery])
    query = "SELECT * FROM {}.place ORDER BY code, from_on"
    today = "SELECT code, name, parent, path, ended_on FROM {}.organization ORDER BY code"

    assert await whole.rows(query.format("tree")) == await whole.rows(query.format("told"))
    assert await whole.rows(today.format("tree")) == await whole.rows(today.format("told"))
    changes = await whole.rows("SELECT code, what, day, name, parent FROM tree.change ORDER BY number")
    past = Past(Change(**change) for change in changes)
    expected = [vars(spell) for code in CODES for spell in past.spells(code)]
    assert expected == await whole.rows(query.format("tree"))


class Told(Tree):
    """Another tree beside the first. Not a service's own."""

    name = "told"

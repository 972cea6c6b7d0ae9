"""The tree: who exists, and beneath whom."""

import pytest

from services.chassis.views.tree import Tree
from tests.chassis.story import founded
from tests.telling import delivered


@pytest.fixture
async def tree(pool):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(
        [
            delivered(founded("LAI-CHAU", sequence=1, previous=0)),
            delivered(founded("THAN-UYEN", sequence=2, previous=1, parent="LAI-CHAU")),
            delivered(founded("TU-C-002", sequence=3, previous=2, parent="THAN-UYEN")),
            delivered(founded("TU-C-001", sequence=4, previous=3, parent="THAN-UYEN")),
            delivered(founded("TAM-KY", sequence=5, previous=4)),
        ]
    )
    return tree


async def test_a_path_leads_from_the_root_to_the_organization_itself(tree):
    node = await tree.find("TU-C-001")

    assert ["LAI-CHAU", "THAN-UYEN", "TU-C-001"] == node.path


async def test_paths_are_the_same_when_parent_and_child_arrive_apart(tree):
    await tree.apply([delivered(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])

    assert ["LAI-CHAU", "THAN-UYEN", "TU-C-003"] == (await tree.find("TU-C-003")).path


async def test_an_organization_lies_within_itself_and_its_ancestors_only(tree):
    roots = ["LAI-CHAU", "THAN-UYEN", "TU-C-001", "TU-C-002", "TAM-KY", "NOWHERE"]

    assert ["LAI-CHAU", "THAN-UYEN", "TU-C-001"] == [r for r in roots if await tree.within("TU-C-001", r)]


async def test_children_are_the_direct_ones_by_code(tree):
    assert ["TU-C-001", "TU-C-002"] == [node.code for node in await tree.children("THAN-UYEN")]


async def test_roots_have_no_parent(tree):
    assert ["LAI-CHAU", "TAM-KY"] == [node.code for node in await tree.roots()]


async def test_an_organization_not_yet_known_is_asked_for_again(tree):
    assert None is await tree.find("TU-C-003")
    await tree.apply([delivered(founded("TU-C-003", sequence=6, previous=5, parent="THAN-UYEN"))])

    assert (await tree.find("TU-C-003")).parent == "THAN-UYEN"

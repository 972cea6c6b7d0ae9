"""What may become of an organization, each rule as a story."""

from datetime import date

import pytest

from services.registry.domain.organization import (
    AlreadyThere,
    BeforeFounding,
    BeneathItself,
    CannotKeepMembers,
    FoundedBeforeParent,
    Kind,
    KindsDiffer,
    MergedIntoItself,
    NameUnchanged,
    NotEmpty,
    Occupants,
    OccupiedLater,
    Organization,
    OrganizationEnded,
    ParentCannotHold,
    SplitIntoItself,
)
from services.registry.domain.words import DateInFuture, Decision, Overtaken
from tests.registry.test_domain import CELL, COMMITTEE, DISTRICT, PROVINCE, founded, organizations
from tests.spec import fact

DECISION = Decision("9-QĐ/TU", date(2024, 3, 1))
BY = {"effective_on": date(2024, 4, 1), "decision": DECISION}
SAID = {"effective_on": "2024-04-01", "decision_number": "9-QĐ/TU", "decision_dated": "2024-03-01"}

school = founded("TU-C-003", "GRASSROOTS_CELL", "THAN-UYEN", on="2004-01-01")
renamed = fact(Organization.Renamed, code="TU-C-003", name="Chi bộ Trường Nội trú", **SAID)
moved = fact(Organization.Moved, code="TU-C-003", parent="LAI-CHAU", **SAID)
merged = fact(Organization.Merged, code="TU-C-003", into="TU-C-001", **SAID)
split = fact(Organization.Split, code="TU-C-003", into="TU-C-001 TU-C-004", **SAID)
dissolved = fact(Organization.Dissolved, code="TU-C-003", **SAID)

ANOTHER = organizations(founded("TU-C-004", "GRASSROOTS_CELL", "THAN-UYEN", on="2024-04-01")).aggregate()
LATER = organizations(founded("TU-C-005", "GRASSROOTS_CELL", "THAN-UYEN", on="2024-04-02")).aggregate()
GONE = organizations(school, dissolved).aggregate()
MOVE = {"above": {"LAI-CHAU"}, **BY}
MERGE = {"above": {"THAN-UYEN", "LAI-CHAU"}, "occupants": None, **BY}

CHANGES = {
    "rename": (Organization.rename, ["Another"], BY),
    "move": (Organization.move, [PROVINCE], {"above": set(), **BY}),
    "merge": (Organization.merge, [CELL], MERGE),
    "split": (Organization.split, [[CELL]], BY),
    "dissolve": (Organization.dissolve, [Occupants()], BY),
}
every_change = pytest.mark.parametrize(("change", "args", "by"), CHANGES.values(), ids=CHANGES)


# -- What holds for every change


@every_change
def test_nothing_becomes_of_an_organization_before_its_day(change, args, by):
    ahead = by | {"effective_on": date(2025, 1, 1)}
    organizations(school).when(change, *args, **ahead).refused(DateInFuture)


@every_change
def test_nothing_becomes_of_an_organization_before_it_is_founded(change, args, by):
    early = by | {"effective_on": date(2003, 12, 31)}
    organizations(school).when(change, *args, **early).refused(BeforeFounding, "only on 2004-01-01")


@every_change
def test_what_becomes_of_an_organization_comes_in_the_order_of_its_days(change, args, by):
    earlier = by | {"effective_on": date(2024, 3, 31)}
    organizations(school, renamed).when(change, *args, **earlier).refused(Overtaken, "2024-04-01")


@every_change
def test_several_things_may_become_of_an_organization_on_one_day(change, args, by):
    before = renamed if change is not Organization.rename else moved
    decided = organizations(school, before).when(change, *args, **by)._decided()
    assert 1 == len(decided.collect_events())


@every_change
def test_nothing_becomes_of_an_organization_that_was_dissolved(change, args, by):
    organizations(school, dissolved).when(change, *args, **by).refused(OrganizationEnded, "dissolved")


@every_change
def test_nothing_becomes_of_an_organization_that_was_merged(change, args, by):
    scenario = organizations(school, merged).when(change, *args, **by)
    scenario.refused(OrganizationEnded, "TU-C-003 was merged into TU-C-001 on 2024-04-01")


# -- Renamed


def test_an_organization_is_renamed():
    organizations(school).when(Organization.rename, "Chi bộ Trường Nội trú", **BY).then(renamed)


def test_an_organization_is_not_renamed_to_the_name_it_bears():
    scenario = organizations(school, renamed)
    scenario.when(Organization.rename, "Chi bộ Trường Nội trú", **BY).refused(NameUnchanged)


# -- Moved


def test_an_organization_is_moved_under_another():
    organizations(school).when(Organization.move, PROVINCE, **BY, above=set()).then(moved)


def test_an_organization_is_not_moved_to_where_it_stands():
    organizations(school).when(Organization.move, DISTRICT, **MOVE).refused(AlreadyThere)


def test_a_cell_is_not_moved_beneath_a_cell():
    organizations(school).when(Organization.move, CELL, **MOVE).refused(ParentCannotHold)


def test_a_provinces_committee_is_not_moved_beneath_anything():
    province = founded("DIEN-BIEN", "PROVINCIAL_COMMITTEE")
    organizations(province).when(Organization.move, PROVINCE, **MOVE).refused(ParentCannotHold)


def test_an_organization_is_moved_neither_under_itself_nor_beneath_itself():
    district = founded("THAN-UYEN", "DISTRICT_COMMITTEE", "LAI-CHAU")
    organizations(district).when(Organization.move, DISTRICT, **MOVE).refused(BeneathItself)
    under_its_own = BY | {"above": {"THAN-UYEN", "LAI-CHAU"}}
    organizations(district).when(Organization.move, COMMITTEE, **under_its_own).refused(BeneathItself)


def test_an_organization_is_not_moved_under_one_that_is_founded_later():
    later = organizations(founded("TAM", "DISTRICT_COMMITTEE", "LAI-CHAU", on="2024-04-02")).aggregate()
    organizations(school).when(Organization.move, later, **MOVE).refused(FoundedBeforeParent)


def test_an_organization_is_neither_moved_nor_founded_under_one_that_ended():
    gone = organizations(
        founded("TAM", "DISTRICT_COMMITTEE", "LAI-CHAU"), fact(Organization.Dissolved, code="TAM", **SAID)
    ).aggregate()
    organizations(school).when(Organization.move, gone, **MOVE).refused(OrganizationEnded)
    founding = {"name": "X", "kind": Kind.GRASSROOTS_CELL, "sector": None, "decision": None}
    organizations().when(
        Organization.found, "X", parent=gone, founded_on=date(2024, 3, 1), **founding
    ).refused(OrganizationEnded)


# -- Merged


def test_an_organization_is_merged_into_another_of_its_kind_even_without_a_decision():
    organizations(school).when(Organization.merge, CELL, **MERGE).then(merged)
    undecided = fact(Organization.Merged, **merged.fields | {"decision_number": None, "decision_dated": None})
    organizations(school).when(Organization.merge, CELL, **MERGE | {"decision": None}).then(undecided)


def test_an_organization_is_not_merged_into_itself():
    organizations(school).when(Organization.merge, GONE, **MERGE).refused(MergedIntoItself)


def test_an_organization_is_not_merged_into_what_stands_beneath_it():
    other = organizations(founded("TAM", "DISTRICT_COMMITTEE", "LAI-CHAU")).aggregate()
    scenario = organizations(founded("THAN-UYEN", "DISTRICT_COMMITTEE", "LAI-CHAU"))
    scenario.when(Organization.merge, other, **MERGE).refused(BeneathItself)


def test_an_organization_is_not_merged_into_one_that_ended_or_is_founded_later():
    other = founded("TU-C-009", "GRASSROOTS_CELL", "THAN-UYEN")
    organizations(other).when(Organization.merge, GONE, **MERGE).refused(OrganizationEnded)
    organizations(other).when(Organization.merge, LATER, **MERGE).refused(BeforeFounding)


def test_organizations_of_different_kinds_merge_by_a_decision_only():
    scenario = organizations(school)
    scenario.when(Organization.merge, COMMITTEE, **MERGE | {"decision": None}).refused(
        KindsDiffer, "name the"
    )
    into = fact(Organization.Merged, **merged.fields | {"into": "TU-HU"})
    scenario.when(Organization.merge, COMMITTEE, **MERGE | {"occupants": Occupants(["M-1"])}).then(into)


def test_members_come_with_a_merger_only_to_where_members_are():
    held = MERGE | {"above": {"LAI-CHAU"}, "occupants": Occupants(members=["M-1", "M-2"])}
    organizations(school).when(Organization.merge, DISTRICT, **held).refused(CannotKeepMembers, "2 members")


def test_what_is_beneath_comes_with_a_merger_only_to_where_it_can_stand():
    held = MERGE | {"occupants": Occupants(children={"TU-C-7": Kind.SUBORDINATE_CELL})}
    scenario = organizations(founded("TU-HU-2", "GRASSROOTS_COMMITTEE", "THAN-UYEN"))
    scenario.when(Organization.merge, CELL, **held).refused(ParentCannotHold, "SUBORDINATE_CELL")


# -- Split


def test_an_organization_gives_parts_of_itself_to_others_and_goes_on():
    organizations(school).when(Organization.split, [CELL, ANOTHER], **BY).then(split)
    organizations(school, split).when(Organization.rename, "Chi bộ Trường Nội trú", **BY).then(renamed)


def test_an_organization_is_not_split_into_itself():
    organizations(school).when(Organization.split, [CELL, GONE], **BY).refused(SplitIntoItself)


def test_an_organization_is_not_split_into_one_that_ended_or_is_founded_later():
    other = organizations(founded("TU-C-009", "GRASSROOTS_CELL", "THAN-UYEN"))
    other.when(Organization.split, [GONE], **BY).refused(OrganizationEnded)
    other.when(Organization.split, [LATER], **BY).refused(BeforeFounding)


# -- Dissolved


def test_an_organization_is_dissolved():
    left = Occupants(left_on=date(2024, 4, 1))
    organizations(school).when(Organization.dissolve, left, **BY).then(dissolved)


def test_an_organization_with_members_or_something_beneath_it_is_not_dissolved():
    members = Occupants(members=["M-4", "M-2", "M-1", "M-3"])
    scenario = organizations(school)
    scenario.when(Organization.dissolve, members, **BY).refused(NotEmpty, "still holds 4: M-1, M-2, M-3, …")
    beneath = Occupants(children={"TU-C-7": Kind.SUBORDINATE_CELL})
    scenario.when(Organization.dissolve, beneath, **BY).refused(NotEmpty, "still holds 1: TU-C-7")


def test_an_organization_is_not_dissolved_before_the_last_has_left_it():
    left = Occupants(left_on=date(2024, 4, 2))
    organizations(school).when(Organization.dissolve, left, **BY).refused(OccupiedLater, "2024-04-02")

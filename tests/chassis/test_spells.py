"""Where an organization stood on which days: what follows from changes told in any order."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.views.spells import Change, Past

BEGIN = date(2020, 1, 1)
REFORM = date(2025, 7, 1)


def founded(code, parent=None, day=BEGIN):
    return Change(code, "FOUNDED", day, f"Named {code}", parent)


def moved(code, day, parent):
    return Change(code, "MOVED", day, parent=parent)


def merged(code, day, into):
    return Change(code, "MERGED", day, parent=into)


PROVINCE = (founded("P"), founded("D", "P"), founded("G", "D"), founded("C", "G"))


def path(changes, code, day):
    spell = Past(changes).on(code, day)
    return spell and "/".join(spell.path)


def test_an_organization_that_nothing_happened_to_has_one_open_spell():
    [spell] = Past(PROVINCE).spells("C")

    assert (BEGIN, None, "Named C", "G", True) == (
        spell.from_on,
        spell.until_on,
        spell.name,
        spell.parent,
        spell.stands,
    )


def test_a_move_ends_a_spell_of_all_beneath_and_begins_another():
    changes = (*PROVINCE, moved("G", REFORM, "P"))

    assert "P/D/G/C" == path(changes, "C", REFORM - timedelta(days=1))
    assert "P/G/C" == path(changes, "C", REFORM)
    assert ["G", "G"] == [spell.parent for spell in Past(changes).spells("C")]


def test_a_name_ends_a_spell_of_the_one_that_bears_it_only():
    changes = (*PROVINCE, Change("G", "RENAMED", REFORM, "Đảng ủy xã"))

    assert ["Named G", "Đảng ủy xã"] == [spell.name for spell in Past(changes).spells("G")]
    assert 1 == len(Past(changes).spells("C"))


def test_what_lay_beneath_one_that_merged_lies_beneath_its_successor():
    changes = (*PROVINCE, founded("H", "P"), merged("G", REFORM, "H"))

    assert "P/H/C" == path(changes, "C", REFORM)
    assert ["G", "H"] == [spell.parent for spell in Past(changes).spells("C")]
    assert ("P/H/G", False) == (path(changes, "G", REFORM), Past(changes).on("G", REFORM).stands)


def test_a_successor_may_merge_too():
    later = REFORM + timedelta(days=30)
    changes = (
        *PROVINCE,
        founded("H", "P"),
        founded("I", "P"),
        merged("G", REFORM, "H"),
        merged("H", later, "I"),
    )

    assert ["P/D/G/C", "P/H/C", "P/I/C"] == ["/".join(spell.path) for spell in Past(changes).spells("C")]


def test_a_merger_told_after_a_later_move_changes_nothing_from_the_move_on():
    later = REFORM + timedelta(days=30)
    changes = (*PROVINCE, founded("H", "P"), moved("C", later, "D"), merged("G", REFORM, "H"))

    assert ["P/D/G/C", "P/H/C", "P/D/C"] == ["/".join(spell.path) for spell in Past(changes).spells("C")]


def test_dissolved_it_stays_where_it_was_and_no_longer_stands():
    changes = (*PROVINCE, Change("C", "DISSOLVED", REFORM))

    assert [("P/D/G/C", True), ("P/D/G/C", False)] == [
        ("/".join(spell.path), spell.stands) for spell in Past(changes).spells("C")
    ]


def test_of_two_changes_on_one_day_the_one_told_later_holds_and_no_spell_is_empty():
    changes = (*PROVINCE, moved("C", REFORM, "D"), moved("C", REFORM, "P"))

    assert ["P/D/G/C", "P/C"] == ["/".join(spell.path) for spell in Past(changes).spells("C")]


def test_a_circle_in_the_past_ends_the_path_and_never_hangs():
    changes = (founded("A"), founded("B", "A"), moved("B", REFORM, None), moved("A", BEGIN, "B"))

    assert "B/A" == path(changes, "A", BEGIN)
    assert "A/B" == path(changes, "B", BEGIN)


def test_before_its_founding_there_is_nothing():
    assert None is path(PROVINCE, "C", BEGIN - timedelta(days=1))
    assert [] == Past(PROVINCE).spells("X")


def test_beneath_one_nobody_told_of_a_path_begins_with_itself():
    assert "C" == path([founded("C", "G")], "C", BEGIN)


# -- Random histories

CODES = [f"O-{n}" for n in range(7)]


@st.composite
def histories(draw):
    """Organizations founded beneath earlier ones, then changed on any days in any order, sense or not."""
    changes = []
    for n, code in enumerate(CODES):
        parent = draw(st.sampled_from([None, *CODES[:n]])) if n else None
        changes.append(founded(code, parent))
    for _ in range(draw(st.integers(0, 12))):
        code, other = draw(st.sampled_from(CODES)), draw(st.sampled_from(CODES))
        day = BEGIN + timedelta(days=draw(st.integers(0, 9)))
        what = draw(st.sampled_from(["RENAMED", "MOVED", "MERGED", "DISSOLVED", "SPLIT"]))
        named = f"Renamed {len(changes)}" if what == "RENAMED" else None
        changes.append(Change(code, what, day, named, other if what in {"MOVED", "MERGED"} else None))
    return changes


def replayed(changes, code, day):
    """Return (name, path, stands) of one organization once `changes` until `day` are told one by one."""
    name, parent, ended = {}, {}, {}
    for change in sorted(changes, key=lambda one: one.day):
        if change.day > day:
            continue
        if change.name:
            name[change.code] = change.name
        if change.what in {"FOUNDED", "MOVED", "MERGED"}:
            parent[change.code] = change.parent
        if change.what in {"MERGED", "DISSOLVED"}:
            ended[change.code] = change.what
    way, seen, above = [code], {code}, parent[code]
    while above and above not in seen:
        seen.add(above)
        if ended.get(above) != "MERGED":
            way.append(above)
        above = parent[above]
    return name[code], way[::-1], code not in ended


@given(histories(), st.integers(0, 10))
def test_any_day_of_the_past_equals_a_replay_to_that_day(changes, days):
    day = BEGIN + timedelta(days=days)
    past = Past(changes)
    for code in CODES:
        spell = past.on(code, day)
        assert replayed(changes, code, day) == (spell.name, spell.path, spell.stands)


@given(histories())
def test_spells_follow_each_other_without_a_gap_and_each_differs_from_the_one_before(changes):
    past = Past(changes)
    for code in CODES:
        spells = past.spells(code)
        assert (BEGIN, None) == (spells[0].from_on, spells[-1].until_on)
        for one, next_one in itertools.pairwise(spells):
            assert one.from_on < one.until_on == next_one.from_on
            assert (one.name, one.parent, one.path, one.stands) != (
                next_one.name,
                next_one.parent,
                next_one.path,
                next_one.stands,
            )


@given(histories(), st.randoms(use_true_random=False))
def test_in_which_order_different_organizations_are_told_of_does_not_matter(changes, random):
    by_code = {code: [one for one in changes if one.code == code] for code in CODES}
    shuffled = []
    while by_code:
        code = random.choice(sorted(by_code))
        shuffled.append(by_code[code].pop(0))
        if not by_code[code]:
            del by_code[code]

    assert all(Past(changes).spells(code) == Past(shuffled).spells(code) for code in CODES)


@pytest.mark.parametrize("what", ["RENAMED", "MOVED", "DISSOLVED"])
def test_a_change_dated_before_the_founding_holds_from_the_founding(what):
    [spell] = Past([founded("A"), Change("A", what, date(2019, 1, 1), "Sớm")]).spells("A")

    assert BEGIN == spell.from_on

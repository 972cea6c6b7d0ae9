"""Criteria that give points: weights, bands, and what is wrong with either, row by row."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.assessment.application import read_packs
from services.assessment.application.criteria import Pack
from services.assessment.domain import Answer, CriteriaFramework, Form, Good, Period
from services.assessment.domain.criteria import Threshold, WronglyAnswered
from services.assessment.domain.framework import AmendsLater, BasedOnLater, Terms
from services.assessment.domain.scoring import BadPack
from services.assessment.domain.soundness import (
    AskedTwice,
    Band,
    BandsWithHoles,
    MeasuredByNothing,
    Untestable,
    WeightsDoNotAddUp,
)
from tests.assessment.examples import CELL, DISTRICT, ISSUE, MEETINGS, criterion, framework
from tests.spec import NOW

SCORED = read_packs()["four-good-cell-scored-1"]
NOVEMBER = Period("2024-11")


def scored(code: str, points: int, at: int, **changed: Any):
    test = Threshold("gte", Decimal(at))
    made = replace(criterion(code, "MONTH", test), kind="SCORED", points_max=Decimal(points))
    return replace(made, **changed)


def band(level: str, points_min: int, below: int | None = None) -> Band:
    top = None if below is None else Decimal(below)
    return Band(level, "mức", "level", Decimal(points_min), top, "row of the guide", "LOCAL_POLICY")


TASKS, MEETING = scored("tasks_points", 60, 48), scored("meeting_points", 40, 32)
BANDS = (band("STRONG", 80), band("WEAK", 0, 80))


def issue(*criteria, bands=BANDS, **terms: Any) -> CriteriaFramework:
    goods = [Good(f"GOOD_{place}", "tốt", "good", (one,)) for place, one in enumerate(criteria)]
    return CriteriaFramework.issue(DISTRICT, goods, **ISSUE, terms=Terms(bands=bands, **terms), at=NOW)


def given(tasks: str, meeting: str):
    return [Answer("tasks_points", value=Decimal(tasks)), Answer("meeting_points", value=Decimal(meeting))]


@pytest.mark.parametrize(
    ("points", "goods", "total", "level"),
    [
        (("60", "40"), [True, True], "100", "STRONG"),
        (("48", "32"), [True, True], "80", "STRONG"),
        (("47.5", "40"), [False, True], "87.5", "STRONG"),
        (("48", "31.99"), [True, False], "79.99", "WEAK"),
        (("0", "0"), [False, False], "0", "WEAK"),
    ],
)
def test_points_achieve_a_good_by_its_test_and_give_a_level_by_their_sum(points, goods, total, level):
    found = Form.of(issue(TASKS, MEETING), CELL).evaluate(NOVEMBER, given(*points))

    assert goods == [achieved for _, achieved in found.goods]
    assert (Decimal(total), level) == (found.points, found.level)
    assert all(goods) is found.four_good


@pytest.mark.parametrize(
    "answer",
    [
        Answer("tasks_points", value=Decimal("60.01")),
        Answer("tasks_points", value=Decimal(-1)),
        Answer("tasks_points", achieved=True),
        Answer("tasks_points", achieved=True, value=Decimal(10)),
    ],
    ids=["over the maximum", "below zero", "yes for points", "yes against its points"],
)
def test_points_are_given_as_points_of_at_most_the_maximum(answer):
    with pytest.raises(WronglyAnswered, match="tasks_points"):
        Form.of(issue(TASKS, MEETING), CELL).evaluate(NOVEMBER, [answer, given("0", "0")[1]])


def test_where_no_points_are_asked_for_there_are_none():
    found = Form.of(issue(criterion("plain", "MONTH"), bands=()), CELL).evaluate(
        NOVEMBER, [Answer("plain", achieved=True)]
    )

    assert (None, None) == (found.points, found.level)


@pytest.mark.parametrize(
    ("criteria", "bands", "refusal", "saying"),
    [
        ((TASKS, scored("meeting_points", 39, 32)), BANDS, WeightsDoNotAddUp, "add up to 99, not to 100"),
        ((scored("tasks_points", 0, 0), MEETING), BANDS, WeightsDoNotAddUp, "worth nothing"),
        (
            (replace(criterion("plain", "MONTH"), points_max=Decimal(5)),),
            (),
            WeightsDoNotAddUp,
            r"goods\[0\].criteria\[0\] plain: points without a score \(12-HD",
        ),
        ((TASKS, replace(MEETING, mandatory=False)), BANDS, WeightsDoNotAddUp, "meeting_points"),
        ((TASKS, replace(MEETING, kinds=("SCHOOL",))), BANDS, WeightsDoNotAddUp, "meeting_points"),
        ((TASKS, replace(MEETING, period="QUARTER")), BANDS, WeightsDoNotAddUp, "meeting_points"),
        (
            (TASKS, scored("meeting_points", 40, 41)),
            BANDS,
            Untestable,
            "41 cannot be reached",
        ),
        ((TASKS, replace(MEETING, test=None)), BANDS, Untestable, "nothing says"),
        (
            (TASKS, replace(MEETING, measured_by="ATTENDANCE_PCT")),
            BANDS,
            MeasuredByNothing,
            r"goods\[1\].criteria\[0\] meeting_points: .*ATTENDANCE_PCT.*\(12-HD/BTCTW",
        ),
        ((TASKS, MEETING), (), BandsWithHoles, "only one of them"),
        ((criterion("plain", "MONTH"),), BANDS, BandsWithHoles, "only one of them"),
        (
            (TASKS, MEETING),
            (band("STRONG", 80), band("WEAK", 0, 79)),
            BandsWithHoles,
            r"nothing from 79 to STRONG at 80 \(row of the guide\)",
        ),
        ((TASKS, MEETING), (band("STRONG", 80), band("WEAK", 0, 81)), BandsWithHoles, "overlaps"),
        ((TASKS, MEETING), (band("STRONG", 80, 99), band("WEAK", 0, 80)), BandsWithHoles, "from 99 to 100"),
        ((TASKS, MEETING), (band("STRONG", 80), band("WEAK", 1, 80)), BandsWithHoles, "nothing from 0"),
        ((TASKS, replace(MEETING, criterion="tasks_points")), BANDS, AskedTwice, "it is asked before"),
    ],
    ids=lambda one: getattr(one, "__name__", None) or (one if isinstance(one, str) else ""),
)
def test_what_contradicts_itself_is_refused_with_its_row_and_source(criteria, bands, refusal, saying):
    with pytest.raises(refusal, match=saying):
        issue(*criteria, bands=bands)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Untestable, match=r"41 cannot.*add up to 101"):
        issue(scored("tasks_points", 61, 62), scored("meeting_points", 40, 41))


# -- Packs


def test_the_sample_of_points_says_that_its_weights_are_house_rules():
    assert "house rules" in SCORED.note
    assert {"30", "20"} == {str(c.points_max) for good in SCORED.goods for c in good.criteria}


def test_a_pack_that_contradicts_itself_is_told_row_by_row_with_the_rule():
    stated = SCORED.model_dump(exclude={"id"})
    stated["goods"][0]["criteria"][0]["points_max"] = Decimal(31)
    stated["bands"][1]["below"] = Decimal(89)

    with pytest.raises(BadPack, match=r"add up to 101.*\[WeightsDoNotAddUp\].*from 89.*\[BandsWithHoles\]"):
        Pack.model_validate(stated).require_sound()


def test_a_folder_with_such_a_pack_is_not_read(tmp_path):
    stated = SCORED.model_dump(mode="json", exclude={"id"})
    stated["bands"] = stated["bands"][:1]
    (tmp_path / "bad.json").write_text(Pack.model_validate(stated).model_dump_json(exclude={"id"}))

    with pytest.raises(BadPack, match="nothing from 0 to STRONG"):
        read_packs(tmp_path)


# -- Amending, and what a framework rests on


def test_a_framework_may_amend_an_older_one_of_its_issuer():
    newer = issue(TASKS, MEETING, amends=framework(dated=date(2023, 5, 19), effective_on=date(2023, 6, 1)))

    [fact] = newer.collect_events()
    assert {"number": "05-HD/BTCTU", "dated": "2023-05-19"} == fact.amends


@pytest.mark.parametrize(
    "older", [{"dated": date(2024, 5, 20)}, {"effective_on": date(2024, 6, 2)}], ids=["dated", "effective"]
)
def test_nothing_amends_what_came_later(older):
    with pytest.raises(AmendsLater):
        issue(TASKS, MEETING, amends=framework(**older))


def test_documents_carry_out_the_one_before_them():
    chain = [
        {"number": "21-NQ/TW", "dated": "2022-06-16"},
        {"number": "24-CTr/TU", "dated": "2022-10-17"},
        {"number": "161-KH/HU", "dated": "2022-10-31"},
    ]
    [fact] = issue(TASKS, MEETING, based_on=chain).collect_events()

    assert chain == fact.based_on
    with pytest.raises(BasedOnLater, match="2022-10-17 is before 2022-10-31"):
        issue(TASKS, MEETING, based_on=[chain[0], chain[2], chain[1]])


# -- Quarters


@pytest.mark.parametrize(
    ("period", "asked"), [("2024-08", 0), ("2024-09", 3), ("2024", 3), ("2024-12", 3), ("2024-01", 0)]
)
def test_a_framework_for_quarters_is_answered_by_their_last_month(period, asked):
    by_quarter = Form.of(
        CriteriaFramework.issue(DISTRICT, [MEETINGS], **ISSUE | {"period": "QUARTER"}, at=NOW), CELL
    )

    assert asked == len(by_quarter.asks_in(Period(period)))

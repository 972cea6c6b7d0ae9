"""The packs that come with the service: complete, sourced, and fit to be issued."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from services.assessment.application import IssueCriteriaFramework, read_packs
from services.assessment.application.framework import UnknownPack
from services.assessment.domain import CriteriaFramework
from services.assessment.domain.framework import Terms
from tests.assessment.examples import DISTRICT

SAMPLE = "four-good-cell-sample-1"
MEASURED = "four-good-cell-sample-2"
SCORED = "four-good-cell-scored-1"
CRITERIA = [
    ("resolutions_studied", "ACHIEVED", None, "MONTH"),
    ("local_tasks_led", "ACHIEVED", None, "MONTH"),
    ("key_tasks_done_pct", "MEASURED", "eq 100", "MONTH"),
    ("members_screened_and_developed", "ACHIEVED", None, "MONTH"),
    ("monthly_meeting_held", "ACHIEVED", None, "MONTH"),
    ("attendance_pct", "MEASURED", "gt 85", "MONTH"),
    ("no_unexcused_absence", "ACHIEVED", None, "MONTH"),
    ("duration_minutes", "MEASURED", "gte 90", "MONTH"),
    ("solution_meetings_pct", "MEASURED", "gte 50", "MONTH"),
    ("thematic_meeting_in_quarter", "ACHIEVED", None, "QUARTER"),
    ("resolution_or_conclusion_recorded", "ACHIEVED", None, "MONTH"),
    ("members_follow_resolution_pct", "MEASURED", "eq 100", "MONTH"),
    ("no_member_disciplined", "ACHIEVED", None, "MONTH"),
    ("no_internal_disunity_finding", "ACHIEVED", None, "MONTH"),
    ("members_good_or_better_pct", "MEASURED", "eq 100", "YEAR"),
    ("new_members_vs_target_pct", "MEASURED", "gte 100", "YEAR"),
]


def command(**changed):
    return IssueCriteriaFramework.model_validate(
        {
            "organization": "THAN-UYEN",
            "framework": {"number": "05-HD/BTCTU", "date": "2024-05-19"},
            "title": "Khung tiêu chí",
            "period": "MONTH",
            "effective_on": "2024-06-01",
            "pack": SAMPLE,
        }
        | changed
    )


def test_every_pack_is_named_by_the_file_it_lies_in():
    assert {SAMPLE, MEASURED, SCORED} == read_packs().keys()


def test_the_sample_asks_the_four_goods_of_the_national_wording():
    goods = [(good.good, good.name_vi) for good in read_packs()[SAMPLE].goods]

    assert [
        ("POLITICAL_TASKS", "Hoàn thành tốt nhiệm vụ chính trị"),
        ("MEETING_QUALITY", "Chất lượng sinh hoạt tốt"),
        ("SOLIDARITY_DISCIPLINE", "Đoàn kết, kỷ luật tốt"),
        ("CADRES_MEMBERS", "Cán bộ, đảng viên tốt"),
    ] == goods


def test_the_sample_asks_what_published_practice_asks():
    criteria = [
        (c.criterion, c.kind, f"{c.test.op} {c.test.value}" if c.test else None, c.period)
        for good in read_packs()[SAMPLE].goods
        for c in good.criteria
    ]

    assert CRITERIA == criteria


def test_the_second_sample_asks_the_same_and_fills_in_what_meetings_show():
    asked = [c for good in read_packs()[MEASURED].goods for c in good.criteria]

    assert [code for code, *_ in CRITERIA] == [c.criterion for c in asked]
    assert {
        "attendance_pct": "ATTENDANCE_PCT",
        "no_unexcused_absence": "UNEXCUSED_ABSENCES",
        "duration_minutes": "DURATION_MIN",
        "solution_meetings_pct": "SOLUTION_MEETINGS_PCT",
        "thematic_meeting_in_quarter": "THEMATIC_MEETINGS_IN_QUARTER",
    } == {c.criterion: c.measured_by for c in asked if c.measured_by}


def test_what_is_only_modelled_on_a_rule_says_that_it_needs_review():
    modelled = {
        c.criterion
        for good in read_packs()[SAMPLE].goods
        for c in good.criteria
        if c.legal_tag == "LEGAL_REVIEW_REQUIRED"
    }

    assert {"no_member_disciplined", "no_internal_disunity_finding"} == modelled


def test_the_sample_says_that_no_committee_has_issued_it():
    assert "no committee has issued these rows" in read_packs()[SAMPLE].note


@pytest.mark.parametrize("pack", [SAMPLE, MEASURED])
def test_a_committee_can_issue_the_samples_as_they_are(pack):
    goods, bands = command(pack=pack).asks(read_packs())
    framework = CriteriaFramework.issue(
        DISTRICT,
        goods,
        number="05-HD/BTCTU",
        dated=date(2024, 5, 19),
        title="Khung tiêu chí",
        period="MONTH",
        effective_on=date(2024, 6, 1),
        pack=pack,
        terms=Terms(bands=bands),
        at=datetime(2024, 12, 31, tzinfo=UTC),
    )

    assert [4, 7, 3, 2] == [len(good.criteria) for good in framework.asks]


def test_a_pack_that_is_not_kept_here_is_refused_and_the_others_are_named():
    with pytest.raises(UnknownPack, match=SAMPLE):
        command(pack="five-good").asks(read_packs())


@pytest.mark.parametrize(
    "goods", [{"pack": None}, {"goods": [good.model_dump() for good in read_packs()[SAMPLE].goods]}]
)
def test_goods_are_stated_or_taken_from_a_pack_but_not_both(goods):
    with pytest.raises(ValidationError, match="either goods or a pack"):
        command(**goods)

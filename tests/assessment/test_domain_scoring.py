"""One meeting, each pack's own verdict; and which packs cannot be used."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.assessment.application.scoring import (
    PackNamed,
    ScoringPackStated,
    UnknownScoringPack,
    read_scoring_packs,
)
from services.assessment.domain import Meeting
from services.assessment.domain.figures import running
from services.assessment.domain.meeting import NotHeldThere, UnknownMeeting
from services.assessment.domain.minutes import BeforeMeeting
from services.assessment.domain.organization import InTheFuture, NotASuperior
from services.assessment.domain.scoring import (
    AlreadyScored,
    BadPack,
    KindNotScored,
    NoPoints,
    NotFilledIn,
    NotOnTheSheet,
    OverTheMaximum,
    Sheet,
    of_one,
)
from tests.assessment.examples import CELL, OTHER_CELL, held, minuted, scheduled, scored
from tests.spec import fact, spec

given = spec(Meeting)
PACKS = read_scoring_packs()
CENTRAL, NGHE_AN, BINH_THUAN, SHEET_OF_TWO = (
    PACKS.packs[id]
    for id in (
        "12-HD/BTCTW 2018-07-06",
        "08-QĐ/TU 2021-09-15",
        "Bình Thuận, Khối các cơ quan 1",
        "generic-sheet 1",
    )
)
FULL = {"ATTENDANCE": 10, "DURATION": 10, "MEMBERS_SPEAKING": 10, "MINUTES": 10}


def points(**given):
    return tuple((component, Decimal(str(value))) for component, value in given.items())


def nghe_an(preparation=20, attendance=10, running=45, principles=15, conclusion=10):
    return points(
        PREPARATION=preparation,
        ATTENDANCE=attendance,
        RUNNING=running,
        PRINCIPLES=principles,
        CONCLUSION=conclusion,
    )


# -- Levels: Nghệ An and Bình Thuận


@pytest.mark.parametrize(
    ("given", "total", "level"),
    [
        (nghe_an(18, 10, 38, 12, 7), 85, "QUALITY_GOOD"),
        (nghe_an(15, 10, 38, 10, 7), 80, "QUALITY_GOOD"),
        (nghe_an(15, 10, "37.99", 10, 7), "79.99", "QUALITY_FAIR"),
        (nghe_an(10, 10, 35, 10, 5), 70, "QUALITY_FAIR"),
        (nghe_an(10, 10, 30, 10, "9.5"), "69.5", "QUALITY_AVERAGE"),
        (nghe_an(10, 5, 20, 10, 5), 50, "QUALITY_AVERAGE"),
        (nghe_an(10, 5, 20, 10, "4.99"), "49.99", "QUALITY_POOR"),
        (nghe_an(0, 0, 0, 0, 0), 0, "QUALITY_POOR"),
        (nghe_an(), 100, "QUALITY_GOOD"),
    ],
)
def test_nghe_an_is_good_from_80_fair_from_70_average_from_50(given, total, level):
    assert (Decimal(total), level) == NGHE_AN.score("REGULAR", given)


@pytest.mark.parametrize(
    ("given", "total", "level"),
    [
        (points(**FULL, CONTENTS=45), 85, "QUALITY_FAIR"),
        (points(**FULL, CONTENTS=50), 90, "QUALITY_GOOD"),
        (points(**FULL | {"ATTENDANCE": 5}, CONTENTS=60), 95, "QUALITY_FAIR"),
        (points(**FULL | {"MINUTES": "9.99"}, CONTENTS=60), "99.99", "QUALITY_FAIR"),
        (points(**FULL, CONTENTS="49.99"), "89.99", "QUALITY_FAIR"),
        (points(**FULL, CONTENTS=29), 69, "QUALITY_AVERAGE"),
        (points(**FULL, CONTENTS=9), 49, "QUALITY_POOR"),
    ],
)
def test_binh_thuan_is_good_from_90_with_full_marks_in_four_lines(given, total, level):
    assert (Decimal(total), level) == BINH_THUAN.score("THEMATIC", given)


def test_the_same_85_points_are_good_in_nghe_an_and_fair_in_binh_thuan():
    verdicts = [
        NGHE_AN.score("REGULAR", nghe_an(18, 10, 38, 12, 7)),
        BINH_THUAN.score("REGULAR", points(**FULL, CONTENTS=45)),
        SHEET_OF_TWO.score("REGULAR", points(ATTENDANCE=10, CONDUCT=75)),
    ]

    assert [(85, "QUALITY_GOOD"), (85, "QUALITY_FAIR"), (85, "QUALITY_GOOD")] == verdicts


# -- A sheet


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("EXTRAORDINARY", nghe_an(), KindNotScored),
        ("REGULAR", (*nghe_an(), ("SINGING", Decimal(1))), NotOnTheSheet),
        ("REGULAR", (*nghe_an(), ("ATTENDANCE", Decimal(1))), NotOnTheSheet),
        ("REGULAR", nghe_an()[1:], NotFilledIn),
        ("REGULAR", nghe_an(attendance="10.01"), OverTheMaximum),
    ],
)
def test_a_sheet_is_filled_in_as_its_pack_has_it(kind, given, why):
    with pytest.raises(why):
        NGHE_AN.score(kind, given)


def test_the_central_guidance_gives_no_points():
    with pytest.raises(NoPoints):
        CENTRAL.score("REGULAR", nghe_an())


AT = datetime(2024, 11, 28, 9, tzinfo=UTC)
BY_SUPERIOR = Sheet(nghe_an(18, 10, 38, 12, 7), AT, "THAN-UYEN")
BY_CELL = Sheet(nghe_an(), AT)


def test_a_superior_scores_a_meeting_and_the_fact_pins_the_pack():
    given(held).when(Meeting.score, CELL, NGHE_AN, BY_SUPERIOR).then(scored)
    given(scheduled, minuted).when(Meeting.score, CELL, NGHE_AN, BY_SUPERIOR).then(scored)


def test_the_cell_fills_in_a_column_of_its_own():
    aggregate = given(held, scored).aggregate()
    aggregate.score(CELL, NGHE_AN, BY_CELL, at=datetime(2024, 12, 31, tzinfo=UTC))

    assert [(None, 100), ("THAN-UYEN", 85)] == [(one.superior, one.total) for one in aggregate.sheets]


def test_a_later_sheet_replaces_the_earlier_however_they_arrive():
    later = fact(
        Meeting.Scored,
        **scored.fields | {"scored_at": datetime(2024, 11, 29, tzinfo=UTC), "total": Decimal(80)},
    )

    for order in ((scored, later), (later, scored)):
        [sheet] = given(held, *order).aggregate().sheets
        assert 80 == sheet.total


def test_a_sheet_is_filled_in_once_at_one_moment():
    given(held, scored).when(Meeting.score, CELL, NGHE_AN, BY_SUPERIOR).refused(AlreadyScored)


def test_only_a_committee_above_scores_beside_the_cell():
    stranger = Sheet(nghe_an(), AT, "TAM-KY")

    given(held).when(Meeting.score, CELL, NGHE_AN, stranger).refused(NotASuperior)
    given(held).when(Meeting.score, OTHER_CELL, NGHE_AN, Sheet(nghe_an(), AT, "TU-AGENCIES")).refused(
        NotHeldThere
    )


def test_a_meeting_is_scored_after_it_was_held_and_before_today_is_over():
    early, late = (datetime(2024, 11, 28, 6, tzinfo=UTC), datetime(2024, 12, 31, 6, tzinfo=UTC))

    given(held).when(Meeting.score, CELL, NGHE_AN, Sheet(nghe_an(), early)).refused(BeforeMeeting)
    given(held).when(Meeting.score, CELL, NGHE_AN, Sheet(nghe_an(), late)).refused(InTheFuture)
    given(scheduled).when(Meeting.score, CELL, NGHE_AN, BY_CELL).refused(UnknownMeeting)


# -- The record: 12-HD/BTCTW 2018


def record(**changed):
    return given(fact(Meeting.Held, **held.fields | changed)).aggregate().held


def judged(held, rows=None):
    return CENTRAL.judge(of_one(held, rows or {}))


def test_tam_kys_18_of_20_present_meets_every_criterion():
    criteria, verdict = judged(record())

    assert verdict
    assert {True} == set(criteria.values())
    assert 5 == len(criteria)


@pytest.mark.parametrize(
    ("changed", "unmet"),
    [
        ({"present": 17, "excused": 3}, "ATTENDANCE"),
        ({"excused": 1, "unexcused": 1}, "NO_UNEXCUSED"),
        ({"duration_min": 89}, "DURATION"),
        ({"resolution": None, "tasks": []}, "CONCLUSION"),
    ],
    ids=["exactly 85 % is not over 85", "one without reason", "89 minutes", "nothing concluded"],
)
def test_one_criterion_that_is_not_met_is_enough(changed, unmet):
    criteria, verdict = judged(record(**changed))

    assert verdict is False
    assert criteria[unmet] is False


def test_who_is_away_with_reason_a_fourth_time_running_is_once_too_often():
    one = record()
    four = running([(f"M-{month}", ["TU-M-0007"]) for month in range(1, 5)])
    broken = running([("M-1", ["TU-M-0007"]), ("M-2", []), *[(f"M-{m}", ["TU-M-0007"]) for m in (3, 4, 5)]])

    assert judged(one, four)[0]["EXCUSED_RUNNING"] is False
    assert judged(one, broken) == ({**judged(one)[0]}, True)


def test_where_an_absent_member_is_not_named_it_cannot_be_told():
    criteria, verdict = judged(record())
    unnamed, untold = judged(record(absences=[]))

    assert (True, True) == (criteria["EXCUSED_RUNNING"], verdict)
    assert (None, None) == (unnamed["EXCUSED_RUNNING"], untold)


# -- Packs


def stated(**changed):
    """Return the pack of Nghệ An with something in it changed."""
    pack = next(one for one in PACKS.stated if one.name == "08-QĐ/TU")
    return ScoringPackStated.model_validate(pack.model_dump() | changed)


def rows(name, place, **changed):
    pack = next(one for one in PACKS.stated if one.name == "08-QĐ/TU").model_dump()
    return {name: [row | (changed if at == place else {}) for at, row in enumerate(pack[name])]}


CRITERION = {
    "criterion": "JOY",
    "measured_by": "LAUGHTER",
    "test": {"op": "gte", "value": "1"},
    "name_vi": "Vui",
    "name_en": "Joy",
    "source": "a draft",
    "legal_tag": "LOCAL_POLICY",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (rows("components", 0, points_max="21"), "components: their maxima add up to 101, not to 100 (08-QĐ"),
        (rows("components", 1, component="PREPARATION"), "components[1] PREPARATION: it is there twice"),
        (rows("levels", 1, below="81"), "QUALITY_GOOD overlaps the one beneath it at 80 (08-QĐ"),
        (rows("levels", 1, below="79"), "nothing from 79 to QUALITY_GOOD at 80"),
        (rows("levels", 3, points_min="1"), "nothing from 0 to QUALITY_POOR at 1"),
        (rows("levels", 0, below="99"), "nothing from 99 to 100"),
        (rows("levels", 1, below=None), "QUALITY_GOOD overlaps"),
        (rows("levels", 1, level="QUALITY_GOOD"), "levels[1] QUALITY_GOOD: it is there twice"),
        (rows("levels", 0, full_marks=["SINGING"]), "levels[0] QUALITY_GOOD: full marks in SINGING, no line"),
        (rows("levels", 3, full_marks=["ATTENDANCE"]), "QUALITY_POOR is the lowest, and asks for full marks"),
        ({"levels": []}, "either components and levels, or criteria"),
        ({"criteria": [CRITERION]}, "either components and levels, or criteria"),
        (
            {"components": [], "levels": [], "criteria": [CRITERION]},
            "criteria[0] JOY: nothing measures LAUGHTER (a draft)",
        ),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused_with_row_and_source(changed, said):
    with pytest.raises(BadPack) as refusal:
        stated(**changed).pack()

    assert said in str(refusal.value)


def test_every_pack_kept_here_is_sound_and_scores_full_marks_as_good():
    sheets = [pack for pack in PACKS.packs.values() if pack.components]

    assert 4 == len(PACKS.packs)
    assert ["QUALITY_GOOD"] * 3 == [
        pack.level(Decimal(100), [line.component for line in pack.components]) for pack in sheets
    ]


def test_a_pack_that_is_not_kept_here_is_refused_and_the_others_are_named():
    with pytest.raises(UnknownScoringPack, match="generic-sheet 1"):
        PACKS.find(PackNamed(name="08-QĐ/TU", version="2023-10-30"))

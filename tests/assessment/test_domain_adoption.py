"""Taking a framework over: what may be added and left out, and the form that comes of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from services.assessment.domain import Adoption, Answer, CriteriaFramework, Form, Good, Period
from services.assessment.domain.adoption import (
    AdoptedBeforeIssued,
    AlreadyAdopted,
    MandatoryDropped,
    OwnFramework,
    TooMuchAsked,
)
from services.assessment.domain.criteria import Threshold
from services.assessment.domain.form import NotAdopted, NotForItsKind, UnknownCriterion
from services.assessment.domain.framework import Terms
from services.assessment.domain.organization import InTheFuture
from services.assessment.domain.soundness import AskedTwice, WeightsDoNotAddUp
from tests.assessment.examples import (
    CELL,
    COMMITTEE,
    DISTRICT,
    ISSUE,
    MEETINGS,
    NOVEMBER,
    OTHER_CELL,
    PUPILS,
    adopted,
    criterion,
    form,
    renewed,
)
from tests.spec import NOW, spec

given = spec(Adoption)
ON = date(2024, 6, 3)
OPTIONAL = replace(criterion("members_study", "MONTH"), mandatory=False)
TASKS = Good("POLITICAL_TASKS", "Nhiệm vụ", "Tasks", (PUPILS,))
ADOPT: dict[str, Any] = {"plan": ("03-KH/CB", date(2024, 6, 1)), "adopted_on": ON}


def issued(*goods: Good, **terms: Any) -> CriteriaFramework:
    asked = goods or (replace(MEETINGS, criteria=(*MEETINGS.criteria, OPTIONAL)),)
    return CriteriaFramework.issue(DISTRICT, asked, **ISSUE, terms=Terms(**terms), at=NOW)


def adoption(by=CELL, above: Form | None = None, **changed: Any) -> Adoption:
    return Adoption.adopt(by, above or Form.of(issued(), by), None, **ADOPT | changed, at=NOW)


def told(by=CELL, **changed: Any):
    [one] = adoption(by, **changed).told
    return one


def codes(form: Form) -> list[str]:
    return [c.criterion for c in form.asks_in(Period("2024-11"))]


# -- Adopting


def test_a_cell_takes_a_framework_over_with_criteria_of_its_own():
    given().when(Adoption.adopt, CELL, form(), None, goods=[TASKS], **ADOPT).then(adopted)


def test_what_is_adopted_again_on_a_later_day_replaces_it_from_then_on():
    first = adoption(goods=[TASKS])
    both = Adoption.adopt(CELL, form(), first, goods=[], plan=None, adopted_on=date(2024, 9, 2), at=NOW)

    assert [["pupils_helped"], []] == [
        [c["criterion"] for good in both.by(day).goods for c in good["criteria"]]
        for day in (date(2024, 9, 1), date(2024, 9, 2))
    ]
    assert both.by(date(2024, 6, 2)) is None


def test_the_later_day_counts_however_late_it_is_told():
    later = adoption(goods=[TASKS], adopted_on=date(2024, 9, 2))
    both = Adoption.adopt(CELL, form(), later, **ADOPT, at=NOW)

    assert "2024-09-02" == both.by(date(2024, 12, 31)).adopted_on
    assert "2024-06-03" == both.by(date(2024, 9, 1)).adopted_on


def test_a_framework_is_adopted_once_on_one_day():
    with pytest.raises(AlreadyAdopted):
        Adoption.adopt(CELL, form(), adoption(), **ADOPT, at=NOW)


def test_a_renewal_is_a_fact_of_its_own():
    given(adopted).when(
        lambda known, at: Adoption.adopt(CELL, form(), known, adopted_on=date(2024, 9, 2), at=at)
    ).then(renewed)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"adopted_on": date(2025, 1, 1)}, InTheFuture),
        ({"adopted_on": date(2024, 5, 18), "plan": None}, AdoptedBeforeIssued),
        ({"plan": ("03-KH/CB", date(2024, 6, 4))}, AdoptedBeforeIssued),
        ({"dropped": ["attendance_pct"]}, MandatoryDropped),
        ({"dropped": ["singing"]}, UnknownCriterion),
        ({"goods": [replace(TASKS, criteria=(criterion("attendance_pct", "MONTH"),))]}, AskedTwice),
        ({"goods": [replace(TASKS, criteria=(PUPILS, PUPILS))]}, AskedTwice),
        ({"goods": [TASKS, TASKS]}, AskedTwice),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else next(iter(one)),
)
def test_an_adoption_is_refused(changed, refusal):
    with pytest.raises(refusal):
        adoption(**changed)


def test_what_an_optional_criterion_asked_before_it_was_dropped_is_not_asked_anew_by_its_code():
    with pytest.raises(AskedTwice):
        adoption(dropped=["members_study"], goods=[replace(TASKS, criteria=(OPTIONAL,))])


def test_an_organization_does_not_adopt_its_own_framework():
    with pytest.raises(OwnFramework):
        adoption(DISTRICT)


def test_the_points_of_a_framework_are_not_added_to():
    scored = replace(PUPILS, kind="SCORED", points_max=Decimal(10), test=Threshold("gte", Decimal(8)))

    with pytest.raises(WeightsDoNotAddUp, match="pupils_helped"):
        adoption(goods=[replace(TASKS, criteria=(scored,))])


def test_a_form_has_no_more_goods_than_one_self_assessment_answers():
    own = [replace(TASKS, good=f"GOOD_{n}", criteria=(criterion(f"own_{n}", "YEAR"),)) for n in range(12)]

    with pytest.raises(TooMuchAsked, match="13 goods"):
        adoption(goods=own)


# -- The form that comes of it


def test_own_criteria_are_asked_after_those_of_the_framework():
    more = replace(MEETINGS, criteria=(criterion("papers_sent_ahead", "MONTH"),))

    asked = Form.of(issued(), CELL, [told(goods=[more, TASKS])])

    assert [
        "attendance_pct",
        "no_unexcused_absence",
        "members_study",
        "papers_sent_ahead",
        "pupils_helped",
    ] == codes(asked)


def test_a_good_of_ones_own_counts_like_the_others():
    asked = Form.of(issued(), CELL, [told(goods=[TASKS], dropped=["members_study"])])

    found = asked.evaluate(Period("2024-11"), [*NOVEMBER, Answer("pupils_helped", achieved=False)])

    assert (("MEETING_QUALITY", True), ("POLITICAL_TASKS", False)) == found.goods
    assert not found.four_good


def test_what_is_optional_may_be_left_out():
    assert ["attendance_pct", "no_unexcused_absence"] == codes(
        Form.of(issued(), CELL, [told(dropped=["members_study"])])
    )


def test_a_cell_fits_what_its_committee_made_of_the_framework():
    committees = told(COMMITTEE, goods=[TASKS])
    above = Form.of(issued(), CELL, [committees])
    cells = told(above=above, dropped=["pupils_helped"])

    assert "pupils_helped" in codes(above)
    assert "pupils_helped" not in codes(Form.of(issued(), CELL, [committees, cells]))


def test_what_a_committee_makes_mandatory_no_cell_drops():
    mandatory = replace(TASKS, criteria=(replace(PUPILS, mandatory=True),))
    above = Form.of(issued(), CELL, [told(COMMITTEE, goods=[mandatory])])

    with pytest.raises(MandatoryDropped):
        adoption(above=above, dropped=["pupils_helped"])


def test_of_a_code_that_a_committee_and_its_cell_both_added_the_committees_is_asked_once():
    upper = told(COMMITTEE, goods=[replace(TASKS, criteria=(replace(PUPILS, period="YEAR"),))])

    asked = Form.of(issued(), CELL, [upper, told(goods=[TASKS])])

    assert ["YEAR"] == [c.period for good in asked.goods for c in good.criteria if c is not None][4:]


def test_adoptions_told_in_any_order_give_one_form():
    upper = told(COMMITTEE, goods=[TASKS])
    days = [date(2024, 6, 3), date(2024, 7, 1), date(2024, 8, 1)]

    def form_after(order):
        known = None
        for day in order:
            known = Adoption.adopt(CELL, form(), known, adopted_on=day, at=NOW)
        forms = [Form.of(issued(), CELL, [upper, known.by(day)]) for day in days]
        return [(one.goods, [each.adopted_on for each in one.adopted]) for one in forms]

    in_order = form_after(days)
    assert [in_order] * 6 == [form_after(order) for order in permutations(days)]


# -- Whom it binds


def test_a_framework_that_binds_who_adopts_it_is_not_answered_before():
    binding = issued(requires_adoption=True)

    with pytest.raises(NotAdopted, match="TU-FINANCE"):
        Form.of(binding, CELL).require_answerable(CELL)
    Form.of(binding, CELL, by_itself=True).require_answerable(CELL)
    Form.of(issued(), CELL).require_answerable(CELL)


def test_who_issued_a_framework_needs_not_adopt_it():
    own = CriteriaFramework.issue(CELL, [MEETINGS], **ISSUE, terms=Terms(requires_adoption=True), at=NOW)

    Form.of(own, CELL).require_answerable(CELL)


def test_a_framework_for_a_kind_of_cell_or_a_sector_is_no_other_cells():
    schools = issued(kinds=("SCHOOL", "GRASSROOTS_CELL"))
    school = replace(CELL, sector="SCHOOL")

    Form.of(schools, school).require_answerable(school)
    Form.of(schools, OTHER_CELL).require_answerable(OTHER_CELL)
    with pytest.raises(NotForItsKind):
        Form.of(schools, CELL).require_answerable(CELL)
    with pytest.raises(NotForItsKind):
        adoption(above=Form.of(schools, CELL))


def test_a_criterion_for_schools_is_asked_of_schools():
    asked = issued(replace(MEETINGS, criteria=(replace(PUPILS, kinds=("SCHOOL",)), OPTIONAL)))

    assert ["members_study"] == codes(Form.of(asked, CELL))
    assert ["pupils_helped", "members_study"] == codes(Form.of(asked, replace(CELL, sector="SCHOOL")))
    assert ["pupils_helped", "members_study"] == codes(Form.of(asked, COMMITTEE))

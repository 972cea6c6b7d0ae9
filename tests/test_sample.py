"""The sample says what the five articles say, in an order that never speaks of what is not yet known."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from contracts.assessment import (
    CriteriaFrameworkIssued,
    MeetingHeld,
    ModelCellSelected,
    SelfAssessmentSubmitted,
    SupervisorAttended,
)
from contracts.assessment_movement import CellRegistered, EmulationAgreementSigned, MovementLaunched
from contracts.catalogue import decode
from contracts.classification import CellClassified
from contracts.message import CloudEvent, Event
from contracts.registry import (
    AdmissionTargetSet,
    MemberAdmitted,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
)
from deploy.sample import CHAPTERS, DISTRICTS, ending, events, movement, reform
from deploy.sample.seeds import FOLDER, seeds

GRASSROOTS = {"GRASSROOTS_COMMITTEE", "GRASSROOTS_CELL"}
CELLS = {"GRASSROOTS_CELL", "SUBORDINATE_CELL"}


class Told:
    """The sample as a listener has it at the end."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, CloudEvent]] = list(events())
        self.events: list[Event] = [decode(event) for _, event in self.sent]
        self.tree = {it.organization: it for it in self.all(OrganizationFounded)}

    def all(self, kind, organization: str | None = None) -> list:
        """Return the events of one kind, about `organization` if one is named."""
        return [it for it in self.events if isinstance(it, kind) and organization in (None, it.organization)]

    def above(self, code: str) -> list[str]:
        """Return `code` and everything above it, nearest first."""
        parent = self.tree[code].parent
        return [code, *self.above(parent)] if parent else [code]

    def beneath(self, root: str, *kinds: str) -> list[OrganizationFounded]:
        """Return the organizations of `kinds` at or beneath `root`."""
        return [it for it in self.tree.values() if it.kind in kinds and root in self.above(it.organization)]

    def members(self, root: str) -> list[MemberAdmitted]:
        """Return who was admitted at or beneath `root`."""
        return [it for it in self.all(MemberAdmitted) if root in self.above(it.organization)]

    def meeting(self, code: str) -> MeetingHeld:
        """Return one meeting."""
        return next(it for it in self.all(MeetingHeld) if it.meeting == code)


@pytest.fixture(scope="module")
def told() -> Told:
    """Return the sample, read once for this file."""
    return Told()


# -- The reform of 2025


def test_the_reform_takes_all_that_is_beneath_the_district_under_communes_of_the_province(told):
    after = [decode(event) for _, event in reform()]
    communes = {it.organization for it in after if isinstance(it, OrganizationFounded)}
    taken = [it.organization for it in after if isinstance(it, OrganizationMoved) and it.parent in communes]
    merged = [it.organization for it in after if isinstance(it, OrganizationMerged)]

    directly = [it.organization for it in told.tree.values() if it.parent == "MUONG-KHUONG"]
    assert sorted(directly) == sorted(taken + merged)
    assert {"LAO-CAI"} == {it.parent for it in after if isinstance(it, OrganizationFounded)}


def test_the_reform_is_the_provinces_to_tell_and_ends_the_district_last(told):
    [(by, last)] = ending()

    assert {"LAO-CAI"} == {by, *(district for district, _ in reform())}
    assert OrganizationDissolved.type == last.type
    assert ("MUONG-KHUONG", date(2025, 7, 1)) == (last.subject, decode(last).effective_on)
    ids = [event.id for chapter in CHAPTERS for _, event in chapter()]
    assert len(ids) == len(set(ids))


# -- The movement


@pytest.fixture(scope="module")
def moved() -> list[Event]:
    """Return the chapter on the movement."""
    return [decode(event) for _, event in movement()]


def test_muong_khuong_launches_on_28_june_2024_and_all_its_committees_after_it(told, moved):
    first, *own = [it for it in moved if isinstance(it, MovementLaunched) and it.launched_on.year == 2024]
    committees = {it.organization for it in told.beneath("MUONG-KHUONG", "GRASSROOTS_COMMITTEE")}

    assert ("MUONG-KHUONG", date(2024, 6, 28), None) == (first.organization, first.launched_on, first.follows)
    assert committees == {it.organization for it in own}
    assert {("MUONG-KHUONG", first.document)} == {
        (it.follows.organization, it.follows.document) for it in own
    }


def test_eight_agreements_have_both_signatures(told, moved):
    sides = defaultdict(set)
    for signed in [it for it in moved if isinstance(it, EmulationAgreementSigned)]:
        sides[signed.agreement].add((signed.organization, signed.partner))
    partners = {partner for both in sides.values() for _, partner in both} - {"MUONG-KHUONG"}

    assert [2] * 8 == [len(both) for both in sides.values()]
    assert {"COMMUNE", "MILITARY", "POLICE", "SCHOOL", "AGENCY"} == {told.tree[it].sector for it in partners}


def test_the_provinces_programme_the_districts_plan_and_the_cells_own_follow_each_other(told, moved):
    province, district = [
        it for it in moved if isinstance(it, MovementLaunched) and it.launched_on.year == 2022
    ]
    [cell] = [it for it in moved if isinstance(it, CellRegistered)]
    [framework] = told.all(CriteriaFrameworkIssued, "THAN-UYEN")

    assert ("24-CTr/TU", date(2022, 10, 17)) == (province.document.number, province.document.date)
    assert (province.organization, province.document) == (
        district.follows.organization,
        district.follows.document,
    )
    assert framework.framework == district.document == cell.framework
    assert told.meeting(cell.meeting).resolution.number == "01-NQ/CB"


# -- The articles' figures


def test_than_uyen_has_59_grassroots_organizations_and_218_subordinate_cells(told):
    assert 59 == len(told.beneath("THAN-UYEN", *GRASSROOTS))
    assert 218 == len(told.beneath("THAN-UYEN", "SUBORDINATE_CELL"))


def test_than_uyen_has_3390_members_5_of_them_in_the_finance_cell(told):
    assert 3390 == len(told.members("THAN-UYEN"))
    assert 5 == len(told.members("TU-TAI-CHINH"))


def test_than_uyen_has_three_pilot_cells_of_different_kinds(told):
    pilots = [it.organization for it in told.all(ModelCellSelected) if it.role == "PILOT"]

    assert ["TU-KHOI-DAN", "TU-TAI-CHINH", "TU-PTDT-NOI-TRU"] == pilots
    assert {"MASS_ORGANIZATION", "AGENCY", "SCHOOL"} == {told.tree[it].sector for it in pilots}


def test_the_finance_cell_meets_on_the_28th_of_every_month_and_mostly_on_solutions(told):
    meetings = told.all(MeetingHeld, "TU-TAI-CHINH")

    assert [(month, 28) for month in range(1, 13)] == [(it.held_at.month, it.held_at.day) for it in meetings]
    assert 6 <= sum(it.discusses_solutions for it in meetings)


def test_the_finance_cell_achieves_every_criterion_of_the_yearly_framework(told):
    (submitted,) = told.all(SelfAssessmentSubmitted, "TU-TAI-CHINH")

    assert "2023" == submitted.period
    assert {True, Decimal(100), Decimal("66.67")} == {it.achieved or it.value for it in submitted.results}


def test_binh_thuan_has_239_committees_and_459_cells_at_the_grassroots(told):
    assert 239 == len(told.beneath("BINH-THUAN", "GRASSROOTS_COMMITTEE"))
    assert 459 == len(told.beneath("BINH-THUAN", "GRASSROOTS_CELL"))
    assert 698 == len(told.beneath("BINH-THUAN", *GRASSROOTS))


def test_the_16_sub_committees_and_2163_cells_lie_beneath_the_239(told):
    lower = told.beneath("BINH-THUAN", "SUB_COMMITTEE", "SUBORDINATE_CELL")

    assert {"SUB_COMMITTEE": 16, "SUBORDINATE_CELL": 2163} == Counter(it.kind for it in lower)
    assert all(
        "GRASSROOTS_COMMITTEE" in {told.tree[above].kind for above in told.above(it.organization)}
        for it in lower
    )


def test_binh_thuan_admits_2070_in_2024_against_a_target_of_1980(told):
    targets = {it.year: it.target for it in told.all(AdmissionTargetSet, "BINH-THUAN")}
    admitted = [it for it in told.members("BINH-THUAN") if it.ceremony_on.year == 2024]

    assert {"2024": 1980, "2025": 2000} == targets
    assert 2070 == len(admitted)
    assert {2024} == {it.decision.date.year for it in admitted}
    assert "104.55" == f"{100 * len(admitted) / targets['2024']:.2f}"


def test_the_political_school_of_37_members_was_excellent_in_2024(told):
    (decided,) = told.all(CellClassified, "BT-TRUONG-CHINH-TRI")

    assert 37 == len(told.members("BT-TRUONG-CHINH-TRI"))
    assert ("2024", "EXCELLENT", "BT-CO-QUAN") == (decided.period, decided.level, decided.decided_by)


def test_muong_khuong_has_3860_members_in_20_committees_and_22_cells(told):
    assert 20 == len(told.beneath("MUONG-KHUONG", "GRASSROOTS_COMMITTEE"))
    assert 22 == len(told.beneath("MUONG-KHUONG", "GRASSROOTS_CELL"))
    assert 3860 == len(told.members("MUONG-KHUONG"))


def test_a_committee_of_muong_khuong_selects_a_fifth_of_its_cells_at_least(told):
    selected = Counter(it.selected_by for it in told.all(ModelCellSelected) if it.role == "MODEL")
    cells = Counter(it.parent for it in told.beneath("MUONG-KHUONG", "SUBORDINATE_CELL"))

    assert cells.keys() == selected.keys()
    assert all(Fraction(selected[it], cells[it]) >= Fraction(1, 5) for it in cells)


def test_no_more_than_a_fifth_of_muong_khuong_is_excellent(told):
    levels = Counter(
        it.level for it in told.all(CellClassified) if it.decided_by == "MUONG-KHUONG" and it.period == "2024"
    )

    assert {"EXCELLENT": 8, "GOOD": 33, "COMPLETED": 1} == levels


def test_nine_of_ten_members_of_truong_dong_are_present_and_the_city_secretary_attends(told):
    meeting = told.meeting("TRUONG-DONG-2024-09")
    (visit,) = told.all(SupervisorAttended, "TRUONG-DONG")

    assert Fraction(9, 10) == Fraction(meeting.present, meeting.summoned.full)
    assert meeting.held_at.date() <= date(2024, 9, 7)
    assert ("TRUONG-DONG-2024-09", "TAM-KY") == (visit.meeting, visit.superior)


def test_bieu_nghis_cell_of_22_holds_a_thematic_meeting_in_november_2024(told):
    meeting = told.meeting("BIEU-NGHI-2024-11-CD")
    members = {it.member for it in told.members("BIEU-NGHI")}

    assert 22 == len(members)
    assert ("THEMATIC", 2024, 11) == (meeting.kind, meeting.held_at.year, meeting.held_at.month)
    assert "11-NQ/CB" == meeting.resolution.number
    assert 3 == len(meeting.tasks)
    assert {it.member for it in meeting.tasks} <= members


def test_quang_ninh_asks_monthly_by_guidance_05_of_19_may_2024(told):
    (framework,) = told.all(CriteriaFrameworkIssued, "QUANG-NINH")

    assert ("05-HD/BTCTU", date(2024, 5, 19)) == (framework.framework.number, framework.framework.date)
    assert ("MONTH", 4, 16) == (
        framework.period,
        len(framework.goods),
        sum(len(good.criteria) for good in framework.goods),
    )


def test_than_uyen_asks_yearly_by_plan_161_of_31_october_2022(told):
    (framework,) = told.all(CriteriaFrameworkIssued, "THAN-UYEN")

    assert ("161-KH/HU", date(2022, 10, 31)) == (framework.framework.number, framework.framework.date)
    assert {"YEAR"} == {framework.period} | {it.period for good in framework.goods for it in good.criteria}


def test_bieu_nghi_submits_every_month_from_june_and_binh_luc_ha_misses_august(told):
    months = {
        cell: {it.period for it in told.all(SelfAssessmentSubmitted, cell)}
        for cell in ("BIEU-NGHI", "BINH-LUC-HA")
    }

    assert {f"2024-{month:02}" for month in range(6, 13)} == months["BIEU-NGHI"]
    assert {"2024-08"} == months["BIEU-NGHI"] - months["BINH-LUC-HA"]


def test_what_bieu_nghi_answers_agrees_with_its_meetings(told):
    held = told.all(MeetingHeld, "BIEU-NGHI")
    for submitted in told.all(SelfAssessmentSubmitted, "BIEU-NGHI"):
        answers = {it.criterion: it.value for it in submitted.results}
        of_month = [it for it in held if it.held_at.strftime("%Y-%m") == submitted.period]
        to_date = [it for it in held if it.held_at.strftime("%Y-%m") <= submitted.period]

        assert _percent(sum(it.present for it in of_month), 22 * len(of_month)) == answers["attendance_pct"]
        assert sum(it.duration_min for it in of_month) == answers["duration_minutes"] * len(of_month)
        assert (
            _percent(sum(it.discusses_solutions for it in to_date), len(to_date))
            == answers["solution_meetings_pct"]
        )


def _percent(part: int, whole: int) -> Decimal:
    return round(Decimal(100 * part) / whole, 2)


# -- What makes it publishable


def test_it_is_as_large_as_its_readme_says(told):
    readme = (FOLDER.parent / "README.md").read_text("utf-8")

    assert f"{len(told.sent):,} of them" in readme


def test_every_event_is_published_by_the_district_it_lies_under(told):
    assert set(DISTRICTS) == {district for district, _ in told.sent}
    assert all(
        district == next(code for code in told.above(event.data["organization"]) if code in DISTRICTS)
        for district, event in told.sent
    )


def test_every_event_can_be_named_in_ascii_and_no_two_share_a_name(told):
    names = [f"{event.source} {event.id}" for _, event in told.sent]

    assert len(names) == len(set(names))
    assert "".join(names).isascii()


def test_it_is_the_same_every_time(told):
    assert told.sent == list(events())


def test_every_code_is_given_once(told):
    assert len(told.tree) == len(told.all(OrganizationFounded))
    assert len({it.name for it in told.beneath("THAN-UYEN", *GRASSROOTS, *CELLS)}) == 59 + 218
    assert len({it.member for it in told.all(MemberAdmitted)}) == len(told.all(MemberAdmitted))


def test_nothing_is_spoken_of_before_it_was_published(told):
    known: dict[str, set[str]] = defaultdict(set)
    for event in told.events:
        match event:
            case OrganizationFounded():
                assert event.parent is None or event.parent in known["organization"]
                known["organization"].add(event.organization)
            case MemberAdmitted():
                known["member"].add(event.member)
            case CriteriaFrameworkIssued():
                known["framework"].add(event.framework.number)
            case MeetingHeld():
                known["meeting"].add(event.meeting)
                assert {it.member for it in event.tasks} <= known["member"]
            case SupervisorAttended():
                assert event.superior in known["organization"]
                assert event.meeting in known["meeting"]
            case SelfAssessmentSubmitted():
                assert event.framework.number in known["framework"]
            case CellClassified():
                assert event.decided_by in known["organization"]
        assert event.organization in known["organization"]


def test_nothing_happens_before_its_organization_was_founded(told):
    assert all(told.tree[it.organization].occurred_at <= it.occurred_at for it in told.events)
    assert all(
        told.tree[it.organization].founded_on <= it.decision.date < it.ceremony_on
        for it in told.all(MemberAdmitted)
    )


def test_members_are_in_cells_or_in_committees_of_the_grassroots(told):
    assert GRASSROOTS | CELLS == {told.tree[it.organization].kind for it in told.all(MemberAdmitted)}


def test_a_grassroots_cell_stays_under_thirty_members(told):
    counts = Counter(it.organization for it in told.members("THAN-UYEN") + told.members("MUONG-KHUONG"))
    cells = told.beneath("THAN-UYEN", "GRASSROOTS_CELL") + told.beneath("MUONG-KHUONG", "GRASSROOTS_CELL")

    assert all(3 <= counts[it.organization] < 30 for it in cells)


def test_the_numbers_of_a_meeting_add_up(told):
    assert all(
        it.summoned.full + it.summoned.probationary == it.present + it.excused + it.unexcused
        for it in told.all(MeetingHeld)
    )


def test_whoever_is_summoned_was_admitted_before(told):
    for meeting in told.all(MeetingHeld):
        standings = Counter(
            it.standing
            for it in told.all(MemberAdmitted, meeting.organization)
            if it.ceremony_on <= meeting.held_at.date()
        )
        assert (meeting.summoned.full, meeting.summoned.probationary) == (
            standings["FULL"],
            standings["PROBATIONARY"],
        )


def test_answers_are_to_criteria_of_the_framework_and_to_none_of_another_period(told):
    asked = {
        it.framework.number: {c.criterion: c.period for good in it.goods for c in good.criteria}
        for it in told.all(CriteriaFrameworkIssued)
    }
    for submitted in told.all(SelfAssessmentSubmitted):
        criteria = asked[submitted.framework.number]
        yearly = {name for name, period in criteria.items() if period == "YEAR"}
        answered = {it.criterion for it in submitted.results}

        assert answered <= criteria.keys()
        assert len(submitted.period) == 4 or not answered & yearly


def test_every_organization_is_classified_by_one_above_it(told):
    assert all(
        it.decided_by in told.above(told.tree[it.organization].parent) for it in told.all(CellClassified)
    )


def test_what_an_article_does_not_say_is_labelled():
    for seed in seeds():
        assert seed.founded_on_note.startswith("illustrative")
        rows = [*seed.numbered, *seed.members, *seed.self_assessments, *seed.classes, *seed.meetings]
        rows += [*seed.launch, *seed.agreement, *seed.registration]
        assert all(row.illustrative for row in rows)


def test_no_person_is_named(told):
    admissions = told.all(MemberAdmitted)

    assert {"organization", "member", "decision", "ceremony_on", "standing"} == set(
        admissions[0].model_dump()
    )

"""What is recorded of what a cell owes: only what differs, and the last counts."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from services.assessment.domain import Obligations, Organization, Period
from services.assessment.domain.obligation import Duty, OnProbation, Recorded, judge
from services.assessment.domain.obligations import AlreadyExcused, Excuse, NotOfThatMonth
from services.assessment.domain.organization import InTheFuture, NotACell, NotASuperior
from tests.assessment.duties import (
    CELL as OWING,
)
from tests.assessment.duties import (
    ENDED,
    MEETING,
    PINNED,
    RULES,
    begun,
    by_decision,
    day,
    excused,
    met,
    met_in_time,
    missed,
    opened,
)
from tests.assessment.examples import CELL, COMMITTEE, DISTRICT, OF_NOVEMBER
from tests.spec import NOW, fact, spec, stamped

given = spec(Obligations)
AT_OPENING = datetime(2024, 11, 1, 1, tzinfo=UTC)
FLOOD = Excuse(Duty.MEETING, "2024-11", "31-QĐ/HU", date(2024, 11, 7), "the road was cut off")


def november(*meetings, today="2024-12-31", **recorded):
    return judge(RULES, OWING, Period("2024-11"), Recorded(meetings, **recorded), day(today))


def test_what_is_owed_is_opened_once():
    owed = november(today="2024-11-01")

    given(begun).when(Obligations.settle, owed, RULES, at=AT_OPENING).then(opened)
    given(begun, opened).when(Obligations.settle, owed, RULES).then()


def test_what_was_done_ends_once():
    owed = november(met("2024-11-28"))

    given(begun, opened).when(Obligations.settle, owed, RULES).then(met_in_time)
    given(begun, opened, met_in_time).when(Obligations.settle, owed, RULES).then()


def test_what_is_judged_late_opens_and_ends_at_once():
    late = fact(
        Obligations.Opened, **OF_NOVEMBER, opened_on="2024-12-31", rules=PINNED, obligations=[MEETING]
    )

    given(begun).when(Obligations.settle, november(), RULES).then(late, missed)


def test_late_news_judges_anew_and_the_last_counts():
    owed = november(met("2024-11-28"))

    given(begun, opened, missed).when(Obligations.settle, owed, RULES).then(met_in_time)


def test_minutes_corrected_to_another_month_take_back_what_was_met():
    given(begun, opened, met_in_time).when(Obligations.settle, november(), RULES).then(missed)


def test_what_may_still_be_done_is_open_again():
    again = fact(
        Obligations.Opened, **OF_NOVEMBER, opened_on="2024-12-31", rules=PINNED, obligations=[MEETING]
    )
    still = november(today="2024-12-01")

    given(begun, opened, missed).when(Obligations.settle, still, RULES).then(again)


def test_another_last_day_opens_it_anew():
    before = fact(
        Obligations.Opened,
        **OF_NOVEMBER,
        opened_on="2024-11-01",
        rules=PINNED,
        obligations=[MEETING | {"due_on": "2024-11-20"}],
    )
    now = fact(Obligations.Opened, **OF_NOVEMBER, opened_on="2024-12-31", rules=PINNED, obligations=[MEETING])

    given(begun, before, missed).when(Obligations.settle, november(), RULES).then(now, missed)


def test_what_is_no_longer_asked_is_owed_no_more():
    dropped = fact(
        Obligations.Ended,
        **ENDED | {"outcome": "EXCUSED", "done_on": None, "rests_on": [], "because": "NOT_ASKED"},
    )

    given(begun, opened).when(Obligations.settle, [], RULES).then(dropped)
    given(begun, opened, missed).when(Obligations.settle, [], RULES).then(dropped)
    given(begun, opened, dropped).when(Obligations.settle, [], RULES).then()
    given(begun, opened, met_in_time).when(Obligations.settle, [], RULES).then()


def test_an_excuse_that_whoever_judged_did_not_know_of_counts():
    given(begun, opened, excused, by_decision).when(Obligations.settle, november(), RULES).then()
    given(begun, opened, excused, by_decision).when(
        Obligations.settle, november(met("2024-11-28")), RULES
    ).then(met_in_time)


@pytest.mark.parametrize("history", [[opened], [opened, missed]])
def test_a_superior_excuses_a_cell_before_or_after_it_was_missed(history):
    given(begun, *history).when(Obligations.excuse, FLOOD, CELL, DISTRICT).then(excused, by_decision)


def test_what_was_done_in_time_stays_so():
    given(begun, opened, met_in_time).when(Obligations.excuse, FLOOD, CELL, DISTRICT).then(excused)


def test_a_cell_is_excused_before_anything_is_opened():
    owed = november()

    given(begun).when(Obligations.excuse, FLOOD, CELL, DISTRICT).then(excused)
    given(begun, excused).when(Obligations.settle, owed, RULES).then(
        fact(Obligations.Opened, **OF_NOVEMBER, opened_on="2024-12-31", rules=PINNED, obligations=[MEETING]),
        by_decision,
    )


@pytest.mark.parametrize(
    ("superior", "refusal"),
    [
        (CELL, NotASuperior),
        (Organization("TAM-KY", "DISTRICT_COMMITTEE", date(1990, 1, 1), ("TAM-KY",)), NotASuperior),
    ],
)
def test_only_a_committee_above_excuses(superior, refusal):
    given(begun, opened).when(Obligations.excuse, FLOOD, CELL, superior).refused(refusal)


def test_only_cells_owe():
    given(begun, opened).when(Obligations.excuse, FLOOD, COMMITTEE, DISTRICT).refused(NotACell)


def test_a_decision_to_come_excuses_nothing():
    later = Excuse(Duty.MEETING, "2024-11", "1-QĐ/HU", date(2025, 1, 1), "a storm")

    given(begun, opened).when(Obligations.excuse, later, CELL, DISTRICT).refused(InTheFuture)


def test_a_cell_is_excused_once():
    again = Excuse(Duty.MEETING, "2024-11", "32-QĐ/HU", date(2024, 11, 8), "once more")

    given(begun, opened, excused, by_decision).when(Obligations.excuse, again, CELL, DISTRICT).refused(
        AlreadyExcused
    )


@pytest.mark.parametrize(
    ("duty", "subject", "month"),
    [
        (Duty.MEETING, "2024-12", "2024-11"),
        (Duty.THEMATIC_MEETING, "2024-Q4", "2024-11"),
        (Duty.THEMATIC_MEETING, "2024-Q3", "2024-12"),
        (Duty.SELF_ASSESSMENT, "2024", "2024-11"),
        (Duty.SELF_ASSESSMENT, "2023", "2024-12"),
    ],
)
def test_what_is_of_another_month_is_excused_there(duty, subject, month):
    with pytest.raises(NotOfThatMonth):
        Excuse(duty, subject, "1", day("2024-11-07"), "a storm").require_of(Period(month))


@pytest.mark.parametrize(
    ("duty", "subject", "month"),
    [
        (Duty.MEETING, "2024-11", "2024-11"),
        (Duty.THEMATIC_MEETING, "2024-Q4", "2024-12"),
        (Duty.SELF_ASSESSMENT, "2024", "2024-12"),
        (Duty.SELF_ASSESSMENT, "2024-12", "2024-12"),
        (Duty.VISIT, "TK-M-1", "2024-12"),
        (Duty.ACKNOWLEDGEMENT, "ROAD", "2024-11"),
    ],
)
def test_what_is_of_the_month_may_be_excused(duty, subject, month):
    Excuse(duty, subject, "1", day("2024-11-07"), "a storm").require_of(Period(month))


def test_of_a_member_who_restricts_the_use_of_their_data_nothing_more_is_recorded():
    person = OnProbation("TU-M-7", day("2024-10-01"), day("2024-11-12"), None)
    owed = [one for one in november(probations=[person]) if one.duty == Duty.RECOGNITION]
    theirs = fact(
        Obligations.Opened,
        **OF_NOVEMBER,
        opened_on="2024-11-01",
        rules=PINNED,
        obligations=[
            {
                "duty": "RECOGNITION",
                "subject": "TU-M-7",
                "owed_by": "TU-FINANCE",
                "opens_on": "2024-10-01",
                "due_on": "2024-11-12",
            }
        ],
    )
    hidden = frozenset({"TU-M-7"})

    given(begun).when(Obligations.settle, owed, RULES, hidden=hidden).then()
    given(begun, theirs).when(Obligations.settle, owed, RULES, hidden=hidden).then()
    given(begun, theirs).when(Obligations.settle, [], RULES, hidden=hidden).then()


def test_any_order_of_meeting_excuse_and_judgement_ends_the_same():
    """The day stated decides, not when it was told."""

    def met_on_the_28th(held, one):
        held.append(met("2024-11-28"))

    def excuse(held, one):
        one.excuse(FLOOD, CELL, DISTRICT, at=NOW)

    def judging(held, one):
        one.settle(november(*held), RULES, at=NOW)

    ends = set()
    for order in permutations([met_on_the_28th, excuse, judging, judging]):
        one, held = stamped(begun, Obligations).mutate(None), []
        for step in (*order, judging):
            step(held, one)
        ends.add(one.stands["MEETING", "2024-11"].outcome)

    assert {"MET"} == ends

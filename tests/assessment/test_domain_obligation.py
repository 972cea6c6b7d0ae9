"""What a cell owes and what became of it, each duty as a story, with other numbers."""

from dataclasses import replace
from datetime import date

import pytest

from services.assessment.domain.obligation import Binding, Followed, OnProbation, Owing, Raised
from tests.assessment.duties import CELL, MONTHLY, RULES, day, judged, met, outcome

QUARTER = ("THEMATIC_MEETING", "2024-Q4")
OCTOBER_ON = [met("2024-10-28"), met("2024-11-28"), met("2024-12-27")]


# -- One rule for every outcome


@pytest.mark.parametrize(
    ("held", "today", "became"),
    [
        ([], "2024-11-01", (None, None, None)),
        ([], "2024-11-30", (None, None, None)),
        ([], "2024-12-05", (None, None, None)),
        ([], "2024-12-06", ("MISSED", None, None)),
        (["2024-11-28"], "2024-11-28", ("MET", "2024-11-28", None)),
        (["2024-11-28"], "2026-01-01", ("MET", "2024-11-28", None)),
        (["2024-11-01"], "2024-12-06", ("MET", "2024-11-01", None)),
        (["2024-11-30"], "2024-12-06", ("MET", "2024-11-30", None)),
        (["2024-10-31"], "2024-12-06", ("MISSED", None, None)),
        (["2024-12-01"], "2024-12-06", ("MISSED", None, None)),
    ],
)
def test_a_cell_meets_in_the_month_itself_and_a_meeting_of_another_month_is_none(held, today, became):
    assert became == outcome("2024-11", today, meetings=[met(on) for on in held])


@pytest.mark.parametrize(
    ("grace", "today", "became"), [(0, "2024-12-01", "MISSED"), (10, "2024-12-10", None)]
)
def test_how_many_days_pass_before_something_is_missed_the_rules_say(grace, today, became):
    assert became == outcome("2024-11", today, rules=replace(RULES, grace_days=grace))[0]


@pytest.mark.parametrize(
    ("asked", "held", "became"),
    [
        (2, ["2024-11-03"], "MISSED"),
        (2, ["2024-11-03", "2024-11-28"], "MET"),
        (3, ["2024-11-03"] * 2, "MISSED"),
    ],
)
def test_as_many_meetings_are_owed_as_the_rules_ask(asked, held, became):
    rules = replace(RULES, meetings_per_month_min=asked)
    meetings = [met(on) for on in held]

    assert became == outcome("2024-11", "2025-01-01", rules=rules, meetings=meetings)[0]


def test_it_rests_on_the_first_meetings_that_are_as_many_as_asked():
    meetings = [met("2024-11-03"), met("2024-11-20"), met("2024-11-28")]
    rules = replace(RULES, meetings_per_month_min=2)

    one = judged("2024-11", "2024-12-31", rules=rules, meetings=meetings)["MEETING", "2024-11"]

    assert (("TU-FINANCE-2024-11-03", "TU-FINANCE-2024-11-20"), date(2024, 11, 20)) == (
        one.rests_on,
        one.done_on,
    )


def test_rules_that_ask_for_none_leave_nothing_owed():
    rules = replace(RULES, meetings_per_month_min=0, thematic_per_quarter_min=0)

    assert {} == judged("2024-12", "2024-12-31", rules=rules)


@pytest.mark.parametrize(("kind", "became"), [("THEMATIC", "MET"), ("EXTRAORDINARY", "MISSED")])
def test_a_thematic_meeting_is_the_months_and_one_for_an_urgent_matter_is_not(kind, became):
    assert became == outcome("2024-11", "2024-12-31", meetings=[met("2024-11-28", kind)])[0]


# -- Since when, and until when


@pytest.mark.parametrize(
    ("founded", "owes"),
    [("2024-10-31", True), ("2024-11-01", True), ("2024-11-02", False), ("2024-12-01", False)],
)
def test_a_cell_owes_from_its_first_whole_month_on(founded, owes):
    cell = replace(CELL, founded_on=day(founded))

    assert owes == bool(judged("2024-11", "2024-12-31", cell=cell))


def test_of_a_month_to_come_nothing_is_owed_yet():
    assert {} == judged("2024-12", "2024-11-30")


@pytest.mark.parametrize(
    ("ended", "held", "became"),
    [
        ("2024-11-20", [], ("EXCUSED", None, "ORGANIZATION_ENDED")),
        ("2024-11-30", [], ("EXCUSED", None, "ORGANIZATION_ENDED")),
        ("2024-12-01", [], ("MISSED", None, None)),
        ("2024-11-20", ["2024-11-03"], ("MET", "2024-11-03", None)),
    ],
)
def test_what_ended_before_the_day_owes_nothing_any_more(ended, held, became):
    cell = replace(CELL, ended_on=day(ended))

    assert became == outcome("2024-11", "2024-12-31", cell=cell, meetings=[met(on) for on in held])


def test_of_a_month_after_its_end_a_cell_owes_nothing():
    assert {} == judged("2024-11", "2024-12-31", cell=replace(CELL, ended_on=day("2024-11-01")))


@pytest.mark.parametrize(
    ("submitted", "became"),
    [
        ("2024-12-05", ("MET", "2024-12-05", None)),
        ("2024-12-06", ("EXCUSED", "2024-12-06", "DECISION")),
        (None, ("EXCUSED", None, "DECISION")),
    ],
)
def test_what_a_decision_excuses_is_owed_no_more_unless_it_was_done_in_time(submitted, became):
    told = {"2024-11": day(submitted)} if submitted else {}
    recorded = {"frameworks": [MONTHLY], "submitted": told, "excused": {("SELF_ASSESSMENT", "2024-11")}}

    assert became == outcome("2024-11", "2025-01-31", "SELF_ASSESSMENT", **recorded)


# -- Thematic meetings


@pytest.mark.parametrize(
    ("month", "subject", "opens", "due"),
    [
        ("2024-03", "2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-06", "2024-Q2", "2024-04-01", "2024-06-30"),
        ("2024-09", "2024-Q3", "2024-07-01", "2024-09-30"),
        ("2024-12", "2024-Q4", "2024-10-01", "2024-12-31"),
    ],
)
def test_a_thematic_meeting_is_owed_in_each_quarter_and_belongs_to_its_last_month(month, subject, opens, due):
    one = judged(month, "2024-12-31")["THEMATIC_MEETING", subject]

    assert (opens, due) == (str(one.opens_on), str(one.due_on))


@pytest.mark.parametrize("month", ["2024-10", "2024-11"])
def test_a_quarters_other_months_owe_none(month):
    assert {("MEETING", month)} == judged(month, "2024-12-31").keys()


@pytest.mark.parametrize(
    ("on", "became"), [("2024-10-02", "MET"), ("2024-12-31", "MET"), ("2024-09-30", "MISSED")]
)
def test_any_day_of_the_quarter_will_do(on, became):
    held = [met(on, "THEMATIC")]

    assert became == outcome("2024-12", "2025-01-06", *QUARTER, meetings=held)[0]


def test_regular_meetings_are_no_thematic_ones():
    assert "MISSED" == outcome("2024-12", "2025-01-06", *QUARTER, meetings=OCTOBER_ON)[0]


# -- Self-assessments


def to_adopt(period, adopted, issuer="LAI-CHAU"):
    days = {code: day(on) for code, on in adopted.items()}
    return Binding(issuer, period, day("2024-06-01"), adopted=days)


@pytest.mark.parametrize(
    ("framework", "month", "asked"),
    [
        (MONTHLY, "2024-11", {"2024-11"}),
        (MONTHLY, "2024-05", set()),
        (MONTHLY, "2024-06", {"2024-06"}),
        (Binding("TAM-KY", "MONTH", day("2024-06-01")), "2024-11", set()),
        (Binding("TU-FINANCE", "MONTH", day("2024-11-30")), "2024-11", {"2024-11"}),
        (Binding("LAI-CHAU", "QUARTER", day("2024-06-01")), "2024-11", set()),
        (Binding("LAI-CHAU", "QUARTER", day("2024-06-01")), "2024-12", {"2024-12"}),
        (Binding("LAI-CHAU", "YEAR", day("2024-06-01")), "2024-11", set()),
        (Binding("LAI-CHAU", "YEAR", day("2024-06-01")), "2024-12", {"2024"}),
        (Binding("LAI-CHAU", "MONTH", day("2024-06-01"), until=day("2024-11-30")), "2024-11", set()),
        (Binding("LAI-CHAU", "MONTH", day("2024-06-01"), until=day("2024-12-01")), "2024-11", {"2024-11"}),
        (Binding("LAI-CHAU", "MONTH", day("2024-06-01"), kinds=["SCHOOL"]), "2024-11", set()),
        (to_adopt("MONTH", {}), "2024-11", set()),
        (to_adopt("MONTH", {"THAN-UYEN": "2024-06-01", "TU-SCHOOL": "2024-06-01"}), "2024-11", set()),
        (to_adopt("MONTH", {"TU-FINANCE": "2024-12-01"}), "2024-11", set()),
        (to_adopt("MONTH", {"TU-FINANCE": "2024-11-30"}), "2024-11", {"2024-11"}),
        (to_adopt("MONTH", {"TU-FINANCE": "2024-01-01"}), "2024-05", set()),
        (to_adopt("MONTH", {}, issuer="TU-FINANCE"), "2024-11", {"2024-11"}),
        (to_adopt("QUARTER", {"TU-FINANCE": "2024-12-31"}), "2024-12", {"2024-12"}),
        (to_adopt("YEAR", {"TU-FINANCE": "2024-12-31"}), "2024-12", {"2024"}),
        (to_adopt("YEAR", {"TU-FINANCE": "2025-01-01"}), "2024-12", set()),
    ],
)
def test_a_self_assessment_is_owed_where_a_framework_asks_for_one(framework, month, asked):
    owed = judged(month, "2025-01-31", frameworks=[framework])

    assert asked == {subject for duty, subject in owed if duty == "SELF_ASSESSMENT"}


@pytest.mark.parametrize(
    ("submitted", "today", "became"),
    [
        ("2024-11-30", "2024-12-01", "MET"),
        ("2024-12-05", "2024-12-31", "MET"),
        ("2024-12-06", "2024-12-31", "LATE"),
        ("2025-03-01", "2025-03-02", "LATE"),
        (None, "2024-12-10", None),
        (None, "2024-12-11", "MISSED"),
    ],
)
def test_it_is_due_on_the_day_the_pack_on_submissions_says(submitted, today, became):
    told = {"2024-11": day(submitted)} if submitted else {}

    assert became == outcome("2024-11", today, "SELF_ASSESSMENT", frameworks=[MONTHLY], submitted=told)[0]


# -- Visits, acknowledgements, recognitions

VISITS = [(date(2024, 3, 5), "M-1"), (date(2024, 9, 5), "M-2"), (date(2024, 10, 5), "M-3")]


@pytest.mark.parametrize(
    ("minimum", "visits", "became"),
    [(2, 0, "MISSED"), (2, 1, "MISSED"), (2, 2, "MET"), (2, 3, "MET"), (6, 3, "MISSED"), (3, 3, "MET")],
)
def test_the_years_visits_are_owed_by_whoever_follows_the_cell_until_the_end_of_december(
    minimum, visits, became
):
    follows = Followed("2024", "TK-M-1", "THAN-UYEN", day("2024-01-15"), minimum, VISITS[:visits])

    one = judged("2024-12", "2025-01-31", followed=[follows])["VISIT", "TK-M-1"]

    assert (became, "THAN-UYEN", "2024-01-15") == (one.outcome, one.owed_by, str(one.opens_on))
    assert one.rests_on == tuple(meeting for _, meeting in VISITS[: min(visits, minimum)])


def test_visits_belong_to_december_and_are_not_owed_where_none_are_asked():
    follows = Followed("2024", "TK-M-1", "THAN-UYEN", day("2024-01-15"), 2, ())

    assert ("VISIT", "TK-M-1") not in judged("2024-11", "2025-01-31", followed=[follows])
    assert ("VISIT", "TK-M-1") not in judged("2024-12", "2025-01-31", followed=[replace(follows, minimum=0)])


@pytest.mark.parametrize(
    ("acknowledged", "became"),
    [("2024-12-12", "MET"), ("2024-12-13", "LATE"), (None, "MISSED")],
)
def test_a_concern_is_acknowledged_by_its_day_by_whoever_has_it(acknowledged, became):
    done = day(acknowledged) if acknowledged else None
    concern = Raised("ROAD", "THAN-UYEN", day("2024-11-28"), day("2024-12-12"), done)

    one = judged("2024-12", "2024-12-31", concerns=[concern])["ACKNOWLEDGEMENT", "ROAD"]

    assert (became, "THAN-UYEN") == (one.outcome, one.owed_by)
    assert ("ACKNOWLEDGEMENT", "ROAD") not in judged("2024-11", "2024-12-31", concerns=[concern])


@pytest.mark.parametrize(
    ("recognized", "became"), [("2024-12-01", "MET"), ("2024-12-20", "LATE"), (None, "MISSED")]
)
def test_a_member_is_recognized_by_the_day_that_follows_from_probation(recognized, became):
    done = day(recognized) if recognized else None
    person = OnProbation("TU-M-7", day("2024-11-05"), day("2024-12-17"), done)

    one = judged("2024-12", "2024-12-31", probations=[person])["RECOGNITION", "TU-M-7"]

    assert (became, "2024-11-05", "2024-12-17") == (one.outcome, str(one.opens_on), str(one.due_on))


def test_the_order_in_which_a_years_news_comes_changes_nothing():
    """Judged each day anew, from nothing but what was recorded: no state is carried along."""
    cell = Owing("TU-FINANCE", date(1995, 3, 1), ("THAN-UYEN", "TU-FINANCE"))
    held = [met(f"2024-{month:02}-28") for month in range(1, 13)]
    late = [
        [one.outcome for one in judged("2024-12", "2025-01-31", cell=cell, meetings=held[:n]).values()]
        for n in (11, 12)
    ]

    assert [["MISSED", "MISSED"], ["MET", "MISSED"]] == late

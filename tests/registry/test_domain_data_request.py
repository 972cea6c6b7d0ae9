"""What persons ask about their data: the clocks, and who may do what when."""

from datetime import date

import pytest

from services.registry.application import request_clocks
from services.registry.domain.data_request import (
    AnsweredAlready,
    BeforeReceived,
    DataRequest,
    NotErasedYet,
    NotExtendable,
    RequestKind,
    RequestSettled,
)
from services.registry.domain.words import DateInFuture, Decision
from tests.spec import fact, spec, taken

given = spec(DataRequest)
CLOCKS = request_clocks()

ASKED = {
    "member": "M-0042",
    "kind": RequestKind.RESTRICTION,
    "received_on": date(2024, 12, 6),
    "clocks": CLOCKS,
}
received = fact(
    DataRequest.Received,
    code="DR-0001",
    member="M-0042",
    kind="RESTRICTION",
    received_on="2024-12-06",
    answer_due_on="2024-12-10",
    done_due_on="2024-12-21",
    rule="356/2025/NĐ-CP 2025-12-31",
    calendar="45/2019/QH14 2019-11-20 2027-2",
)
answered = fact(DataRequest.Answered, answered_on="2024-12-09")
extended = fact(DataRequest.Extended, extended_on="2024-12-20", done_due_on="2025-01-05")
completed = fact(DataRequest.Completed, completed_on="2024-12-20")
declined = fact(
    DataRequest.Declined, declined_on="2024-12-20", ground_number="24-QĐ/TW", ground_dated="2021-07-30"
)
GROUND = Decision("24-QĐ/TW", date(2021, 7, 30))
erasure = taken(DataRequest.receive, "DR-0002", **ASKED | {"kind": RequestKind.ERASURE})


def test_a_request_of_a_friday_is_answered_by_tuesday():
    given().when(DataRequest.receive, "DR-0001", **ASKED).then(received)


@pytest.mark.parametrize(
    ("kind", "done_due_on"),
    [
        (RequestKind.ACCESS, "2024-12-16"),
        (RequestKind.CORRECTION, "2024-12-16"),
        (RequestKind.ERASURE, "2024-12-26"),
        (RequestKind.RESTRICTION, "2024-12-21"),
    ],
)
def test_each_kind_has_its_days(kind, done_due_on):
    request = given(taken(DataRequest.receive, "DR-1", **ASKED | {"kind": kind})).aggregate()

    assert done_due_on == request.done_due_on


def test_a_request_is_not_received_tomorrow():
    given().when(DataRequest.receive, "DR-0001", **ASKED | {"received_on": date(2025, 1, 1)}).refused(
        DateInFuture
    )


def test_an_answer_stops_the_first_clock():
    given(received).when(DataRequest.answer, answered_on=date(2024, 12, 9)).then(answered)


def test_a_request_is_answered_once():
    given(received, answered).when(DataRequest.answer, answered_on=date(2024, 12, 10)).refused(
        AnsweredAlready, "2024-12-09"
    )


def test_nothing_is_answered_before_it_is_asked():
    given(received).when(DataRequest.answer, answered_on=date(2024, 12, 5)).refused(BeforeReceived)


def test_nothing_is_answered_tomorrow():
    given(received).when(DataRequest.answer, answered_on=date(2025, 1, 1)).refused(DateInFuture)


def test_a_restriction_may_take_fifteen_days_longer():
    given(received).when(DataRequest.extend, days=15, extended_on=date(2024, 12, 20), clocks=CLOCKS).then(
        extended
    )


def test_it_may_not_take_sixteen():
    given(received).when(DataRequest.extend, days=16, extended_on=date(2024, 12, 20), clocks=CLOCKS).refused(
        NotExtendable, "15 days longer at most"
    )


def test_it_may_be_extended_once():
    given(received, extended).when(
        DataRequest.extend, days=1, extended_on=date(2024, 12, 21), clocks=CLOCKS
    ).refused(NotExtendable, "extended before")


def test_other_kinds_may_not_be_extended():
    given(erasure).when(DataRequest.extend, days=1, extended_on=date(2024, 12, 20), clocks=CLOCKS).refused(
        NotExtendable
    )


def test_what_is_done_is_answered_too():
    done = given(received, completed).aggregate()

    assert ("2024-12-20", "2024-12-20") == (done.completed_on, done.answered_on)


def test_an_earlier_answer_stays_the_answer():
    assert "2024-12-09" == given(received, answered, completed).aggregate().answered_on


def test_a_request_is_done():
    given(received).when(DataRequest.complete, completed_on=date(2024, 12, 20), erased=False).then(completed)


def test_an_erasure_is_not_done_while_the_person_is_known():
    given(erasure).when(DataRequest.complete, completed_on=date(2024, 12, 20), erased=False).refused(
        NotErasedYet, "M-0042"
    )


def test_an_erasure_is_done_once_the_person_is_erased():
    given(erasure).when(DataRequest.complete, completed_on=date(2024, 12, 20), erased=True).then(completed)


def test_a_request_is_declined_by_a_document():
    given(received).when(DataRequest.decline, declined_on=date(2024, 12, 20), ground=GROUND).then(declined)


def test_a_declined_request_was_answered():
    assert "2024-12-20" == given(received, declined).aggregate().answered_on


@pytest.mark.parametrize("settled", [completed, declined])
@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (DataRequest.answer, {"answered_on": date(2024, 12, 21)}),
        (DataRequest.extend, {"days": 1, "extended_on": date(2024, 12, 21), "clocks": CLOCKS}),
        (DataRequest.complete, {"completed_on": date(2024, 12, 21), "erased": True}),
        (DataRequest.decline, {"declined_on": date(2024, 12, 21), "ground": GROUND}),
    ],
)
def test_a_settled_request_is_over(settled, verb, said):
    given(received, settled).when(verb, **said).refused(RequestSettled, "2024-12-20")


# -- Working days


def test_the_rule_and_the_calendar_name_their_documents():
    assert ("356/2025/NĐ-CP 2025-12-31", 2) == (CLOCKS.document.name, CLOCKS.answer_working_days)
    assert "45/2019/QH14 2019-11-20 2027-2" == CLOCKS.working_days.name

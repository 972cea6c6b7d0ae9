"""No fact is forgotten: each is stored faithfully, and each is published or kept private."""

from dataclasses import replace

import pytest
from eventsourcing.utils import get_topic

from contracts.catalogue import CATALOGUE, published_by
from services.assessment.domain import (
    Adoption,
    Agreement,
    Concern,
    CriteriaFramework,
    Meeting,
    ModelCell,
    Movement,
    Obligations,
    Registration,
    Replication,
    SelfAssessment,
    SubmissionLock,
    Supervision,
    VisitPlan,
)
from services.assessment.domain.watch import Watch
from services.assessment.publication import publish
from tests.assessment.concerns import FACTS
from tests.assessment.duties import begun, excused, met_in_time, opened, watching
from tests.assessment.examples import (
    MEETINGS,
    MINUTES,
    accepted,
    adopted,
    attended,
    called_off,
    corrected,
    framework,
    held,
    issued,
    lock,
    minuted,
    put_off,
    renewed,
    reopened,
    restated,
    resubmitted,
    returned,
    rewritten,
    scheduled,
    scored,
    selected,
    submitted,
    task_done,
)
from tests.assessment.movement import countersigned, launched, launched_below, registered, replicated, signed
from tests.assessment.supervision import assigned, confirmed, ended, noted, planned, reported, settled
from tests.spec import fact, facts_of, stamped, stored_and_read

EXAMPLES = [
    (CriteriaFramework, issued),
    (Adoption, adopted),
    (Adoption, renewed),
    (ModelCell, selected),
    (Meeting, held),
    (Meeting, attended),
    (Meeting, scheduled),
    (Meeting, put_off),
    (Meeting, called_off),
    (Meeting, minuted),
    (Meeting, rewritten),
    (Meeting, task_done),
    (Meeting, scored),
    (SelfAssessment, submitted),
    (SelfAssessment, corrected),
    (Movement, launched),
    (Agreement, signed),
    (Agreement, countersigned),
    (Registration, registered),
    (Replication, replicated),
    *((Concern, became) for became in FACTS),
    (Supervision, assigned),
    (Supervision, ended),
    (VisitPlan, planned),
    (Meeting, confirmed),
    (Meeting, noted),
    (Meeting, settled),
    (Meeting, reported),
    (SelfAssessment, returned),
    (SelfAssessment, resubmitted),
    (SelfAssessment, accepted),
    (SelfAssessment, restated),
    (SubmissionLock, lock),
    (SubmissionLock, reopened),
    (Obligations, begun),
    (Obligations, opened),
    (Obligations, met_in_time),
    (Obligations, excused),
    (Watch, watching),
]
TOPICS = [
    "assessment.CriteriaFramework.Issued",
    "assessment.Adoption.Adopted",
    "assessment.Adoption.Renewed",
    "assessment.ModelCell.Selected",
    "assessment.Meeting.Held",
    "assessment.Meeting.Attended",
    "assessment.Meeting.Scheduled",
    "assessment.Meeting.Announced",
    "assessment.Meeting.Cancelled",
    "assessment.Meeting.Minuted",
    "assessment.Meeting.MinutesCorrected",
    "assessment.Meeting.TaskReported",
    "assessment.Meeting.Scored",
    "assessment.SelfAssessment.Submitted",
    "assessment.SelfAssessment.Corrected",
    "assessment.Movement.Launched",
    "assessment.Agreement.Signed",
    "assessment.Agreement.Countersigned",
    "assessment.Registration.Registered",
    "assessment.Replication.Replicated",
    "assessment.Concern.Raised",
    "assessment.Concern.Acknowledged",
    "assessment.Concern.Answered",
    "assessment.Concern.Escalated",
    "assessment.Concern.Heard",
    "assessment.Concern.Assigned",
    "assessment.Concern.Resolved",
    "assessment.Concern.ConfirmedToCell",
    "assessment.Concern.Reopened",
    "assessment.Supervision.Assigned",
    "assessment.Supervision.Ended",
    "assessment.VisitPlan.Planned",
    "assessment.Meeting.VisitConfirmed",
    "assessment.Meeting.MismatchNoted",
    "assessment.Meeting.MismatchSettled",
    "assessment.Meeting.VisitReported",
    "assessment.SelfAssessment.Returned",
    "assessment.SelfAssessment.Resubmitted",
    "assessment.SelfAssessment.Accepted",
    "assessment.SelfAssessment.Restated",
    "assessment.SubmissionLock.Begun",
    "assessment.SubmissionLock.Reopened",
    "assessment.Obligations.Begun",
    "assessment.Obligations.Opened",
    "assessment.Obligations.Ended",
    "assessment.Obligations.Excused",
    "assessment.Watch.Begun",
]
every_fact = pytest.mark.parametrize(
    ("aggregate", "fact"), EXAMPLES, ids=lambda value: getattr(value, "kind", value).__name__
)


@pytest.mark.parametrize("aggregate", list(dict(EXAMPLES)))
def test_every_fact_has_an_example(aggregate):
    assert facts_of(aggregate) == {example.kind for kind, example in EXAMPLES if kind is aggregate}


def test_every_fact_keeps_its_name_for_ever():
    assert TOPICS == [get_topic(example.kind) for _, example in EXAMPLES]


@every_fact
def test_every_fact_comes_back_from_the_store_as_it_went_in(aggregate, fact):
    event = stamped(fact, aggregate)

    assert event == stored_and_read(event)


@every_fact
def test_every_fact_is_published_or_kept_private_by_choice(aggregate, fact):
    publish(stamped(fact, aggregate))  # raises LookupError if nobody has chosen


def test_a_fact_nobody_has_chosen_about_is_not_let_through():
    with pytest.raises(LookupError):
        publish(object())


def test_every_event_of_assessment_comes_from_a_fact():
    told = [publish(stamped(fact, aggregate)) for aggregate, fact in EXAMPLES]
    told.append(publish(stamped(issued_anew, CriteriaFramework)))

    assert {event.type for event in published_by("assessment")} == {event.type for event in told if event}


@every_fact
def test_what_is_published_can_be_read_back(aggregate, fact):
    event = publish(stamped(fact, aggregate))

    assert event is None or event == CATALOGUE[event.type].model_validate_json(event.model_dump_json())


@pytest.mark.parametrize(
    ("aggregate", "fact"), [(SubmissionLock, lock), (Obligations, begun), (Watch, watching)]
)
def test_that_something_was_touched_is_nobodys_concern(aggregate, fact):
    assert publish(stamped(fact, aggregate)) is None


def test_a_version_recorded_before_periods_were_locked_is_read_and_published_without():
    older = {name: submitted.fields[name] for name in submitted.fields.keys() - {"rules", "admitted_by"}}
    event = stamped(fact(SelfAssessment.Submitted, **older), SelfAssessment)

    assert event == stored_and_read(event)
    assert publish(event).admitted_by is None


def test_an_exception_is_published_with_its_decision():
    event = publish(stamped(reopened, SubmissionLock)).model_dump(mode="json")

    assert {"number": "31-QĐ/HU", "date": "2025-04-07"} == event["decision"]


def test_a_framework_is_published_with_all_that_it_asks():
    event = publish(stamped(issued, CriteriaFramework)).model_dump(mode="json")

    assert {"number": "05-HD/BTCTU", "date": "2024-05-19"} == event["framework"]
    assert {"op": "gt", "value": "85"} == event["goods"][0]["criteria"][0]["test"]
    assert "QUARTER" == event["goods"][0]["criteria"][2]["period"]


issued_anew = fact(CriteriaFramework.Issued, **issued.fields | {"period": "QUARTER"})


@pytest.mark.parametrize(
    "changed",
    [
        {"period": "QUARTER"},
        {"kinds": ["SCHOOL"]},
        {"requires_adoption": True},
        {"amends": {"number": "05-HD/HU", "dated": "2023-05-19"}},
        {"based_on": [{"number": "21-NQ/TW", "dated": "2022-06-16"}]},
        {"goods": [replace(MEETINGS, criteria=(replace(MEETINGS.criteria[0], mandatory=False),)).stored()]},
        {"goods": [replace(MEETINGS, criteria=(replace(MEETINGS.criteria[0], kinds=("SCHOOL",)),)).stored()]},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_framework_is_published_in_the_second_version_where_the_first_cannot_say_it(changed):
    event = publish(stamped(fact(CriteriaFramework.Issued, **issued.fields | changed), CriteriaFramework))

    assert "assessment.CriteriaFrameworkIssued.v2" == event.type
    assert event == CATALOGUE[event.type].model_validate_json(event.model_dump_json())


def test_a_framework_recorded_before_there_was_a_second_version_is_read_and_published_in_the_first():
    newer = {"bands", "kinds", "amends", "requires_adoption", "based_on", "mandatory", "points_max"}

    def without(part):
        return {name: value for name, value in part.items() if name not in newer}

    goods = [
        good | {"criteria": [without(one) for one in good["criteria"]]} for good in issued.fields["goods"]
    ]
    older = without(issued.fields) | {"goods": goods}
    read = stored_and_read(stamped(fact(CriteriaFramework.Issued, **older), CriteriaFramework))

    assert "assessment.CriteriaFrameworkIssued.v1" == publish(read).type
    assert framework().asks == read.mutate(None).asks
    assert not read.mutate(None).requires_adoption


def test_an_adoption_is_published_with_its_framework_and_its_plan():
    event = publish(stamped(adopted, Adoption)).model_dump(mode="json")

    assert {"number": "05-HD/BTCTU", "date": "2024-05-19"} == event["framework"]
    assert {"number": "03-KH/CB", "date": "2024-06-01"} == event["plan"]
    assert ("THAN-UYEN", "pupils_helped") == (
        event["issuer"],
        event["goods"][0]["criteria"][0]["criterion"],
    )


def test_a_meeting_is_published_with_whom_it_was_called_for():
    event = publish(stamped(held, Meeting)).model_dump(mode="json")

    assert {"full": 18, "probationary": 2} == event["summoned"]
    assert [{"member": "TU-M-0001", "what": "close the books", "due_on": "2024-12-15"}] == event["tasks"]


NEWER = ("absences", "votes", "topics", "supervisors", "chaired_by")


def test_minutes_recorded_before_they_named_anybody_are_read_and_published_without():
    older = {name: value for name, value in MINUTES.items() if name not in NEWER}
    event = stamped(fact(Meeting.Held, meeting="M-1", organization="TU-FINANCE", **older), Meeting)
    for name in NEWER:
        del vars(event)[name]

    read = stored_and_read(event)

    assert (18, (), None) == (publish(read).present, publish(read).absences, publish(read).chaired_by)
    assert [] == read.mutate(None).sheets


def test_a_self_assessment_is_published_as_judged():
    event = publish(stamped(submitted, SelfAssessment)).model_dump(mode="json")

    attendance = {"criterion": "attendance_pct", "achieved": True, "value": "90", "note": None}
    assert attendance | {"measured_from": None} == event["results"][0]
    assert {"good": "CADRES_MEMBERS", "achieved": None} == event["goods"][1]
    assert event["four_good"]


def test_a_correction_is_published_with_its_reason():
    event = publish(stamped(corrected, SelfAssessment))

    assert "one member was counted twice" == event.reason


def test_a_stored_framework_judges_as_it_did_when_it_was_issued():
    [fact] = framework().collect_events()

    assert framework().asks == stored_and_read(fact).mutate(None).asks


def test_a_launch_is_published_with_the_launch_it_follows():
    event = publish(stamped(launched_below, Movement)).model_dump(mode="json")

    above = {"organization": "THAN-UYEN", "document": {"number": "268-KH/HU", "date": "2024-06-20"}}
    assert above == event["follows"]
    assert {"number": "45-KH/ĐU", "date": "2024-06-28"} == event["document"]


def test_the_second_signature_is_published_as_the_one_that_completes():
    first, second = [publish(stamped(one, Agreement)) for one in (signed, countersigned)]

    assert (False, True) == (first.complete, second.complete)


def test_a_registration_is_published_with_its_resolution_and_framework():
    event = publish(stamped(registered, Registration)).model_dump(mode="json")

    assert {"number": "05-HD/BTCTU", "date": "2024-05-19"} == event["framework"]
    assert {"number": "11-NQ/CB", "title": "Year-end accounts"} == event["resolution"]

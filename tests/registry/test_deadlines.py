"""Deadlines, each as a story: what comes near or is missed is noted once, by whom it has to be done."""

import asyncio
from datetime import date, datetime

import pytest

from contracts.days import PROVINCE_TIME
from contracts.registry_findings import DeadlineNoted
from services.chassis.probation import DEADLINES
from services.registry.application import (
    AdmitMember,
    AnswerDataRequest,
    CompleteDataRequest,
    FoundOrganization,
    MergeOrganization,
    ReceiveDataRequest,
    RecognizeMember,
    ReleaseMember,
    TransferMember,
    request_clocks,
)
from services.registry.application.deadline import deadline_rules
from services.registry.domain.deadline import Deadline, Due, Duty
from services.registry.publication import publish
from tests.logs import log_of
from tests.registry.test_application import CELL, DISTRICT, PROVINCE
from tests.spec import fact, spec

pytestmark = pytest.mark.anyio

NOTED = {
    "organization": "TU-C-001",
    "duty": "RECOGNITION",
    "state": "MISSED",
    "due_on": "2025-04-25",
    "noted_on": "2025-04-26",
    "member": "M-0042",
    "rules": "deadlines 1",
}
deadline_noted = fact(Deadline.Noted, **NOTED)
OTHER = CELL | {"organization": "TU-C-002", "name": "Chi bộ Thuế"}


# -- The rules


def test_the_deadlines_and_their_sources_are_data():
    rules = deadline_rules(request_clocks().working_days)

    assert ("deadlines 1", 30, 30) == (
        rules.name,
        rules.ceremony_working_days,
        rules.recognition_working_days,
    )
    assert "294-QĐ/TW (2025-05-26), art. 4.2" in DEADLINES.read_text()


@pytest.mark.parametrize(
    ("ends", "by"),
    [("2025-03-15", "2025-04-26"), ("2026-01-16", "2026-03-06"), ("2026-04-01", "2026-05-18")],
)
def test_recognition_is_due_within_thirty_working_days_after_probation(ends, by):
    rules = deadline_rules(request_clocks().working_days)

    assert date.fromisoformat(by) == rules.recognition_by(date.fromisoformat(ends))


def test_a_deadline_is_noted_with_its_rules():
    due = Due(Duty.RECOGNITION, "M-0042", "TU-C-001", date(2025, 4, 25), missed=True, member="M-0042")

    spec(Deadline)().when(Deadline.note, due, noted_on=date(2025, 4, 26), rules="deadlines 1").then(
        deadline_noted
    )


# -- On a real log


class Days:
    """Noon of a day in the province, until another is set."""

    def __init__(self, day: str) -> None:
        self.set(day)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: str) -> None:
        self.now = datetime.fromisoformat(day).replace(hour=12, tzinfo=PROVINCE_TIME)


@pytest.fixture
def days():
    return Days("2024-12-25")


@pytest.fixture
async def store(database, days):
    async with log_of("registry", database, clock=days) as store:
        yield store


@pytest.fixture
async def cells(registry, asked):
    for organization in (PROVINCE, DISTRICT, CELL, OTHER):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    await registry.deadlines.prepare()


@pytest.fixture
def admit(registry, asked, cells):
    async def admitting(decided, ceremony, code="M-0042"):
        decision = {"number": "31-QĐ/HU", "date": decided}
        stated = {"member": code, "organization": "TU-C-001", "standing": "PROBATIONARY"}
        command = AdmitMember(**stated, decision=decision, ceremony_on=ceremony)
        await registry.members.admit(command, asked)

    return admitting


@pytest.fixture
def noted(registry, store, days):
    """Return what sweeps on a day, and says what is noted by then: (duty, state, whose, by when)."""

    async def on(day):
        days.set(day)
        await registry.deadlines.sweep()
        facts = [recorded.fact for recorded in await store.read(0, 1_000)]
        told = [publish(one) for one in facts if isinstance(one, Deadline.Noted)]
        return [(one.duty, one.state, one.organization, f"{one.due_on}") for one in told]

    return on


def recognition(decided):
    decision = {"number": "7-QĐ/ĐU", "date": decided}
    return RecognizeMember(member="M-0042", organization="TU-C-001", decision=decision)


async def test_a_recognition_that_nobody_recorded_is_missed_after_thirty_working_days(admit, noted):
    await admit("2024-03-01", "2024-03-15")

    assert [] == await noted("2025-04-26")
    missed = [("RECOGNITION", "MISSED", "TU-C-001", "2025-04-26")]
    assert missed == await noted("2025-04-27")
    assert missed == await noted("2025-04-28")


async def test_a_recognition_recorded_in_time_is_not_missed(registry, asked, admit, noted, days):
    await admit("2024-03-01", "2024-03-15")
    days.set("2025-04-20")
    await registry.memberships.recognize(recognition("2025-04-20"), asked)

    assert [] == await noted("2025-04-28")


async def test_what_was_missed_long_ago_is_history(admit, noted):
    await admit("2010-03-01", "2010-03-15")

    assert [] == await noted("2025-04-28")


async def test_a_ceremony_later_than_thirty_working_days_is_told(admit, noted):
    await admit("2024-10-01", "2024-12-20")
    await admit("2024-11-10", "2024-12-20", code="M-0043")

    assert [("CEREMONY", "MISSED", "TU-C-001", "2024-11-12")] == await noted("2024-12-25")


@pytest.fixture
async def released(registry, asked, admit):
    await admit("2023-11-04", "2023-11-20")
    terms = {"member": "M-0042", "decision": {"number": "7-QĐ/ĐU", "date": "2024-12-01"}}
    release = terms | {"organization": "TU-C-001", "to": "TU-C-002", "kind": "OFFICIAL"}
    await registry.memberships.release(ReleaseMember(**release, released_on="2024-12-03"), asked)
    return terms


NEAR = ("RELEASE", "NEAR", "TU-C-002", "2025-01-02")


async def test_a_release_is_near_for_the_cell_that_accepts_and_lapses_for_the_one_that_let_go(
    released, noted
):
    recognition_missed = ("RECOGNITION", "MISSED", "TU-C-001", "2025-01-02")

    assert [] == await noted("2024-12-25")
    assert [NEAR] == await noted("2024-12-26")
    assert [NEAR] == await noted("2025-01-01")
    lapsed = ("RELEASE", "MISSED", "TU-C-001", "2025-01-02")
    assert [NEAR, recognition_missed, lapsed] == await noted("2025-01-03")


async def test_a_release_that_was_accepted_is_over(registry, asked, released, noted, days):
    days.set("2024-12-28")
    arrival = released | {"organization": "TU-C-002", "transferred_on": "2024-12-28"}
    await registry.memberships.transfer(TransferMember(**arrival), asked)

    assert [] == await noted("2024-12-29")


async def test_a_duty_of_what_merged_is_its_heirs(registry, asked, admit, noted, days):
    await admit("2024-03-01", "2024-03-15")
    days.set("2025-04-01")
    merger = {"organization": "TU-C-001", "into": "TU-C-002", "effective_on": "2025-04-01"}
    await registry.organizations.merge(MergeOrganization(**merger), asked)

    assert [("RECOGNITION", "MISSED", "TU-C-002", "2025-04-26")] == await noted("2025-04-27")


@pytest.fixture
async def request_of_lan(registry, asked, admit):
    await admit("2024-11-04", "2024-11-20")
    request = {"request": "DR-0001", "kind": "RESTRICTION", "received_on": "2024-12-25"}
    await registry.data_requests.receive("M-0042", ReceiveDataRequest(**request), asked)


async def test_a_data_request_is_told_to_the_committee_and_names_nobody(request_of_lan, noted, store):
    answer = ("DATA_REQUEST_ANSWER", "NEAR", "THAN-UYEN", "2024-12-27")
    assert [answer] == await noted("2024-12-25")
    missed = ("DATA_REQUEST_ANSWER", "MISSED", "THAN-UYEN", "2024-12-27")
    assert [answer, missed] == await noted("2024-12-28")
    assert ("DATA_REQUEST", "NEAR", "THAN-UYEN", "2025-01-09") in await noted("2025-01-02")
    assert ("DATA_REQUEST", "MISSED", "THAN-UYEN", "2025-01-09") in await noted("2025-01-10")

    noted_facts = [r.fact for r in await store.read(0, 100) if isinstance(r.fact, Deadline.Noted)]
    for one in noted_facts:
        public = publish(one)
        assert isinstance(public, DeadlineNoted)
        assert "M-0042" not in public.model_dump_json()
        assert not {"M-0042", "DR-0001"} & {one.originator_id, public.member}


async def test_who_had_the_use_of_their_data_restricted_is_not_named(
    registry, asked, request_of_lan, noted, days, store
):
    await registry.data_requests.complete("DR-0001", CompleteDataRequest(completed_on="2024-12-25"), asked)

    assert [("RECOGNITION", "MISSED", "TU-C-001", "2026-01-02")] == await noted("2026-01-05")
    [fact] = [r.fact for r in await store.read(0, 100) if isinstance(r.fact, Deadline.Noted)]
    assert fact.member is None


async def test_a_request_answered_and_done_has_no_deadline(registry, asked, request_of_lan, noted):
    await registry.data_requests.answer("DR-0001", AnswerDataRequest(answered_on="2024-12-25"), asked)
    assert [] == await noted("2024-12-28")
    await registry.data_requests.complete("DR-0001", CompleteDataRequest(completed_on="2024-12-28"), asked)
    assert [] == await noted("2025-01-10")


async def test_two_processes_that_sweep_at_once_note_it_once(registry, admit, noted, days):
    await admit("2024-03-01", "2024-03-15")
    days.set("2025-04-27")

    assert 1 == sum(await asyncio.gather(registry.deadlines.sweep(), registry.deadlines.sweep()))
    assert 1 == len(await noted("2025-04-27"))

"""What others say of a member is found by an index, and nobody who says something is left out."""

from dataclasses import fields

import pytest

from services.registry.application import AppointOfficial, ReceiveDataRequest, RecognizeMember
from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.ballot import Ballot
from services.registry.domain.data_request import DataRequest
from services.registry.domain.deadline import Deadline
from services.registry.domain.member import Member
from services.registry.domain.official import Officials
from services.registry.domain.organization import Organization
from services.registry.domain.shortage import Shortage
from services.registry.domain.target import Target
from services.registry.persons.named import NAMING
from tests.registry.test_memberships_application import HERE, lan  # noqa: F401 - a fixture
from tests.spec import facts_of

pytestmark = pytest.mark.anyio
OTHERS = (Organization, Ballot, Officials, DataRequest, AdmissionTarget, Target, Shortage, Deadline)


def test_every_fact_of_others_with_a_member_is_looked_at():
    named = {
        kind.TOPIC
        for aggregate in OTHERS
        for kind in facts_of(aggregate)
        if "member" in {one.name for one in fields(kind)}
    }

    assert "(" + ", ".join(f"'{topic}'" for topic in sorted(named)) + ")" == NAMING
    assert not any("member" == one.name for kind in facts_of(Member) for one in fields(kind))


async def test_what_others_say_of_a_member_is_found(registry, persons, asked, lan, store):  # noqa: F811
    decision = HERE["decision"]
    await registry.memberships.recognize(RecognizeMember(**HERE), asked)
    begins = {"organization": "TU-C-001", "member": "M-0042", "position": "SECRETARY"}
    await registry.officials.appoint(
        AppointOfficial(**begins, from_on="2024-12-02", decision=decision), asked
    )
    request = ReceiveDataRequest(request="DR-1", kind="ACCESS", received_on="2024-12-27")
    await registry.data_requests.receive("M-0042", request, asked)

    found = await store.gather([], await persons.named.elsewhere("M-0042"), 100)

    assert [Officials.Appointed, DataRequest.Received] == [type(one.fact) for one in found]
    assert [] == await persons.named.elsewhere("M-004")


async def test_the_log_is_not_looked_through(persons, store):
    async with store.pool.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.execute(
            f"EXPLAIN SELECT notification_id FROM registry_events WHERE topic IN {NAMING}"
            " AND registry_member_in(state) = 'M-0042'"
        )
        assert "registry_naming" in str(await plan.fetchall())

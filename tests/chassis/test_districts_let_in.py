"""A registry in a process of its own lets a district in, and who is in stays in while it is away."""

import pytest

from tests.offices import connected

pytestmark = pytest.mark.anyio


async def test_a_district_that_is_in_stays_in_while_the_registry_is_away(registry, nats):
    operator = {"Authorization": f"Bearer {nats.keys.token('operator')}"}
    answer = await registry.http.post("/registry/v1/districts/LAO-CAI/credentials", json={}, headers=operator)
    assert 201 == answer.status_code, answer.text

    async with connected(nats, answer.json()) as office:
        js = office.client.jetstream()
        assert "INTAKE" == (await js.publish("intake.LAO-CAI.MeetingHeld", b"{}")).stream
        code, _ = await registry.stopped()

        assert 0 == code
        assert "INTAKE" == (await js.publish("intake.LAO-CAI.MeetingHeld", b"{}")).stream
        assert not office.cut.is_set()

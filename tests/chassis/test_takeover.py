"""Two processes of one service: one relay carries; when its process is killed, the other's takes over."""

from time import monotonic

from deploy.embedded.process import free_port
from tests.chassis.conftest import connected
from tests.chassis.running import PROVINCE, started
from tests.chassis.story import until

TAKEN_OVER_WITHIN_S = 5.0


async def carries(registry, keys):
    """Return whether its relay is the one that carries."""
    operator = {"Authorization": f"Bearer {keys.token('operator')}"}
    return (await registry.http.get("/registry/v1/status", headers=operator)).json()["relay"]["active"]


async def founds(registry, code):
    answer = await registry.http.post("/registry/v1/organizations", json=PROVINCE | {"organization": code})
    assert 201 == answer.status_code


async def test_a_second_process_takes_over_within_five_seconds_of_a_kill(
    nats, environment, registry, tmp_path
):
    other = environment | {"PORT": str(free_port())}
    async with started(nats, other, tmp_path / "second.log") as second, connected(nats) as broker:
        js = broker.connection.jetstream()
        await until(second.ready, within_s=30)
        await founds(second, "LAI-CHAU")
        await until(lambda: holds(js, 1))
        assert (True, False) == (await carries(registry, nats.keys), await carries(second, nats.keys))

        registry.process.kill()
        killed_at = monotonic()
        await founds(second, "QUANG-NAM")
        await until(lambda: holds(js, 2))
        assert monotonic() - killed_at < TAKEN_OVER_WITHIN_S
        assert await carries(second, nats.keys)


async def holds(js, count):
    return count == (await js.stream_info("REGISTRY")).state.messages

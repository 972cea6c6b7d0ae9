"""A service's process: it waits for what is away, ends when a part of it fails, and stops in order."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, closing

import httpx
import psycopg
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.embedded.process import LOOPBACK, free_port
from services.chassis.streams.bus import declare
from tests.chassis.conftest import connected
from tests.chassis.running import PROVINCE, ROOT, events, started
from tests.chassis.story import founded, until
from tests.patience import PATIENCE_S

# -- Refusing to start


def refusal(environment):
    """Return the exit code and everything that a registry says before it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "services.registry"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_process_without_its_settings_says_so_in_one_line():
    code, said = refusal({"NATS_URL": "nats://127.0.0.1:1"})

    assert (2, 1) == (code, len(said.splitlines()))
    assert said.startswith("registry: cannot start: DATABASE_URL: field required")


def test_a_process_whose_port_is_taken_says_so_in_one_line(environment):
    with closing(socket.create_server((LOOPBACK, int(environment["PORT"])))):
        code, said = refusal(environment)

    assert (2, 1) == (code, len(said.splitlines()))
    assert f"registry: cannot listen on 127.0.0.1:{environment['PORT']}" in said
    assert "PORT" in said


# -- Waiting


@asynccontextmanager
async def door(port, database_url):
    """Let connections to `port` through to a database while the body runs."""
    place = conninfo_to_dict(database_url)

    async def pump(reader, writer):
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def let_through(reader, writer):
        inner, outer = await asyncio.open_connection(place["host"], int(place["port"]))
        await asyncio.gather(pump(reader, outer), pump(inner, writer))

    server = await asyncio.start_server(let_through, LOOPBACK, port)
    try:
        yield
    finally:
        server.close()


async def test_a_process_waits_for_its_database_alive_but_not_ready(nats, environment, tmp_path):
    port, real = free_port(), environment["DATABASE_URL"]
    behind = environment | {"DATABASE_URL": make_conninfo(real, port=port)}
    async with started(nats, behind, tmp_path / "log") as registry:
        assert {"postgresql": "not reachable"} == await until(registry.waiting_for)
        assert 200 == await registry.status("/livez")
        assert 503 == await registry.status("/readyz")
        async with door(port, real):
            await until(registry.ready)
            registry.stop()
            assert 0 == await registry.ended()


async def test_a_process_whose_database_takes_the_connection_and_is_silent_is_alive(
    nats, environment, tmp_path
):
    with closing(socket.create_server((LOOPBACK, 0))) as silent:
        behind = make_conninfo(environment["DATABASE_URL"], port=silent.getsockname()[1])
        async with started(nats, environment | {"DATABASE_URL": behind}, tmp_path / "log") as registry:
            assert {"postgresql": "not reachable"} == await until(registry.waiting_for)
            registry.stop()
            assert 0 == await registry.ended()


async def test_a_process_that_waits_can_be_stopped(nats, environment, tmp_path):
    nowhere = environment | {"NATS_URL": f"nats://registry:pw@{LOOPBACK}:{free_port()}"}
    async with started(nats, nowhere, tmp_path / "log") as registry:
        assert {"nats": "not reachable"} == await until(
            lambda: waits_for(registry, "nats"),
        )
        registry.stop()
        assert 0 == await registry.ended()


async def waits_for(registry, what):
    waiting = await registry.waiting_for()
    return waiting if what in waiting else None


async def test_a_process_is_ready_again_when_its_bus_is_back(nats, registry):
    nats.kill()
    await until(lambda: waits_for(registry, "nats"))
    assert 200 == await registry.status("/livez")
    answer = await registry.http.post("/registry/v1/organizations", json=PROVINCE)
    assert 201 == answer.status_code
    nats.start()
    await until(registry.ready)

    shown = await registry.http.get(
        "/registry/v1/organizations/LAI-CHAU", params={"after": f"registry:{answer.json()['position']}"}
    )
    assert (200, ["LAI-CHAU"]) == (shown.status_code, shown.json()["path"])


# -- Ending


async def test_a_request_underway_is_answered_before_the_process_ends(registry, database, tmp_path):
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute("LOCK TABLE registry_events IN EXCLUSIVE MODE")
        asked = asyncio.create_task(registry.http.post("/registry/v1/organizations", json=PROVINCE))
        await until(lambda: someone_waits(other))
        registry.stop()
        await until(lambda: refuses_new(registry))
        assert registry.process.poll() is None
        await other.rollback()
        answer = await asked

    assert (201, 1) == (answer.status_code, answer.json()["position"])
    assert 0 == await registry.ended()
    assert "stopped" == events(tmp_path / "registry.log")[-1]


async def someone_waits(connection):
    cursor = await connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    [(waiting,)] = await cursor.fetchall()
    return waiting


async def refuses_new(registry):
    async with httpx.AsyncClient(base_url=registry.http.base_url) as stranger:
        try:
            await stranger.get("/livez")
        except httpx.TransportError:
            return True
    return False


async def test_a_part_that_fails_ends_the_process(nats, environment, tmp_path):
    """The stream knows more than the log: the relay refuses, and a person must decide."""
    async with connected(nats) as broker:
        js = broker.connection.jetstream()
        await declare(js, StreamConfig(name="REGISTRY", subjects=["events.registry.>"]))
        ahead = founded("A9", sequence=99, previous=0)
        await js.publish(f"events.{ahead.type}.A9", ahead.model_dump_json().encode())
    async with started(nats, environment, tmp_path / "log") as registry:
        assert 1 == await registry.ended()

    assert "ended" == events(tmp_path / "log")[-1]
    assert "StreamAhead" in (tmp_path / "log").read_text()


async def test_a_part_that_fails_ends_the_process_even_if_another_will_not_end(nats, environment, tmp_path):
    """Found under chaos: a pool's worker lost its cancellation, and the registry answered 503 for ever."""
    async with started(nats, environment, tmp_path / "log", "tests.chassis.stubborn") as registry:
        assert 1 == await registry.ended()

    assert "a part has failed" in (tmp_path / "log").read_text()


async def test_a_consumer_that_was_lost_is_made_again_while_the_service_runs(nats, registry):
    async with connected(nats) as broker:
        js = broker.connection.jetstream()
        await js.delete_consumer("REGISTRY", "registry")
        await until(lambda: there(js))
    assert await registry.ready()


async def there(js):
    try:
        return await js.consumer_info("REGISTRY", "registry")
    except NotFoundError:
        return None

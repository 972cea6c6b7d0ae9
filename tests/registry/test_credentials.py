"""Districts at NATS's door: real server, real database, the registry's answers. What ends is cut off."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import anyio
import nats
import pytest

from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import free_port
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.inbox import Inbox
from services.chassis.eventlog.store import Origin
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry.api import credential
from services.registry.domain.credentials import Credentials
from tests.edges import AUTH, bearer, edge_of
from tests.logs import log_of, prepared
from tests.offices import at_the_door, callout_on, connected
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.anyio
OPERATOR = bearer("operator")
WHY = Origin("operator", "test", "test")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("credentials")
    server = NatsServer(
        folder / "nats", free_port(), keys=Keys(folder / "keys"), districts=[], log=folder / "nats.log"
    )
    server.start()
    yield server
    server.kill()  # a stop would wait for the answer about who came while nobody gave one


@pytest.fixture
async def store(database):
    async with log_of("registry", database, clock=lambda: datetime.now(UTC)) as store:
        yield store


@pytest.fixture
async def callout(store, server):
    """What answers at the door, and the stream districts publish to."""
    async with callout_on(server, store) as callout:
        yield callout


@pytest.fixture
async def answering(callout):
    async with at_the_door(callout):
        yield callout


@pytest.fixture
async def api(answering, store):
    rights = Rights(await prepared(Tree(store.pool)), await prepared(Officials(store.pool)))
    async with edge_of("registry", credential.routes(answering, rights, AUTH), Inbox(store.pool)) as client:
        client.headers.update(OPERATOR)
        yield client


async def opens(server, file):
    """Return whether a credential lets in now."""
    try:
        async with connected(server, file, allow_reconnect=False):
            return True
    except nats.errors.Error:
        return False


async def told(api, path, body, status=201):
    answer = await api.post(path, json=body)
    assert status == answer.status_code, answer.text
    return answer.json() if answer.content else None


async def add(api, code="THAN-UYEN"):
    return await told(api, f"/districts/{code}/credentials", {})


async def happens(event):
    with anyio.fail_after(PATIENCE_S):
        await event.wait()


async def test_what_is_issued_opens_at_once_and_says_how_to_connect(api, server):
    file = await add(api)

    async with connected(server, file) as office:
        published = await office.client.jetstream().publish("intake.THAN-UYEN.MeetingHeld", b"{}")

    assert "INTAKE" == published.stream
    assert ("THAN-UYEN", "THAN-UYEN_1", "_INBOX_THAN-UYEN", 1, None) == tuple(
        file[name] for name in ("district", "user", "inbox_prefix", "key", "expires")
    )
    assert file["password"] != file["signing_key"]


@pytest.mark.parametrize(
    "subject", ["intake.TAM-KY.X", "receipts.THAN-UYEN.X", "events.X", "$SYS.REQ.SERVER.X.KICK"]
)
async def test_a_stolen_credential_publishes_nothing_of_another_district(api, server, subject):
    async with connected(server, await add(api)) as thief:
        assert await thief.is_refused(thief.client.publish(subject, b"{}"))


@pytest.mark.parametrize("subject", ["receipts.TAM-KY.>", "_INBOX_TAM-KY.>", ">", "$SYS.REQ.USER.AUTH"])
async def test_a_stolen_credential_hears_nothing_of_another_district(api, server, subject):
    async with connected(server, await add(api)) as thief:
        assert await thief.is_refused(thief.client.subscribe(subject))


async def test_a_password_opens_for_its_own_credential_only(api, server):
    theirs, ours = await add(api, "TAM-KY"), await add(api)

    assert not await opens(server, theirs | {"password": ours["password"]})
    assert not await opens(server, ours | {"user": "THAN-UYEN_2"})
    assert not await opens(server, ours | {"user": "registry"})


async def test_a_revoked_credential_is_cut_off_and_stays_out(api, server):
    file = await add(api)
    async with connected(server, file) as office:
        await told(api, "/districts/THAN-UYEN/credentials/revocation", {}, 204)

        await happens(office.cut)
        await happens(office.refused)
    assert not await opens(server, file)


async def test_who_is_revoked_alone_takes_nobody_along(api, server):
    old = await add(api)
    new = await told(api, "/districts/THAN-UYEN/credentials/rotation", {"overlap_h": 1})
    async with connected(server, old) as lost, connected(server, new) as kept:
        await told(api, "/districts/THAN-UYEN/credentials/revocation", {"number": 1}, 204)
        await happens(lost.cut)

        await kept.client.flush()
        assert not kept.cut.is_set()


async def test_an_expired_credential_is_cut_off_by_the_server(api, server, store, callout):
    at = store.clock()
    credentials = Credentials.begin("THAN-UYEN", at=at)
    credentials.issue(ends_at=at + timedelta(seconds=2), at=at)
    await store.record(credentials, origin=WHY)
    file = {
        "user": "THAN-UYEN_1",
        "password": callout.credentials.secrets.password("THAN-UYEN", 1),
        "inbox_prefix": "_INBOX_THAN-UYEN",
    }

    async with connected(server, file) as office:
        await happens(office.cut)
    assert not await opens(server, file)


async def test_rotation_loses_nothing_under_load(api, server, answering):
    js = answering._broker.connection.jetstream()
    before = (await js.stream_info("INTAKE")).state.messages
    old, sent, moved = await add(api), [], asyncio.Event()

    async def publish_on(office, until):
        while not until.is_set():
            await office.client.jetstream().publish("intake.THAN-UYEN.X", b"{}")
            sent.append(office)

    async with connected(server, old) as first:
        first_works = asyncio.create_task(publish_on(first, moved))
        new = await told(api, "/districts/THAN-UYEN/credentials/rotation", {"overlap_h": 1})
        async with connected(server, new) as second:
            moved.set()
            await first_works
            done = asyncio.Event()
            second_works = asyncio.create_task(publish_on(second, done))
            await told(api, "/districts/THAN-UYEN/credentials/revocation", {"number": 1}, 204)
            await happens(first.cut)
            done.set()
            await second_works
            assert not second.cut.is_set()

    assert {first, second} == set(sent)
    assert len(sent) == (await js.stream_info("INTAKE")).state.messages - before


async def test_every_use_is_recorded_with_its_place_and_shown(api, server):
    file = await add(api)
    assert await opens(server, file)
    assert not await opens(server, file | {"password": "p0"})
    assert not await opens(server, file | {"password": "p0"})

    uses = (await api.get("/districts/THAN-UYEN/credentials/uses")).json()["uses"]
    [shown] = (await api.get("/credentials")).json()["credentials"]

    assert "accepted" == uses[-1]["outcome"]
    assert 2 == sum(use["times"] for use in uses if use["outcome"] == "wrong password")
    assert (1, "127.0.0.1", True) == (shown["used"]["number"], shown["used"]["place"], shown["opens"])
    assert "python3" in shown["used"]["client"]
    assert file["password"] not in json.dumps([uses, shown])


async def test_while_no_registry_answers_nobody_is_refused_and_who_is_connected_stays(callout, store, server):
    file = {
        "user": "THAN-UYEN_1",
        "password": callout.credentials.secrets.password("THAN-UYEN", 1),
        "inbox_prefix": "_INBOX_THAN-UYEN",
    }
    credentials = Credentials.begin("THAN-UYEN", at=store.clock())
    credentials.issue(ends_at=None, at=store.clock())
    await store.record(credentials, origin=WHY)
    async with AsyncExitStack() as offices:
        async with at_the_door(callout):
            stays = await offices.enter_async_context(connected(server, file))
        comes = asyncio.create_task(offices.enter_async_context(connected(server, file, connect_timeout=0.5)))
        await stays.client.jetstream().publish("intake.THAN-UYEN.X", b"{}")
        assert (False, False) == (stays.cut.is_set(), comes.done())

        async with at_the_door(callout):
            came = await comes
            await came.client.jetstream().publish("intake.THAN-UYEN.X", b"{}")
        assert not came.refused.is_set()


async def test_the_line_of_a_server_that_is_gone_holds_no_revocation_up(api, server, callout):
    file = await add(api)
    assert await opens(server, file)
    await callout.uses.record("THAN-UYEN", (await callout.uses.of("THAN-UYEN"))[0], server="NGONE", cid=7)

    with anyio.fail_after(PATIENCE_S):
        await told(api, "/districts/THAN-UYEN/credentials/revocation", {}, 204)

    assert [] == await callout.uses.open()


@pytest.mark.parametrize("role", ["officer", "auditor", "secretary"])
async def test_credentials_are_the_operators(api, role):
    api.headers.update(bearer(role))

    assert 403 == (await api.post("/districts/THAN-UYEN/credentials", json={})).status_code
    assert 403 == (await api.get("/credentials")).status_code


async def test_a_second_one_is_issued_by_rotation_only(api):
    await add(api)

    again = await api.post("/districts/THAN-UYEN/credentials", json={})

    assert (409, "HasCredentials") == (again.status_code, again.json()["title"])

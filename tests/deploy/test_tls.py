"""TLS on a real NATS: who comes without it is turned away, and whom nobody vouches for is told nothing."""

import asyncio
import json
import os
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import nats
import pytest

from contracts.credentials import Credentials
from contracts.publisher import Publisher
from contracts.publisher import publisher as sending
from contracts.publisher.line import Broken, Line
from deploy.cli import district as publishing
from deploy.cli.district import District, credentials_of
from deploy.cli.failure import Failure
from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.office import Office
from deploy.embedded.process import LOOPBACK, free_port
from services.chassis.eventlog.store import Origin
from services.registry.application.credential import IssueCredential
from tests.certificates import PAST, Authority, SecuredServer
from tests.chassis.story import until
from tests.deploy.test_conformance import PROGRAMS, node_has_nats
from tests.lines import Overheard
from tests.logs import log_of
from tests.offices import at_the_door, callout_on, connected
from tests.patience import PATIENCE_S
from tests.publisher.province import CODE, Province, target

pytestmark = pytest.mark.anyio
WHY = Origin("test", "test", "test")
THEIRS = {"by": Authority("theirs")}
BAD = {
    "certificate has expired": {"ends_in": PAST},
    "IP address mismatch": {"host": "10.9.8.7"},
    "unable to get local issuer certificate": THEIRS,
}


def event(number):
    return {name: target(number)[name] for name in ("type", "data", "id")}


@pytest.fixture
def hurried(monkeypatch):
    """A test connects again soon, and soon gives up."""
    monkeypatch.setattr(publishing, "CONNECT_WITHIN_S", 3.0)
    monkeypatch.setattr(sending, "PAUSE_S", 0.05)
    monkeypatch.setattr(sending, "PAUSE_S_MAX", 0.1)


@pytest.fixture
def server(tmp_path):
    server = SecuredServer(
        tmp_path / "nats",
        free_port(),
        keys=Keys(tmp_path / "keys"),
        districts=[CODE],
        log=tmp_path / "nats.log",
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
def plain(tmp_path):
    server = NatsServer(
        tmp_path / "plain",
        free_port(),
        keys=Keys(tmp_path / "keys"),
        districts=[CODE],
        log=tmp_path / "plain.log",
        offices=f"{LOOPBACK}:{free_port()}",
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def callout(server, database):
    """The registry at the door, itself over TLS."""
    async with (
        log_of("registry", database, clock=lambda: datetime.now(UTC)) as store,
        callout_on(server, store, server.authority.pem) as callout,
        at_the_door(callout),
    ):
        yield callout


@pytest.fixture
async def handed(callout, server):
    """The file of a district."""
    issued = await callout.credentials.issue(CODE, IssueCredential(), WHY)
    return Credentials(
        nats=[f"tls://{LOOPBACK}:{server.port}"], authority=server.authority.pem, **vars(issued)
    )


def secured(server):
    """Return the file of a district of districts.conf, which needs no registry."""
    handed = credentials_of(CODE, server.url(CODE).replace("nats:", "tls:"))
    return handed.model_copy(update={"authority": server.authority.pem})


def trusted(server, monkeypatch):
    """Have clients of this process that name no authority trust the server's."""
    file = server.folder / "authority.pem"
    file.write_text(server.authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def spoken(mine):
    return Line(mine, mine.nats[0], heard=lambda _: None, wanted=lambda _: None)


async def test_a_district_comes_over_tls_and_the_registry_lets_it_in(callout, handed):
    async with spoken(handed) as district:
        await district.send([("registry.AdmissionTargetSet.v1", b"{}")])

    assert "accepted" == (await callout.uses.of(CODE))[0].outcome


async def test_what_districts_were_handed_before_there_was_tls_goes_on_over_tls(callout, handed, server):
    way = Overheard()
    async with way.to(server.port) as address:
        before = handed.model_copy(update={"nats": [address.replace("tls:", "nats:")]})
        async with spoken(before):
            pass

    assert b"\x16\x03" == way.heard[:2]  # a TLS greeting, and no word before it
    assert handed.password.encode() not in way.heard


@pytest.mark.parametrize("door", ["clients", "offices"])
def test_who_signs_in_without_tls_is_turned_away_unread(server, door):
    sign_in = {"user": CODE, "pass": server.keys.password("nats", CODE)}
    with socket.create_connection(server.doors[door], timeout=PATIENCE_S) as line:
        greeting = line.recv(4096)
        line.sendall(b"CONNECT " + json.dumps(sign_in).encode() + b"\r\nPING\r\n")
        answer = line.recv(4096)

    assert json.loads(greeting.removeprefix(b"INFO "))["tls_required"]
    assert b"" == answer


@pytest.mark.parametrize(("why", "shown"), BAD.items(), ids=BAD)
async def test_a_server_that_nobody_vouches_for_is_told_nothing(server, handed, hurried, why, shown):
    server.certify(**shown)
    await server.reload()
    way = Overheard()
    async with way.to(server.port) as address:
        mine = handed.model_copy(update={"nats": [address]})
        with pytest.raises(Broken, match=f"is not to be trusted: .*{why}.*nothing was sent"):
            await spoken(mine).__aenter__()
        with pytest.raises(Failure, match=f"is not to be trusted: .*{why}.*nothing was sent"):
            await District(mine, lambda *_: None).__aenter__()

    assert mine.password.encode() not in way.heard
    assert b"CONNECT" not in way.heard


async def test_a_server_without_tls_is_told_nothing_where_the_file_says_tls(plain, hurried):
    way = Overheard()
    async with way.to(plain.port) as address:
        mine = credentials_of(CODE, plain.url(CODE)).model_copy(update={"nats": [address]})
        with pytest.raises(Broken, match="it has no TLS"):
            await spoken(mine).__aenter__()
        with pytest.raises(Failure, match="it has no TLS"):
            await District(mine, lambda *_: None).__aenter__()

    assert b"" == way.heard


async def test_a_publisher_goes_on_once_the_certificate_was_renewed(
    callout, server, handed, tmp_path, hurried, monkeypatch
):
    trusted(server, monkeypatch)
    async with Province(server) as province:
        server.certify(ends_in=PAST)
        await server.reload()
        async with Publisher(handed, tmp_path / "events.db") as publisher:
            publisher.add(**event(1))
            await until(lambda: "certificate has expired" in publisher.standing.said)

            server.certify()
            await server.reload()
            await asyncio.wait_for(publisher.confirmed(), PATIENCE_S)

            server.certify()
            await server.reload()
            publisher.add(**event(2))
            await asyncio.wait_for(publisher.confirmed(), PATIENCE_S)

        assert 0 == province.client.stats["reconnects"]

    assert [1, 2] == province.numbers


# -- An office


@asynccontextmanager
async def run(office):
    office.start()
    yield office
    office.kill()


@pytest.fixture
def settled(server, handed, tmp_path):
    """Return an office of the district, as `fourgood leaf` starts it."""
    host, port = server.doors["offices"]
    return Office(handed, tmp_path / "office", hub=f"tls://{host}:{port}", port=free_port())


async def test_an_office_comes_over_tls(callout, handed, settled):
    async with run(settled) as office, connected(office, vars(handed)) as desk:

        async def taken():
            try:
                return await desk.client.jetstream().publish("intake.THAN-UYEN.X", b"{}", timeout=1)
            except (nats.errors.Error, TimeoutError):
                return None  # the line is not there yet

        assert "INTAKE" == (await until(taken)).stream

    assert "Leafnode" in (await callout.uses.of(CODE))[0].client


@pytest.mark.parametrize(
    ("why", "shown"),
    [("expired", {"ends_in": PAST}), ("not 127.0.0.1", {"host": "10.9.8.7"}), ("unknown authority", THEIRS)],
)
async def test_an_office_tells_nothing_to_a_server_that_nobody_vouches_for(
    callout, server, settled, why, shown
):
    server.certify(**shown)
    await server.reload()
    async with run(settled) as office:
        await until(lambda: why in office.trouble())

    assert [] == await callout.uses.of(CODE)


async def test_an_office_tells_nothing_to_a_server_without_tls(plain, handed, tmp_path):
    way = Overheard()
    async with (
        way.to(int(plain.offices.rpartition(":")[2])) as address,
        run(Office(handed, tmp_path / "office", hub=address, port=free_port())) as office,
    ):
        await until(lambda: "TLS Handshake Failure" in office.trouble())

    assert handed.password.encode() not in way.heard
    assert b"CONNECT" not in way.heard


# -- Software of other makes


@pytest.mark.parametrize("make", PROGRAMS)
async def test_software_of_any_make_comes_over_tls(server, make, tmp_path, monkeypatch):
    if make.startswith("Node") and not node_has_nats():
        pytest.skip("node has no package `nats`: npm install nats, and NODE_PATH")
    by_name = {"nats": [f"tls://localhost:{server.port}"]}  # nats.js checks names, and no IP addresses
    file = tmp_path / "handed.json"
    file.write_text(secured(server).model_copy(update=by_name).model_dump_json())
    theirs = {**os.environ}
    trusted(server, monkeypatch)
    async with Province(server) as province:
        program = await asyncio.create_subprocess_exec(*PROGRAMS[make], file, "12", "1.5", env=theirs)
        try:
            await until(lambda: len(province.recorded) == 12)
        finally:
            program.kill()
            await program.wait()

"""Districts' offices in tests, and the registry at NATS's door: a real server, a real database."""

import asyncio
from base64 import b64decode
from contextlib import asynccontextmanager, suppress

import nats

from deploy.embedded.process import LOOPBACK
from services.chassis.streams.bus import connect
from services.registry.application.credential import DistrictCredentials, Secrets
from services.registry.credentials import Callout, Signer, Uses
from tests.logs import prepared


@asynccontextmanager
async def callout_on(server, store, authority=None):
    """What answers at the door of `server`; there is the stream that districts publish to."""
    key = b64decode(server.keys.master_key)
    broker = connect("registry", server.url("registry"), authority)
    await broker.connect()
    await broker.connection.jetstream().add_stream(name="INTAKE", subjects=["intake.>"])
    credentials = await prepared(DistrictCredentials(store, Secrets(key)))
    yield Callout(credentials, await prepared(Uses(store.pool)), Signer(key), broker)
    with suppress(nats.errors.Error):  # the server may be gone before
        await broker.stop()


@asynccontextmanager
async def at_the_door(callout):
    running = asyncio.create_task(callout.run())
    yield
    running.cancel()
    await asyncio.wait([running])


class Office:
    """A district's system, and what it noticed of its line."""

    def __init__(self):
        self.refused, self.cut, self.back = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def on_error(self, error):
        if "violation" in str(error).lower():
            self.refused.set()

    async def on_cut(self):
        self.cut.set()

    async def on_back(self):
        self.back.set()

    async def is_refused(self, act):
        self.refused.clear()
        await act
        await self.client.flush()
        await self.client.flush()
        return self.refused.is_set()


@asynccontextmanager
async def connected(server, file, *, host=LOOPBACK, **options):
    """Connect as a district's system does, with what stands in its file."""
    office = Office()
    office.client = await nats.connect(
        f"nats://{host}:{server.port}",
        user=file["user"],
        password=file["password"],
        inbox_prefix=file["inbox_prefix"].encode(),
        error_cb=office.on_error,
        disconnected_cb=office.on_cut,
        reconnected_cb=office.on_back,
        reconnect_time_wait=0.05,
        **{"max_reconnect_attempts": -1, **options},
    )
    yield office
    await office.client.close()

"""What every service is made of, and its life: it waits for what it needs, works, drains."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from math import inf
from time import monotonic
from typing import Any

import anyio
import structlog
from fastapi import APIRouter
from faststream.exceptions import IncorrectState
from faststream.nats import JStream, NatsRouter
from nats.errors import Error as NatsError
from prometheus_client import CollectorRegistry
from psycopg import OperationalError

from contracts.catalogue import published_by
from contracts.message import Event
from contracts.subjects import stream_of
from services.chassis.alarm import Alarms
from services.chassis.clock import Clock, utc_now
from services.chassis.districts.asking import Asking
from services.chassis.districts.deciding import Check, Handler
from services.chassis.districts.intake import Intake
from services.chassis.districts.lanes import Lanes
from services.chassis.districts.strays import Strays
from services.chassis.districts.wanting import Wanting
from services.chassis.edge.auth import Auth
from services.chassis.edge.door import Inside
from services.chassis.edge.http import create_api
from services.chassis.eventlog.inbox import Inbox
from services.chassis.eventlog.store import Store, create_log, create_tables, open_pool, pool_bounds
from services.chassis.parked import ParkingLot
from services.chassis.process import Process, settle_memory
from services.chassis.progress import Progress, answers, relay_stands, view_stands
from services.chassis.settings import Settings
from services.chassis.streams.bus import connect, declare_intake, outbound, present, watch
from services.chassis.streams.following import Reader, batch_bound
from services.chassis.streams.history import StreamFeed
from services.chassis.streams.lacking import Lacking, Owner
from services.chassis.streams.prompt import make_prompt
from services.chassis.streams.relay import Relay
from services.chassis.views.filling import Feed
from services.chassis.views.rebuild import Rebuilder
from services.chassis.views.view import View

log = structlog.get_logger()

START_RETRY_S = 1.0
DRAIN_WITHIN_S = 5.0
"""How long what was taken from the bus may take to be finished, and how long the connections to close."""

CLOSE_WITHIN_S = 1.0

SILENT_AFTER_S = 5.0
"""How long the database may be silent before we are not ready."""

AWAY = (NatsError, OperationalError, OSError)

Task = Callable[[], Coroutine[Any, Any, Any]]


class Service:
    """One deployable: `main.create` says what it keeps, publishes, follows, takes in and answers."""

    def __init__(self, settings: Settings, description: str, *, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.name = settings.service
        self.clock = clock
        self.database_url = settings.database_url.get_secret_value()
        self.pool = open_pool(self.name, self.database_url)
        self.broker = connect(self.name, settings.nats_url.get_secret_value(), settings.nats_authority)
        self.auth = Auth(settings.auth_public_key, settings.auth_issuer, clock)
        self.metrics = CollectorRegistry()
        self.alarms = Alarms(self.metrics)
        self.lacking = Lacking(self.broker, self.alarms)
        self.parking = ParkingLot(self.pool)
        self.rebuilder = Rebuilder()
        self.store: Store | None = None
        self.relay: Relay | None = None
        self.intake: Intake | None = None
        self.inside = Inside()
        self.api = create_api(self.name, description, self.ready, self.inside, Inbox(self.pool))
        self.bounds = [*self.inside.bounds, self.auth.bound, *pool_bounds(self.pool), outbound(self.broker)]
        self.started, self.stopping = asyncio.Event(), asyncio.Event()
        self.stop_by = inf
        """When everything must be closed, on the monotonic clock, once the process is told to stop."""
        self.progress = Progress(clock)
        self.progress.follow(
            "postgresql", partial(answers, self.pool), patience_s=SILENT_AFTER_S, says="has not answered"
        )
        self._router = NatsRouter()
        self._readers: dict[str, Reader] = {}
        self.bounds += [batch_bound(self._readers.values()), self.rebuilder.bound]
        self._lanes: list[Lanes] = []
        self._preparations: list[Task] = []
        self._tasks: list[Task] = []
        self._waiting_for: dict[str, str] = {"start": "not begun"}
        self._left_bus = False

    # -- What a service is made of

    def keeps_log(self) -> Store:
        """Give the service an event log of its own. Return it."""
        self.store = Store(self.name, self.pool, clock=self.clock)
        self.bounds += [*self.store.writer.bounds, *self.store.reader.bounds]
        self._tasks.append(self.store.writer.run)
        return self.store

    def publishes(self, publish: Callable[[Any], Event | None]) -> Relay:
        """Carry what `publish` makes public of each fact to the service's stream. Return what does."""
        assert self.store is not None
        self.relay = Relay(
            self.store,
            publish,
            self.broker,
            self.database_url,
            replicas=self.settings.nats_replicas,
            alarms=self.alarms,
        )
        for event in published_by(self.name):
            self.broker.publisher(
                f"events.{event.type}.*",
                stream=JStream(stream_of(self.name), declare=False),
                title=event.type,
                description=(event.__doc__ or "").partition("\n")[0],
                schema=event,
            )
        self.bounds.append(self.relay.bound)
        self.progress.follow("relay", partial(relay_stands, self.relay))
        self._preparations.append(self.relay.declare)
        self._tasks += [self.relay.run, Owner(self.relay.published, self.broker).run]
        return self.relay

    def follows(self, view: View, *sources: str) -> None:
        """Feed `view` from the streams of `sources`, and let it be rebuilt from them."""
        view.followed = frozenset(sources)
        for source in sources:
            if source not in self._readers:
                self._readers[source] = Reader(self.name, source, self.lacking)
                self._readers[source].subscribe(self._router)
            self._readers[source].feed(view)
        self.rebuilds(view, StreamFeed(sources, self.lacking))

    def rebuilds(self, view: View, feed: Feed) -> None:
        """Let `view` be filled again from `feed`, by an operator or because its version changed."""
        self.rebuilder.add(view, feed)
        self.progress.follow(f"view {view.name}", partial(view_stands, view, feed, self.rebuilder))

    def takes(
        self, handlers: Mapping[str, Handler], *, check: Check, begins: Mapping[str, str] = {}
    ) -> Intake:
        """Take in the districts' events named in `handlers`. Return the intake. See `Intake.begins`."""
        assert self.store is not None
        replicas = self.settings.nats_replicas
        self.intake = Intake(
            self.store,
            handlers,
            broker=self.broker,
            check=check,
            begins=begins,
            settled=self._settled,
            metrics=self.metrics,
        )
        self._reads_lanes(self.intake.lanes, "intake")
        self._reads_lanes(Strays(self.intake).lanes, "strays")
        wanting, asking = Wanting(self.intake), Asking(self.intake)
        self.bounds += [*self.intake.bounds, wanting.bound, *asking.turns.bounds]
        self._tasks += [asking.run, wanting.run]
        self._preparations.append(lambda: declare_intake(self.broker.connection.jetstream(), replicas))
        self._preparations.append(self.intake.arrivals.prepare)
        self.follows(self.intake.arrivals.closings, "registry")
        return self.intake

    def _reads_lanes(self, lanes: Lanes, name: str) -> None:
        self._lanes.append(lanes)
        self._tasks.append(lanes.run)
        self.bounds += lanes.bounds
        self.progress.follow(name, lanes.stand)

    def prepares(self, preparation: Task) -> None:
        """Await `preparation` once, when database and bus are there, before anything is read or answered."""
        self._preparations.append(preparation)

    def keeps_running(self, task: Task) -> None:
        """Run `task` for as long as the service runs. If it fails, the process ends."""
        self._tasks.append(task)

    def answers(self, router: APIRouter) -> None:
        """Serve what `paths_of` this service were made."""
        self.api.serve(router)

    def takes_files(self, path: str, bytes_max: int) -> None:
        """Let a request to /<service>/v1<path> bring more than another: a file."""
        self.bounds.append(self.inside.allow(f"/{self.name}/v1{path}", bytes_max))

    # -- Its life

    async def ready(self) -> Mapping[str, str]:
        """Return what the service is waiting for, empty when it can serve and gets on with its work."""
        if self._waiting_for:
            return self._waiting_for
        still = self.progress.stalled()
        away = {name: still[name] for name in ("postgresql",) if name in still}
        if not self.broker.connection.is_connected:
            away["nats"] = "not connected"
        return away or still

    def run(self) -> None:
        """Be a process until SIGTERM or SIGINT."""
        Process(self).run()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Hold everything open and running while the body runs, then drain. A failed task ends the body."""
        await self._until_there("postgresql", self._open_database)
        await self._until_there("nats", self._open_bus)
        async with anyio.create_task_group() as group:
            for task in (*self._tasks, self.rebuilder.run, self._watch, self._look):
                group.start_soon(self._keep_running, task)
            for reader in self._readers.values():
                self._waiting_for = {"stream": reader.stream}
                await present(self.broker.connection.jetstream(), reader.stream)
                await reader.rewind(self.broker.connection.jetstream())
            self.broker.include_router(self._router)
            await self.broker.start()
            make_prompt(self.broker, {reader.stream: reader.wanted for reader in self._readers.values()})
            self._waiting_for = {}
            self.started.set()
            settle_memory()
            log.info("started", port=self.settings.listening_port)
            try:
                yield
            finally:
                await self._drain()
            group.cancel_scope.cancel()
        await self.pool.close(timeout=max(0.1, min(CLOSE_WITHIN_S, self.stop_by - monotonic())))

    async def _keep_running(self, task: Task) -> None:
        """Run a task of ours. To find the bus left, a moment before it is cancelled, is no failure of it."""
        try:
            await task()
        except* IncorrectState:
            if not self._left_bus:
                raise

    async def _drain(self) -> None:
        """Finish what was taken from the bus, then leave it; if it is away, leave at once."""
        within_s = min(DRAIN_WITHIN_S, self.stop_by - CLOSE_WITHIN_S - monotonic())
        with anyio.CancelScope(shield=True), anyio.move_on_after(within_s):
            try:
                await asyncio.gather(*(lanes.close() for lanes in self._lanes))
                self._left_bus = True
                await self.broker.stop()
            except AWAY as error:
                log.warning("bus left undrained", reason=type(error).__name__)
        for reader in self._readers.values():
            reader.close()

    async def _settled(self) -> bool:
        """Return whether our log is carried, and our views have read all that was published."""
        carried = not self.relay or await self.relay.carried()
        lags = [await feed.lag(await view.positions()) for view, feed in self.rebuilder.feeds.values()]
        return carried and not any(lags)

    async def _open_database(self) -> None:
        # In a thread: a database that takes the connection and says nothing would silence us too.
        await asyncio.to_thread(create_tables, self.database_url)
        if self.store:
            await asyncio.to_thread(create_log, self.name, self.database_url)
        await self.pool.open()
        await self.rebuilder.prepare()

    async def _open_bus(self) -> None:
        await self.broker.connect()
        for preparation in self._preparations:
            await preparation()

    async def _until_there(self, what: str, attempt: Task) -> None:
        """Do `attempt` until nothing it needs is away."""
        while True:
            self._waiting_for = {what: "not reachable"}
            try:
                await attempt()
            except AWAY as error:
                log.warning("start waits", for_=what, reason=f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(START_RETRY_S)
            else:
                return

    async def _look(self) -> None:
        await self.started.wait()
        await self.progress.run()

    async def _watch(self) -> None:
        await self.started.wait()
        await watch(self.broker.connection.jetstream(), self._readers.values())

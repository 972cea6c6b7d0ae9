"""Who may say and hear what on the bus: a real server, with the rules that containers have too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import anyio
import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from contracts.subjects import inbox_prefix
from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import free_port
from tests.patience import PATIENCE_S

STREAMS = {
    "registry": ("REGISTRY", "events.registry.>"),
    "assessment": ("ASSESSMENT", "events.assessment.>"),
    "classification": ("CLASSIFICATION", "events.classification.>"),
    "notification": ("NOTIFICATION", "events.notification.>"),
}
_number = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("permissions")
    server = NatsServer(
        folder / "nats",
        free_port(),
        keys=Keys(folder / "keys"),
        districts=["THAN-UYEN", "TAM-KY"],
        log=folder / "nats.log",
    )
    server.start()
    yield server
    server.kill()  # a stop would wait for the registry, which is to say who the wrong password is


class As:
    """One signed-in user, and what the server refused them."""

    def __init__(self, user: str, client: Client, refused: asyncio.Event) -> None:
        self.user = user
        self.client = client
        self.refused = refused

    @property
    def jetstream(self) -> JetStreamContext:
        return self.client.jetstream(timeout=PATIENCE_S)

    async def may_publish(self, subject: str) -> bool:
        return await self._allowed(lambda: self.client.publish(subject, b"{}"))

    async def may_subscribe(self, subject: str) -> bool:
        return await self._allowed(lambda: self.client.subscribe(subject))

    async def _allowed(self, act: Callable[[], Awaitable[object]]) -> bool:
        self.refused.clear()
        await act()
        await self.heard_by_server()
        return not self.refused.is_set()

    async def is_refused(self, asked: Coroutine[Any, Any, object]) -> bool:
        """Return whether the server refuses a request: it never answers one, but says so beside it."""
        self.refused.clear()
        asking, hearing = asyncio.create_task(asked), asyncio.create_task(self.refused.wait())
        await asyncio.wait({asking, hearing}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        hearing.cancel()
        return self.refused.is_set()

    async def heard_by_server(self) -> None:
        """Ask something that is allowed: the answer comes after the refusal of what was said before.

        A ping would not do: nats-py sends it before what it has buffered.
        """
        if self.user.isupper():
            await self.jetstream.publish(f"intake.{self.user}.Ping", b"{}")
        else:
            await self.jetstream.account_info()


@asynccontextmanager
async def signed_in(server: NatsServer, user: str) -> AsyncIterator[As]:
    refused = asyncio.Event()

    async def on_error(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            refused.set()

    client = await nats.connect(server.url(user), inbox_prefix=inbox_prefix(user).encode(), error_cb=on_error)
    yield As(user, client, refused)
    await client.close()


@pytest.fixture(scope="module")
async def streams(server):
    """Every service declares its own stream; the registry also those of the intake."""
    for service, (stream, subjects) in STREAMS.items():
        async with signed_in(server, service) as it:
            await it.jetstream.add_stream(name=stream, subjects=[subjects])
    async with signed_in(server, "registry") as registry:
        await registry.jetstream.add_stream(name="INTAKE", subjects=["intake.>"])
        await registry.jetstream.add_stream(name="RECEIPTS", subjects=["receipts.>"])


@pytest.mark.parametrize("service", STREAMS)
async def test_a_service_publishes_its_own_events_and_receipts(server, streams, service):
    async with signed_in(server, service) as it:
        stream, subjects = STREAMS[service]

        assert stream == (await it.jetstream.publish(subjects.replace(">", "X.v1.TU"), b"{}")).stream
        assert "RECEIPTS" == (await it.jetstream.publish("receipts.THAN-UYEN.X", b"{}")).stream


@pytest.mark.parametrize("service", ["assessment", "classification", "notification", "reporting"])
async def test_a_service_cannot_publish_anothers_events(server, streams, service):
    async with signed_in(server, service) as it:
        assert not await it.may_publish("events.registry.MemberAdmitted.v1.TU-C-001")


@pytest.mark.parametrize("service", [*STREAMS, "reporting"])
async def test_a_service_cannot_pass_for_a_district(server, streams, service):
    async with signed_in(server, service) as it:
        assert not await it.may_publish("intake.THAN-UYEN.MeetingHeld")


async def test_reporting_publishes_no_event_and_no_receipt(server, streams):
    async with signed_in(server, "reporting") as reporting:
        assert not await reporting.may_publish("events.reporting.X.v1.TU-C-001")
        assert not await reporting.may_publish("receipts.THAN-UYEN.X")


@pytest.mark.parametrize("service", [*STREAMS, "reporting"])
@pytest.mark.parametrize("stream", [stream for stream, _ in STREAMS.values()])
async def test_a_service_reads_every_public_event(server, streams, service, stream):
    async with signed_in(server, service) as it:
        durable = f"{service}-{next(_number)}"
        reader = await it.jetstream.pull_subscribe("", durable=durable, stream=stream)
        info = await reader.consumer_info()

        assert durable == info.name
        assert await it.jetstream.delete_consumer(stream, durable)


async def test_a_service_fetches_and_acknowledges(server, streams):
    async with signed_in(server, "registry") as registry, signed_in(server, "assessment") as assessment:
        await registry.jetstream.publish("events.registry.X.v1.TU-FETCHED", b"{}")
        reader = await assessment.jetstream.pull_subscribe(
            "events.registry.X.v1.TU-FETCHED", durable=f"assessment-{next(_number)}", stream="REGISTRY"
        )
        [message] = await reader.fetch(1, timeout=PATIENCE_S)
        await message.ack_sync()

        assert 0 == (await reader.consumer_info()).num_ack_pending


@pytest.mark.parametrize("service", STREAMS)
async def test_the_four_services_of_the_intake_read_it(server, streams, service):
    async with signed_in(server, service) as it:
        config = ConsumerConfig(filter_subjects=["intake.*.MemberAdmitted", "intake.*.MeetingHeld"])
        reader = await it.jetstream.pull_subscribe(
            "", durable=f"intake-{service}-{next(_number)}", stream="INTAKE", config=config
        )

        assert "INTAKE" == (await reader.consumer_info()).stream_name


@pytest.mark.parametrize("stream", ["INTAKE", "RECEIPTS"])
async def test_reporting_does_not_read_what_districts_send_or_are_told(server, streams, stream):
    async with signed_in(server, "reporting") as reporting:
        assert await reporting.is_refused(
            reporting.jetstream.pull_subscribe("", durable="reporting-spy", stream=stream)
        )
        assert await reporting.is_refused(reporting.jetstream.get_msg(stream, 1))


@pytest.mark.parametrize("service", ["registry", "assessment", "reporting", "operator"])
async def test_nobody_deletes_or_empties_a_stream(server, streams, service):
    async with signed_in(server, service) as it:
        assert await it.is_refused(it.jetstream.delete_stream("CLASSIFICATION"))
        assert await it.is_refused(it.jetstream.purge_stream("CLASSIFICATION"))


async def test_a_service_cannot_declare_anothers_stream(server, streams):
    async with signed_in(server, "assessment") as assessment:
        assert await assessment.is_refused(
            assessment.jetstream.update_stream(name="REGISTRY", subjects=["events.registry.>"], max_msgs=1)
        )


@pytest.mark.parametrize("subject", ["_INBOX_registry.>", "_INBOX.>", "events.>", ">"])
async def test_a_service_hears_only_its_own_inbox(server, streams, subject):
    async with signed_in(server, "assessment") as assessment:
        assert not await assessment.may_subscribe(subject)


async def test_a_district_publishes_to_the_intake_and_is_acknowledged(server, streams):
    async with signed_in(server, "THAN-UYEN") as district:
        assert "INTAKE" == (await district.jetstream.publish("intake.THAN-UYEN.MeetingHeld", b"{}")).stream


async def test_a_district_asks_a_service_what_has_arrived_and_is_answered(server, streams):
    async with signed_in(server, "THAN-UYEN") as district, signed_in(server, "assessment") as assessment:
        questions = await assessment.client.subscribe("received.assessment.*")
        await assessment.heard_by_server()
        asking = asyncio.create_task(
            district.client.request("received.assessment.THAN-UYEN", b"{}", timeout=PATIENCE_S)
        )
        question = await questions.next_msg(timeout=PATIENCE_S)
        await question.respond(question.subject.encode())

        assert b"received.assessment.THAN-UYEN" == (await asking).data


async def test_a_service_hears_only_what_it_is_asked_itself(server, streams):
    async with signed_in(server, "assessment") as assessment:
        assert not await assessment.may_subscribe("received.registry.*")


async def test_a_district_hears_its_own_receipts(server, streams):
    async with signed_in(server, "THAN-UYEN") as district, signed_in(server, "registry") as registry:
        receipts = await district.client.subscribe("receipts.THAN-UYEN.>")
        await district.heard_by_server()
        await registry.jetstream.publish("receipts.THAN-UYEN.MeetingHeld", b"received")

        assert b"received" == (await receipts.next_msg(timeout=PATIENCE_S)).data


@pytest.mark.parametrize(
    "subject",
    [
        "intake.TAM-KY.MeetingHeld",
        "received.registry.TAM-KY",
        "receipts.THAN-UYEN.MeetingHeld",
        "events.registry.MemberAdmitted.v1.TU-C-001",
        "$JS.API.STREAM.INFO.REGISTRY",
        "$JS.API.STREAM.MSG.GET.INTAKE",
        "$JS.ACK.INTAKE.intake-registry.1.1.1.1.0",
    ],
)
async def test_a_district_publishes_nothing_else(server, streams, subject):
    async with signed_in(server, "THAN-UYEN") as district:
        assert not await district.may_publish(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "receipts.TAM-KY.>",
        "receipts.>",
        "receipts.*.MeetingHeld",
        "intake.THAN-UYEN.>",
        "events.>",
        "_INBOX_TAM-KY.>",
        "_INBOX_registry.>",
        "_INBOX.>",
        ">",
    ],
)
async def test_a_district_hears_nothing_else(server, streams, subject):
    async with signed_in(server, "THAN-UYEN") as district:
        assert not await district.may_subscribe(subject)


async def test_a_district_cannot_have_an_acknowledgement_delivered_among_the_events(server, streams):
    async with signed_in(server, "THAN-UYEN") as district, signed_in(server, "registry") as registry:
        before = (await registry.jetstream.stream_info("REGISTRY")).state.messages
        await district.client.publish(
            "intake.THAN-UYEN.MeetingHeld", b"{}", reply="events.registry.MemberAdmitted.v1.TU-C-001"
        )
        await district.jetstream.publish("intake.THAN-UYEN.MeetingHeld", b"{}")

        assert before == (await registry.jetstream.stream_info("REGISTRY")).state.messages


async def test_the_operator_looks_at_everything(server, streams):
    async with signed_in(server, "operator") as operator:
        names = {info.config.name for info in await operator.jetstream.streams_info()}

        assert {"REGISTRY", "ASSESSMENT", "CLASSIFICATION", "NOTIFICATION", "INTAKE", "RECEIPTS"} == names


@pytest.mark.parametrize("subject", ["events.registry.X.v1.TU", "intake.THAN-UYEN.X", "receipts.THAN-UYEN.X"])
async def test_the_operator_publishes_nothing(server, streams, subject):
    async with signed_in(server, "operator") as operator:
        assert not await operator.may_publish(subject)


async def test_a_wrong_password_is_refused(server):
    url = server.url("registry").replace(server.keys.password("nats", "registry"), "p0")

    async def ignore(error: Exception) -> None:
        pass

    with pytest.raises((nats.errors.Error, TimeoutError)):
        with anyio.fail_after(PATIENCE_S):
            await nats.connect(url, allow_reconnect=False, max_reconnect_attempts=1, error_cb=ignore)


async def test_a_new_district_is_let_in_while_the_server_runs(server, streams):
    assert not server.answers("QUANG-NINH")

    server.admit("QUANG-NINH")

    async with signed_in(server, "QUANG-NINH") as district:
        assert "INTAKE" == (await district.jetstream.publish("intake.QUANG-NINH.MeetingHeld", b"{}")).stream


async def test_a_service_alone_hears_and_answers_what_is_asked_of_its_log(server, streams):
    async with signed_in(server, "registry") as registry, signed_in(server, "reporting") as reporting:
        assert not await reporting.may_subscribe("log.registry")
        assert not await registry.may_subscribe("log.assessment")

        async def tell(question):
            await question.respond(b"told")

        await registry.client.subscribe("log.registry", cb=tell)
        await registry.heard_by_server()

        assert b"told" == (await reporting.client.request("log.registry", b"", timeout=PATIENCE_S)).data
        assert not await registry.may_publish("_INBOX_reporting.X")


async def test_a_district_cannot_ask_for_a_log(server, streams):
    async with signed_in(server, "THAN-UYEN") as district:
        assert not await district.may_publish("log.registry")


@pytest.mark.parametrize("service", ["registry", "assessment", "classification"])
async def test_an_owner_alone_says_what_would_become_of_events(server, streams, service):
    async with signed_in(server, service) as owner, signed_in(server, "THAN-UYEN") as district:

        async def answer(question):
            await question.respond(b"decided")

        await owner.client.subscribe(f"check.{service}.*", cb=answer)
        await owner.heard_by_server()
        asked = await district.client.request(f"check.{service}.THAN-UYEN", b"{}", timeout=PATIENCE_S)
        assert b"decided" == asked.data
        assert not await district.may_publish(f"check.{service}.TAM-KY")
    async with signed_in(server, "notification") as other:
        assert not await other.may_subscribe(f"check.{service}.*")

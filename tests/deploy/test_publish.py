"""A district's file of events on a real NATS: sent in order, answered one by one, sent again when unheard."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
import pytest
from nats.aio.msg import Msg
from typer.testing import CliRunner

from contracts.publisher.line import event_name
from contracts.subjects import inbox_prefix
from deploy.cli import app
from deploy.cli.district import District, credentials_of
from deploy.cli.failure import Failure
from deploy.cli.publish import Report, _publish, read
from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import free_port

CODE = "THAN-UYEN"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publish")
    keys = Keys(folder / "keys")
    server = NatsServer(folder / "nats", free_port(), keys=keys, districts=[CODE], log=folder / "nats.log")
    server.start()
    yield server
    server.stop()


class Registry:
    """A stand-in that accepts what it has not heard, unless it is told otherwise."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.rejects: dict[str, str] = {}
        self.ignores: list[str] = []
        """Ids it will not answer; each is left out once."""


@asynccontextmanager
async def answering(server: NatsServer) -> AsyncIterator[Registry]:
    registry = Registry()
    client = await nats.connect(server.url("registry"), inbox_prefix=inbox_prefix("registry").encode())
    js = client.jetstream()
    await js.add_stream(name="INTAKE", subjects=["intake.>"])
    await js.add_stream(name="RECEIPTS", subjects=["receipts.>"])

    async def answer(message: Msg) -> None:
        event = json.loads(message.data)
        again = event["id"] in [id for _, id in registry.heard]
        registry.heard.append((message.subject, event["id"]))
        if event["id"] in registry.ignores:
            registry.ignores.remove(event["id"])
            return
        outcome = "rejected" if event["id"] in registry.rejects else "duplicate" if again else "accepted"
        receipt = {
            "source": event["source"],
            "id": event["id"],
            "outcome": outcome,
            "service": "registry",
            "reason": registry.rejects.get(event["id"]),
            "decided_at": "2026-01-01T00:00:00Z",
        }
        await js.publish(message.subject.replace("intake", "receipts"), json.dumps(receipt).encode())

    await js.subscribe("intake.>", stream="INTAKE", cb=answer)
    yield registry
    await client.close()
    # Nobody on the bus may empty a stream; a lost disk does, for the next test.
    server.stop()
    server.forget()
    server.start()


def line(id: str, type: str = "registry.MemberAdmitted.v1") -> bytes:
    return json.dumps(
        {"specversion": "1.0", "source": "urn:test", "id": id, "type": type, "data": {}}
    ).encode()


async def publish(server: NatsServer, *lines: bytes, quiet_s: float = 10.0) -> Report:
    report = Report()
    await _publish(read(lines, report), credentials_of(CODE, server.url(CODE)), quiet_s, report)
    return report


async def test_every_event_is_answered(server):
    async with answering(server) as registry:
        report = await publish(server, line("a"), line("b", "assessment.MeetingHeld.v1"))

    assert {"accepted": 2} == +report.outcomes
    assert [("intake.THAN-UYEN.MemberAdmitted", "a"), ("intake.THAN-UYEN.MeetingHeld", "b")] == registry.heard


async def test_the_file_that_a_district_was_handed_is_enough_to_send_with(server, tmp_path):
    (tmp_path / "c.json").write_text(credentials_of(CODE, server.url(CODE)).model_dump_json())
    (tmp_path / "events.jsonl").write_bytes(line("a") + b"\n" + line("b"))
    command = ["publish", str(tmp_path / "events.jsonl"), "--credentials", str(tmp_path / "c.json")]
    async with answering(server):
        ran = await asyncio.to_thread(CliRunner().invoke, app, command)

    assert (0, "2 accepted, 0 rejected\n") == (ran.exit_code, ran.output)


async def test_a_second_time_everything_is_a_duplicate(server):
    async with answering(server):
        await publish(server, line("a"), line("b"))
        report = await publish(server, line("a"), line("b"))

    assert {"duplicate": 2} == +report.outcomes


async def test_a_rejection_names_the_line_and_the_reason(server):
    async with answering(server) as registry:
        registry.rejects["b"] = "TooYoung"
        report = await publish(server, line("a"), line("b"), line("c"))

    assert {"accepted": 2, "rejected": 1} == +report.outcomes
    assert [(2, "b", "TooYoung", "")] == report.rejected


async def test_what_is_not_answered_is_sent_again(server):
    async with answering(server) as registry:
        registry.ignores = ["b"]
        report = await publish(server, line("a"), line("b"), quiet_s=1.0)

    assert {"accepted": 1, "duplicate": 1} == +report.outcomes
    assert ["a", "b", "b"] == [id for _, id in registry.heard]


async def test_what_is_never_answered_is_counted(server):
    async with answering(server) as registry:
        registry.ignores = ["a", "a"]
        report = await publish(server, line("a"), quiet_s=0.5)

    assert {"unanswered": 1} == +report.outcomes


async def test_more_than_a_window_keeps_its_order(server):
    async with answering(server) as registry:
        report = await publish(server, *(line(f"e{number}") for number in range(600)))

    assert {"accepted": 600} == +report.outcomes
    assert [f"e{number}" for number in range(600)] == [id for _, id in registry.heard]


async def test_a_type_of_another_make_is_sent_under_what_a_subject_can_hold(server):
    async with answering(server) as registry:
        await publish(server, line("a", "com.example.họp chi bộ.*.>"))

    assert [("intake.THAN-UYEN.com-example-h-p-chi-b-", "a")] == registry.heard


async def test_nobody_listening_is_said(server):
    with pytest.raises(Failure, match="are the services running"):
        await publish(server, line("a"), quiet_s=0.5)


async def test_a_wrong_password_is_said(server, monkeypatch):
    monkeypatch.setattr("deploy.cli.district.CONNECT_WITHIN_S", 0.5)
    wrong = credentials_of(CODE, server.url(CODE)).model_copy(update={"password": "wrong"})
    district = District(wrong, lambda event, receipt: None)

    with pytest.raises(Failure, match=rf"cannot reach NATS at 127.0.0.1:{server.port} as THAN-UYEN"):
        await district.__aenter__()


def test_lines_that_are_no_events_are_told_by_number_and_the_others_go_on():
    report = Report()

    events = read([line("a"), b"", b"{", b"[1]", b'{"id": "x"}', b"\xff\xfe", line("b")], report)

    assert [(1, "a"), (7, "b")] == [(event.line, event.id) for event in events]
    assert [3, 4, 5, 6] == [number for number, *_ in report.rejected]
    assert {"NotAnEvent"} == {reason for _, _, reason, _ in report.rejected}


def test_a_line_too_long_for_the_bus_is_not_sent():
    report = Report()

    events = read([b'{"id": "' + b"x" * 9_000_000 + b'"}'], report)

    assert [] == events
    assert "the bus carries at most" in report.rejected[0][3]


def test_the_name_in_the_subject_is_the_middle_of_the_type():
    assert "MeetingHeld" == event_name("assessment.MeetingHeld.v1")
    assert "Unnamed" == event_name("")

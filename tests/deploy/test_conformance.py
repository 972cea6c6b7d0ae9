"""The conformance kit: what each rule finds, and software of four makes that keeps them all."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from secrets import token_hex

import pytest
from typer.testing import CliRunner

from contracts.registry_closings import digest_of, signature_of
from deploy.cli.app import app
from deploy.cli.conformance import _handed
from deploy.conformance import hub
from deploy.conformance.hub import Hub, TrialServer
from deploy.conformance.rules import OPTIONAL, RULES
from deploy.conformance.seen import digest, missing
from deploy.conformance.trial import CUT, EVENTS_MIN, LOST, REJECTED, WANTED, Trial
from deploy.embedded.process import LOOPBACK, free_port

OUTSIDERS = Path(__file__).parents[1] / "outsiders"
KEY = "ab" * 32
NAME = "AdmissionTargetSet"


def event(number, /, **given):
    data = {"organization": "THAN-UYEN", "year": "2025", "target": number, "set_on": "2025-01-06"}
    stated = {
        "id": f"e-{number}",
        "source": "s",
        "number": number,
        "type": f"registry.{NAME}.v1",
        "data": data,
    }
    return {"specversion": "1.0", **stated, **given}


class Told:
    """A trial, and how a program would speak with it."""

    def __init__(self):
        self.trial = Trial("THAN-UYEN", KEY)
        self.at = 0.0

    def send(self, said, name=NAME, **headers):
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self.trial.arrived(name, headers, body, at=self.at)

    def send_well(self, count=EVENTS_MIN):
        """Do all that a good program does, but correct, ask and close."""
        for number in range(1, count + 1):
            self.send(event(number))
        self.send(event(LOST))
        self.send(event(WANTED))
        self.trial.was_cut = True
        self.send(event(CUT))

    def broken(self):
        return self.trial.judge().broken.keys()


@pytest.fixture
def told():
    return Told()


def test_a_good_program_conforms_though_it_leaves_the_optional_to_others(told):
    told.send_well()

    assert told.trial.over
    assert told.trial.judge().conforms
    assert {*RULES} - OPTIONAL == told.trial.found.kept


def test_nothing_is_kept_of_what_was_not_tried(told):
    told.send(event(1))

    assert not told.trial.judge().conforms
    assert ["not tried"] * len(RULES) == [told.trial.found.of(rule) for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("envelope", b"{"),
        ("envelope", event(1, type="registry.OrganizationAbolished.v1")),
        ("envelope", event(1, type="registry.MemberAdmitted.v1")),
        ("envelope", event(0)),
        ("data", event(1, data={"organization": "THAN-UYEN"})),
        ("numbers", event(1, number=None)),
        ("corrects", event(1, replaces="e-0")),
    ],
)
def test_what_is_wrong_with_one_event_is_found(told, rule, said):
    told.send(said)

    assert {rule} == told.broken()


def test_a_message_id_is_found(told):
    told.send(event(1), **{"Nats-Msg-Id": "e-1"})

    assert {"header"} == told.broken()


def test_a_hole_in_the_numbers_is_found(told):
    told.send(event(1))
    told.send(event(4))

    assert "s to registry: [(2, 3)] never came" == told.trial.judge().broken["numbers"]


@pytest.mark.parametrize("second", [event(1, id="other"), event(1, number=2), event(1, subject="other")])
def test_an_event_that_changes_its_id_number_or_content_is_found(told, second):
    told.send(event(1))
    told.send(second)

    assert "once" in told.broken()


def test_an_event_wanted_and_sent_late_is_found(told):
    for number in range(1, WANTED + 1):
        told.send(event(number))
    told.at = 11.0
    told.send(event(WANTED))

    assert {"wanted"} == told.broken()


def test_an_event_sent_for_ever_is_found(told):
    for _ in range(4):
        told.send(event(1))

    assert {"final"} == told.broken()


def test_a_correction_that_names_what_it_replaces_is_kept(told):
    answers = [told.send(event(number)) for number in range(1, REJECTED + 1)]
    told.send(event(REJECTED + 1, replaces=f"e-{REJECTED}"))

    assert "rejected" == answers[-1].receipt.outcome
    assert "corrects" in told.trial.found.kept


def test_what_was_forgotten_is_missing_when_it_is_asked_for(told):
    for number in range(1, WANTED + 1):
        told.send(event(number))
    answer = told.trial.asked("registry", b'{"source": "s", "last": 5}')

    assert ((2, 5),) == answer.streams[0].missing
    assert (5, 1) == (answer.streams[0].last, answer.streams[0].received)
    assert "asks" in told.trial.found.kept


def test_a_last_number_that_is_too_low_is_found(told):
    told.send(event(1))
    told.trial.asked("registry", b'{"source": "s", "last": 0}')

    assert {"asks"} == told.broken()


@pytest.mark.parametrize(
    ("mended", "broken"), [({}, set()), ({"count": 3}, {"closes"}), ({"digest": "0" * 64}, {"closes"})]
)
def test_a_closing_is_right_or_what_is_wrong_with_it_is_found(told, mended, broken):
    first = event(1)
    told.send(first)
    digests = digest_of([(1, "e-1", digest(first))])
    stream = {"service": "registry", "first": 1, "last": 1, "count": 1, "digest": digests, **mended}
    manifest = {
        "organization": "THAN-UYEN",
        "source": "s",
        "period": "2025-01",
        "closed_at": "2025-02-01T08:00:00+07:00",
        "streams": [stream],
        "key": 1,
    }
    closed = {**manifest, "signature": signature_of(manifest, KEY)}
    told.send(event(2, type="registry.PeriodClosed.v1", data=closed), "PeriodClosed")

    assert broken == told.broken()
    assert "closes" in told.trial.found.kept


def test_a_closing_signed_with_another_key_is_found(told):
    manifest = {
        "organization": "THAN-UYEN",
        "source": "s",
        "period": "2025-01",
        "closed_at": "2025-02-01T08:00:00+07:00",
        "streams": [{"service": "registry", "first": 1, "last": 0, "count": 0, "digest": digest_of([])}],
        "key": 1,
    }
    closed = {**manifest, "signature": signature_of(manifest, "cd" * 32)}
    told.send(event(1, type="registry.PeriodClosed.v1", data=closed), "PeriodClosed")

    assert {"closes"} == told.broken()


@pytest.mark.parametrize(
    ("numbers", "last", "holes"),
    [([], 0, []), ([], 3, [(1, 3)]), ([1, 2], 2, []), ([2, 5], 6, [(1, 1), (3, 4), (6, 6)])],
)
def test_what_is_missing_is_told_in_ranges(numbers, last, holes):
    assert holes == list(missing(numbers, last))


# -- Software of four makes, on a real bus


def node_has_nats():
    node = shutil.which("node")
    asked = [node or "", "-e", "require('nats')"]
    return bool(node) and subprocess.run(asked, capture_output=True, check=False).returncode == 0


PROGRAMS = {
    "contracts/publisher": [sys.executable, str(OUTSIDERS / "embedded.py")],
    "plain nats-py": [sys.executable, str(OUTSIDERS / "plain.py")],
    "the CloudEvents SDK": [sys.executable, str(OUTSIDERS / "sdk.py")],
    "Node and nats.js": ["node", str(OUTSIDERS / "district.cjs")],
}


@pytest.mark.parametrize("make", PROGRAMS)
async def test_software_of_any_make_conforms(make, tmp_path, monkeypatch):
    if make.startswith("Node") and not node_has_nats():
        pytest.skip("node has no package `nats`: npm install nats, and NODE_PATH")
    monkeypatch.setattr(hub, "CUT_FOR_S", 0.5)
    monkeypatch.setattr(hub, "QUIET_S", 4.0)
    server = TrialServer(tmp_path / "trial", "THAN-UYEN", LOOPBACK, free_port())
    server.start()
    file, key = tmp_path / "handed.json", token_hex(32)
    file.write_text(json.dumps(_handed(server, "THAN-UYEN", key)))
    trial = Trial("THAN-UYEN", key)
    program = await asyncio.create_subprocess_exec(*PROGRAMS[make], file, "12", "1.5", env={**os.environ})
    try:
        await Hub(server, trial).run(60.0)
        await asyncio.wait_for(program.wait(), 20.0)
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
        server.kill()

    assert {} == trial.judge().broken
    assert {*RULES} - ({"closes"} if make != "contracts/publisher" else set()) == trial.found.kept


@pytest.mark.parametrize(
    "url", ["conformance.json", "http://127.0.0.1", "nats://", "nats://[::1", "nats://a:b"]
)
def test_where_a_trial_listens_is_an_address(url):
    told = CliRunner().invoke(app, ["conformance", url])

    assert (2, True) == (told.exit_code, "an address is" in told.output)


def test_an_address_of_another_machine_is_refused_and_nothing_is_handed_over(tmp_path):
    file = tmp_path / "handed.json"
    told = CliRunner().invoke(app, ["conformance", "nats://192.0.2.10:4222", "--file", str(file)])

    assert (1, False) == (told.exit_code, file.exists())
    assert "cannot assign requested address" in " ".join(told.output.split())

"""Processes under one: ready together, started again when they die, stopped together. Here: stand-ins."""

import os
import signal
import sys
from threading import Timer

import psutil
import pytest

from deploy.embedded.process import CannotStart, free_port, until
from deploy.embedded.supervisor import ServiceProcess, Supervisor, stopped_by_signals
from tests.patience import PATIENCE_S

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""

ANSWERS = """
import http.server, sys
from tests.patience import PATIENCE_S
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


class Said(list):
    """The lines a person would see."""

    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def supervise(tmp_path, said):
    """Return a supervisor of stand-ins: each name's program is given, or answers that it is ready."""
    started = []

    def begin(*names: str, program: str = ANSWERS) -> Supervisor:
        services = []
        for name in names:
            port = free_port()
            command = [sys.executable, "-c", program, str(port)]
            services.append(ServiceProcess(name, {}, port, tmp_path / f"{name}.log", command))
        supervisor = Supervisor([], services, say=said)
        started.append(supervisor)
        return supervisor

    yield begin
    for supervisor in started:
        supervisor.stop()


def test_it_is_started_when_all_are_ready(supervise):
    supervisor = supervise("one", "two")
    reported = []

    supervisor.start(report=lambda ready, name: reported.append((ready, name)))

    assert [1, 2] == [ready for ready, _ in reported]
    assert {"one", "two"} == {name for _, name in reported}


def test_what_dies_is_started_again_and_said(supervise, said):
    supervisor = supervise("one")
    supervisor.start()
    first = supervisor.services[0].process
    first.kill()
    first.wait()

    supervisor.run(until=lambda: not supervisor.services[0].waits_for())

    assert ["one was killed (SIGKILL); starting it again in 0.5 s"] == said
    assert first.pid != supervisor.services[0].process.pid


def test_the_pause_before_a_new_start_grows(supervise, said):
    supervisor = supervise("one", program="raise SystemExit(1)")
    supervisor.services[0].start()

    supervisor.run(until=lambda: len(said) == 3)

    assert ["0.5 s", "1 s", "2 s"] == [line.rpartition(" in ")[2] for line in said]


def test_a_service_that_cannot_start_names_its_last_words_and_its_log(supervise, tmp_path):
    supervisor = supervise("one", program="import sys; print('no such table', flush=True); sys.exit(2)")

    with pytest.raises(CannotStart, match=rf"one does not start: no such table \(see {tmp_path}/one.log\)"):
        supervisor.start()


def test_stopping_leaves_no_process(supervise):
    supervisor = supervise("one", "two")
    supervisor.start()
    pids = [service.process.pid for service in supervisor.services]

    supervisor.stop()

    assert [] == [pid for pid in pids if psutil.pid_exists(pid)]


def test_a_service_that_will_not_stop_is_ended(supervise, monkeypatch):
    monkeypatch.setattr("deploy.embedded.supervisor.STOP_WITHIN_S", 0.2)
    supervisor = supervise("one", program=DEAF)
    service = supervisor.services[0]
    service.start()
    assert until(lambda: service.log.read_text() == "deaf\n", within_s=PATIENCE_S)

    supervisor.stop()

    assert -signal.SIGKILL == service.process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_runs_until_a_signal(supervise, number):
    supervisor = supervise("one")
    supervisor.start()

    with stopped_by_signals(supervisor.stopping):
        Timer(0.2, os.kill, (os.getpid(), number)).start()
        supervisor.run()

    assert supervisor.stopping.is_set()


def test_a_stop_asked_for_while_starting_is_heeded(supervise):
    supervisor = supervise("one", program="import time; time.sleep(60)")
    supervisor.stopping.set()

    supervisor.start()

    assert supervisor.services[0].alive

"""What an operator is shown is what the alarms are made of."""

import re
import socket
from contextlib import ExitStack, closing
from pathlib import Path

from deploy.embedded.process import LOOPBACK
from services.chassis.process import Process
from services.registry.main import RegistrySettings, create

RULES = Path(__file__).parents[2] / "deploy/prometheus/rules.yaml"


async def test_every_metric_an_alarm_speaks_of_is_shown(registry):
    text = (await registry.http.get("/metrics")).text
    shown = set(re.findall(r"^([a-z_]+)(?:{.*})? [\d.e+-]+$", text, re.MULTILINE))
    rules = re.findall(r"^ +expr: (.*)$", RULES.read_text(), re.MULTILINE)
    names = [re.findall(r"\b[a-z_]+\b(?!\()", re.sub(r"{.*?}|\[.*?\]", "", rule)) for rule in rules]

    assert {"up"} == {name for rule in names for name in rule} - shown


def test_connections_that_nobody_has_accepted_yet_are_counted(environment):
    service = create(RegistrySettings(**{name.lower(): value for name, value in environment.items()}))
    process = Process(service)
    [backlog] = [bound for bound in service.bounds if bound.name == "connections not accepted yet"]
    with closing(process._listening), ExitStack() as clients:
        process._listen()
        for _ in range(3):
            clients.enter_context(socket.create_connection((LOOPBACK, int(environment["PORT"]))))

        assert 3 == backlog.used()

"""The whole of `fourgood up` as a person meets it: a console, a refusal of a second one, a clean end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.embedded.process import until
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
FREE = {
    f"FOURGOOD_PORT_{name}": "0"
    for name in ("REPORTING", "REGISTRY", "ASSESSMENT", "CLASSIFICATION", "NOTIFICATION", "NATS", "POSTGRES")
}
COMMAND = [sys.executable, "-c", "from deploy.cli import app; app()"]


def fourgood(*arguments: str, data: Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, **FREE, "FOURGOOD_DATA": str(data)}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    data = tmp_path_factory.mktemp("up")
    process = subprocess.Popen(
        [*COMMAND, "up", "--no-sample"],
        cwd=ROOT,
        env={**os.environ, **FREE, "FOURGOOD_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    welcome = ""
    while "fourgood rebuild headcount" not in welcome and (line := process.stdout.readline()):
        welcome += line
    yield process, data, welcome
    process.kill()
    process.wait()


def test_it_prints_the_consoles_address(running):
    _, data, welcome = running
    console = json.loads((data / "run.json").read_text())["services"]["reporting"]

    assert f"Console  {console}" in welcome
    assert 200 == httpx.get(f"{console}/readyz").status_code


def test_every_service_stands_well(running):
    answer = fourgood("status", "--format", "json", data=running[1])

    assert 0 == answer.returncode
    assert {"registry", "assessment", "classification", "notification", "reporting"} == set(
        json.loads(answer.stdout)
    )


def test_a_second_one_on_the_same_folder_says_who_has_it(running):
    process, data, _ = running

    answer = fourgood("up", data=data)

    assert 1 == answer.returncode
    assert f"fourgood: {data} is in use by process {process.pid}: stop that one" in answer.stderr
    assert 1 == answer.stderr.count("\n")


def test_data_in_use_is_not_erased(running):
    answer = fourgood("clean-data", "--yes", data=running[1])

    assert 1 == answer.returncode
    assert (running[1] / "keys" / "signing.pem").exists()


def test_ctrl_c_ends_everything_with_0(running):
    process = running[0]
    family = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGINT)

    assert 0 == process.wait(PATIENCE_S)
    assert until(lambda: not any(child.is_running() for child in family), within_s=PATIENCE_S)
    assert len(family) >= 7


def test_then_the_data_can_be_erased(running):
    data = running[1]

    assert 0 == fourgood("clean-data", "--yes", data=data).returncode
    assert not data.exists()

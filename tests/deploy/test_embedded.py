"""NATS and PostgreSQL on a data folder: found again, recovered, held by one, open to their own users."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.embedded.keys import Keys
from deploy.embedded.process import CannotStart, end, spawn, until
from deploy.embedded.runtime import SERVICES, Embedded, Ports
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    with Embedded(tmp_path_factory.mktemp("embedded"), districts=["THAN-UYEN"]) as it:
        yield it


def write(embedded: Embedded, value: str) -> None:
    with psycopg.connect(embedded.database_url("registry")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def kept(embedded: Embedded) -> set[str]:
    with psycopg.connect(embedded.database_url("registry")) as connection:
        return {row[0] for row in connection.execute("SELECT value FROM kept")}


def test_a_second_start_finds_its_data_again(embedded):
    write(embedded, "before the stop")

    embedded.stop()
    embedded.start()

    assert "before the stop" in kept(embedded)
    assert embedded.nats.answers("THAN-UYEN")


def test_a_kill_loses_nothing_that_was_committed(embedded):
    write(embedded, "before the kill")

    embedded.postgres.kill()
    embedded.nats.kill()
    embedded.postgres.start()
    embedded.nats.start()

    assert "before the kill" in kept(embedded)
    assert embedded.nats.answers("registry")


def test_a_lock_file_naming_a_stranger_does_not_keep_postgresql_from_starting(embedded):
    embedded.postgres.stop()
    lock = embedded.postgres.folder / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{embedded.postgres.folder}\n1\n5432\n\n127.0.0.1\n1 1\nready\n")

    embedded.postgres.start()

    assert embedded.postgres.answers()


def test_a_second_runtime_on_the_same_folder_is_told_who_has_it(embedded):
    with pytest.raises(CannotStart, match=f"is in use by process {os.getpid()}: stop that one"):
        Embedded(embedded.data).start()


def test_a_taken_port_is_named_with_the_option_that_changes_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wanted = Ports(**{**vars(Ports.free()), "nats": port})

        line = rf"port {port} for nats is taken.*--nats-port or FOURGOOD_PORT_NATS"
        with pytest.raises(CannotStart, match=line):
            Embedded(tmp_path, wanted).start()


def test_a_cluster_half_made_is_made_again(tmp_path):
    (tmp_path / "postgres.begun" / "base").mkdir(parents=True)

    with Embedded(tmp_path, districts=[], durable=False) as embedded:
        assert embedded.postgres.answers()
        assert not (tmp_path / "postgres.begun").exists()


def test_secrets_are_for_their_owner_only(embedded):
    modes = {stat.S_IMODE(path.stat().st_mode) for path in embedded.keys.folder.iterdir()}

    assert {0o600} == modes
    assert 0o700 == stat.S_IMODE(embedded.keys.folder.stat().st_mode)


def test_keys_are_made_once(tmp_path):
    first, second = Keys(tmp_path), Keys(tmp_path)

    assert (first.public_pem, first.master_key) == (second.public_pem, second.master_key)
    assert first.password("nats", "registry") == second.password("nats", "registry")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_its_own_secrets_and_no_others(embedded, service):
    told = " ".join(embedded.environment(service).values())
    others = [name for name in SERVICES if name != service]

    assert embedded.keys.password("nats", service) in told
    assert not [name for name in others if embedded.keys.password("nats", name) in told]
    assert not [name for name in others if embedded.keys.password("postgres", name) in told]
    assert (service == "registry") == (embedded.keys.master_key in told)
    assert embedded.keys.signing_pem not in told


def test_a_service_cannot_open_anothers_database(embedded):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(embedded.database_url("assessment", "registry"))


def test_postgresql_asks_for_the_password(embedded):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://registry:guess@127.0.0.1:{embedded.ports.postgres}/registry")


def test_a_killed_owner_takes_both_servers_with_it(tmp_path):
    program = (
        "import sys; from pathlib import Path; from deploy.embedded.runtime import Embedded\n"
        "it = Embedded(Path(sys.argv[1]), districts=[], durable=False); it.start()\n"
        "print(it.nats.process.pid, it.postgres.process.pid, flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    children = [int(pid) for pid in owner.stdout.readline().split()]

    owner.kill()
    owner.communicate()

    assert 2 == len(children)
    assert until(lambda: not any(map(psutil.pid_exists, children)), within_s=PATIENCE_S)


def test_ctrl_c_in_the_terminal_does_not_reach_a_child(tmp_path):
    child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "child.log")

    assert os.getsid(0) != os.getsid(child.pid)
    assert os.getpgrp() != os.getpgid(child.pid)
    end(child)


def test_a_long_log_makes_way(tmp_path):
    log = tmp_path / "child.log"
    with log.open("wb") as file:
        file.truncate(17 * 1024 * 1024)

    spawn([sys.executable, "-c", "print('again')"], log=log).wait()

    assert "again\n" == log.read_text()
    assert (tmp_path / "child.log.1").exists()


def test_free_ports_differ():
    assert 8 == len(set(vars(Ports.free()).values()))


def test_a_free_port_is_none_that_an_outgoing_connection_may_be_lent():
    lent_from = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(lent_from.read_text().split()[0]) if lent_from.exists() else 49152

    assert max(vars(Ports.free()).values()) < first

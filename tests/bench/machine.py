"""What the figures were measured on, and with."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil

from deploy.embedded.postgres import binaries
from tests.bench.peers.installed import PINS

PACKAGES = (
    "eventsourcing",
    "psycopg",
    "faststream",
    "nats-py",
    "fastapi",
    "uvicorn",
    "uvloop",
    "pydantic",
    "msgspec",
)


def machine() -> dict[str, str]:
    """Return the machine and every version that matters, as a person reads them."""
    cores = f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory"
    return {
        "machine": f"{_processor()}, {cores}",
        "system": f"{_system()}, Linux {platform.release()}, Python {platform.python_version()}",
        "servers": f"{_said(binaries() / 'postgres', '--version')} (synchronous_commit and fsync on), "
        f"{_said('nats-server', '--version')}, on the same machine, over loopback",
        "libraries": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "peers": ", ".join(_pinned()),
        "clients": f"asyncio on uvloop, one connection each, compared with {_said('wrk', '-v') or 'nothing'}",
    }


def _pinned() -> Iterator[str]:
    """Yield the peers' versions."""
    yield from re.findall(
        r"^eventsource-py==[\d.]+|^asyncpg==[\d.]+", (PINS / "requirements.txt").read_text(), re.MULTILINE
    )
    dependencies = json.loads((PINS / "package.json").read_text())["dependencies"]
    yield from (f"{name} {pinned}" for name, pinned in dependencies.items())
    yield f"node {_said('node', '--version')}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def _said(program: str | Path, *asked: str) -> str:
    """Return the first line a program says of itself, nothing if it is not here."""
    path = shutil.which(program, path=f"{sys.prefix}/bin:{os.environ['PATH']}")
    if not path:
        return ""
    done = subprocess.run([path, *asked], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0].partition(" Copyright")[0].strip()

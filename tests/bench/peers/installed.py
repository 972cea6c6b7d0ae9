"""The peers' packages, installed once from their registries, pinned and by hash, outside of the product."""

import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

PINS = Path(__file__).parent
PLACE = Path(sys.prefix) / "peers"
WITHIN_S = 300


class Absent(Exception):
    """A peer cannot be measured here, and why."""


def eventsource_py() -> list[str]:
    """Return how to run a program with eventsource-py. Raises Absent."""
    place = PLACE / _digest("requirements.txt")
    if not (place / "ready").exists():
        venv.create(place, with_pip=True)
        pins = str(PINS / "requirements.txt")
        run(place / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", pins)
        (place / "ready").touch()
    return [str(place / "bin" / "python"), str(PINS / "eventsource_py.py")]


def emmett() -> list[str]:
    """Return how to run a program with emmett. Raises Absent."""
    node = shutil.which("node")
    if not node:
        raise Absent("there is no node here")
    return [node, str(PINS / "emmett.mjs"), str(npm())]


def message_db() -> list[str]:
    """Return how to run a program with message-db. Raises Absent."""
    return [sys.executable, str(PINS / "message_db.py"), str(npm())]


def npm() -> Path:
    """Return the folder of what npm installs. Raises Absent."""
    place = PLACE / _digest("package-lock.json")
    if not (place / "ready").exists():
        if not shutil.which("npm"):
            raise Absent("there is no npm here")
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PINS / name, place)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)
        (place / "ready").touch()
    return place


def _digest(pins: str) -> str:
    return f"{Path(pins).stem}-{sha256((PINS / pins).read_bytes()).hexdigest()[:12]}"


def run(*command: str | Path, cwd: Path = PINS) -> str:
    """Return what a program says. Raises Absent."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False, cwd=cwd)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(str(error)[:200]) from error
    if done.returncode:
        raise Absent((done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200])
    return done.stdout

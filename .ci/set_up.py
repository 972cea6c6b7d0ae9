"""Make the virtual environment that the Makefile's targets run in: `python3 .ci/set_up.py .venv`.

Uses nothing but Python's own library, and only what is the same since Python 3.6, so that an old
Python can still say that it is too old. Run again after a change of the lock, it installs what changed.
"""

import fcntl
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"


def main() -> None:
    """Set up the folder named on the command line, one caller at a time."""
    if sys.version_info < (3, 11):
        fail(f"needs Python 3.11 or newer, this is {platform.python_version()}: make PYTHON=python3.11 …")
    venv = Path(sys.argv[1]).absolute()
    ready = venv / "ready"
    began_at = max(file.stat().st_mtime for file in (LOCK, ROOT / "pyproject.toml"))
    venv.mkdir(exist_ok=True)
    with (venv / "set-up.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if ready.exists() and ready.stat().st_mtime >= began_at:
            return  # whoever had the lock did it all
        create(venv)
        install(venv)
        ready.touch()


def create(venv: Path) -> None:
    """Create the environment, unless there is a whole one."""
    if (venv / "bin" / "pip").exists():
        return
    say(f"Setting up {venv.name}: a virtual environment of Python {platform.python_version()}")
    made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True, check=False)
    if made.returncode:
        reason = last_line(made.stdout + made.stderr)
        fail(f"python3 -m venv failed: {reason} (on Debian and Ubuntu: apt install python3-venv)")


def install(venv: Path) -> None:
    """Install exactly what the lock names, then this project itself, which stays where it is."""
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    log = venv / "set-up.log"
    say(f"Setting up {venv.name}: {len(names)} packages by hash, some 200 MB (details: {log})")
    run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)], log, expected=len(names))
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], log, expected=1)
    say(f"Setting up {venv.name}: done")


def run(command: list[str], log: Path, *, expected: int) -> None:
    """Run pip, counting the packages it meets on one line; say in one line why it failed."""
    seen = 0
    with log.open("a") as file:
        # The environment's own pip settings stay: a site may have its own index.
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        assert pip.stdout
        lines = []
        for line in pip.stdout:
            file.write(line)
            lines.append(line.strip())
            met = re.match(r"(?:Collecting|Requirement already satisfied:|Obtaining) ([\w.-]+)", line)
            if met:
                seen += 1
                progress(f"  {min(seen, expected):3} of {expected}  {met[1]}")
            elif line.startswith("Installing collected packages"):
                progress("  unpacking")
    progress("")
    if pip.wait():
        fail(reason(lines, log))


def reason(lines: list[str], log: Path) -> str:
    """Return what a person can do about pip's failure."""
    text = "\n".join(lines)
    missing = re.search(r"No matching distribution found for ([\w.=-]+)", text)
    if missing:
        machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        return f"no wheel of {missing[1]} for {machine}: check the network and pip's index, see {log}"
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in text:
        return f"a package differs from requirements.lock: do not use this index, see {log}"
    errors = [line for line in lines if line.startswith("ERROR")]
    return f"pip failed: {errors[-1] if errors else last_line(text)} (see {log})"


def progress(text: str) -> None:
    """Show `text` in place of the last progress, where somebody watches."""
    if sys.stdout.isatty():
        width = os.get_terminal_size().columns
        sys.stdout.write("\r\033[K" + text[: width - 1])
        sys.stdout.flush()


def last_line(text: str) -> str:
    """Return the last line that says something."""
    said = [line for line in text.splitlines() if line.strip()]
    return said[-1].strip() if said else "no message"


def say(line: str) -> None:
    """Write one line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fail(line: str) -> None:
    """Write one line and end."""
    sys.stderr.write(f"set-up: {line}\n")
    raise SystemExit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("stopped; the next run goes on from here")

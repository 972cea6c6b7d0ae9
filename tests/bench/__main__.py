"""Every figure of the goals, beside what limits it and who else does it: `make bench`.

Each group of figures is measured in a process of its own, on servers of its own, within a time limit; one
that fails is reported and stops no other. A full run is kept in tests/bench/results and quoted by the
README. ONLY=relay measures one group again; QUICK=1 shows with small sizes that all can be measured.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any

import uvloop

from services.chassis import log
from tests.bench import report
from tests.bench.figure import Figure
from tests.bench.lab import Sizes
from tests.bench.machine import machine

GROUPS = (
    *("commands", "intake", "append", "relay", "catch_up", "ledger"),
    *("visible", "peers", "tail", "province"),
    *("tree", "headcount", "imports", "monthend", "years", "obligations", "publisher"),
)
WITHIN_S = 900.0
MARK = "figure "


def main() -> None:
    """Measure what was asked for, and report."""
    ask = argparse.ArgumentParser(prog="make bench")
    ask.add_argument("--only", choices=GROUPS, action="append", help="measure this group; may be repeated")
    ask.add_argument("--quick", action="store_true", help="with small sizes; nothing is kept")
    ask.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.here:
        uvloop.run(measure(asked.only[0], Sizes(asked.quick)))
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing that is measured outlives us
    here = machine()
    kept = report.kept_on(here) if asked.only else {"machine": here, "groups": {}}
    groups = dict(kept["groups"])
    for group in asked.only or GROUPS:
        groups[group] = run(group, quick=asked.quick) | {"apart": report.apart(here, kept["machine"])}
    if not asked.quick:
        report.keep({**kept, "groups": {group: groups[group] for group in GROUPS if group in groups}})
    sys.exit(any(group["failed"] for group in groups.values()))


async def measure(group: str, sizes: Sizes) -> None:
    """Measure one group in this process; say each figure in a line."""
    log.configure("bench", "error")
    async for figure in import_module(f"tests.bench.figures.{group}").measure(sizes):
        print(MARK + json.dumps(figure.as_json()), flush=True)


def run(group: str, *, quick: bool) -> dict[str, Any]:
    """Measure one group in a process of its own. Return its figures, and why it ended before its time."""
    print(f"\n{group}", flush=True)
    began, at, load, figures = monotonic(), datetime.now(UTC), os.getloadavg()[0], []
    command = [sys.executable, "-m", "tests.bench", "--here", "--only", group, *["--quick"][: int(quick)]]
    with tempfile.TemporaryDirectory(prefix="fourgood-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where we are root
        complaint = Path(folder) / "stderr"
        with (
            complaint.open("w") as errors,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "TMPDIR": folder},
            ) as process,
        ):
            alarm = Timer(WITHIN_S, process.kill)
            alarm.daemon = True
            alarm.start()
            assert process.stdout
            try:
                for line in process.stdout:
                    if line.startswith(MARK):
                        figures.append(json.loads(line.removeprefix(MARK)))
                        print(report.lines(Figure.of_json(figures[-1])), flush=True)
                process.wait()
            finally:
                alarm.cancel()
                process.kill()
        said = complaint.read_text().strip()
    took_s = monotonic() - began
    failed = ""
    if process.returncode:
        errors_said = re.findall(r"^[ |]*(\w[\w.]*(?:Error|Exception|Absent)\b.*)", said, re.MULTILINE)
        failed = (
            f"not done within {WITHIN_S:.0f} s" if took_s > WITHIN_S else (errors_said or [said])[-1][-300:]
        )
        print(f"{said}\n  failed: {failed}", file=sys.stderr, flush=True)
    return {
        "at": at.isoformat(timespec="seconds"),
        "took_s": round(took_s),
        "load": round(load, 1),
        "failed": failed,
        "figures": figures,
    }


if __name__ == "__main__":
    main()

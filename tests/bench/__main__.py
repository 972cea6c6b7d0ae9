"""Every figure of the goals, beside what limits it and who else does it: `make bench`.

Each group runs in a process of its own on servers of its own, within a time limit; one that fails is
reported and stops no other. A full run is kept in tests/bench/results and quoted by the README; with
ONLY=relay one group is measured again, with QUICK=1 small sizes show that everything can be measured.
"""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from time import monotonic
from typing import Any

import uvloop

from tests.bench import report
from tests.bench.lab import Sizes
from tests.bench.machine import machine

GROUPS = (
    "commands",
    "intake",
    "append",
    "relay",
    "catch_up",
    "rebuild",
    "replay",
    "visible",
    "peers",
    "tail",
    "province",
)
WITHIN_S = 600.0


def main() -> None:
    """Measure what was asked for, and report."""
    ask = argparse.ArgumentParser(prog="make bench", description=__doc__)
    ask.add_argument("--only", choices=GROUPS, action="append", help="this group alone; may be repeated")
    ask.add_argument("--quick", action="store_true", help="small sizes; nothing is kept")
    ask.add_argument("--measure", choices=GROUPS, help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.measure:
        uvloop.run(measure(asked.measure, Sizes(asked.quick)))
        return
    results = report.kept() if asked.only and not asked.quick else {}
    if results.get("machine") != machine():
        results = {"machine": machine(), "groups": {}}
    for group in asked.only or GROUPS:
        results["groups"][group] = run(group, quick=asked.quick)
    results["groups"] = {group: results["groups"][group] for group in GROUPS if group in results["groups"]}
    report.show(results)
    if not asked.quick:
        report.keep(results)


async def measure(group: str, sizes: Sizes) -> None:
    """Measure one group in this process; print each figure as a line of JSON."""
    async for figure in import_module(f"tests.bench.figures.{group}").measure(sizes):
        print(json.dumps(figure.as_json()), flush=True)


def run(group: str, *, quick: bool) -> dict[str, Any]:
    """Measure one group in a process of its own. Return its figures, and why it ended before its time."""
    began, at = monotonic(), datetime.now(UTC)
    command = [sys.executable, "-m", "tests.bench", "--measure", group, *(["--quick"] if quick else [])]
    failed, figures = "", []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said, complaint = process.communicate(timeout=WITHIN_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            said, complaint = process.communicate()
            failed = f"not done within {WITHIN_S:.0f} s"
    for line in said.splitlines():
        figures.append(json.loads(line))
    if process.returncode and not failed:
        failed = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        sys.stderr.write(complaint)
    report.progress(group, figures, failed, monotonic() - began)
    return {
        "at": at.isoformat(timespec="seconds"),
        "took_s": round(monotonic() - began),
        "failed": failed,
        "figures": figures,
    }


if __name__ == "__main__":
    main()

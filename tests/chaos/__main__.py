"""`make chaos`: every fault in turn under a recorded load, a verdict after each. SEED=… repeats a run."""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from time import monotonic

from tests.chaos import faults
from tests.chaos.stage import Stage

RUN_MINUTES_MAX = 18.0
"""After these no other fault begins; the last has its own limits."""

PROBLEMS_MAX = 20
"""Problems shown of one fault."""

ALONE: dict[str, faults.Fault] = {
    **{f"{name} killed": faults.killed(name) for name in ("registry", "assessment", "classification")},
    "notification and reporting killed": faults.killed("notification", "reporting"),
    "NATS killed": faults.killed("nats"),
    "PostgreSQL killed": faults.killed("postgres"),
    "everything killed at once": faults.killed_together,
    "NATS emptied": faults.emptied,
    "lines to NATS held": faults.held("registry", "assessment", "reporting", "D-1"),
    "lines to NATS cut": faults.cut("registry", "assessment", "reporting", "D-2"),
    "NATS has no room": faults.full,
    "clocks minutes apart": faults.clocks_apart("registry", "assessment", "classification"),
}
IN_A_CLUSTER: dict[str, faults.Fault] = {
    "leader of three killed": faults.leaders_killed,
    "a service killed, on a cluster": faults.killed("registry", "assessment", times=1),
}


@dataclass
class Run:
    """One run of all faults: where it works, since when, and what was wrong."""

    folder: Path
    seed: int
    wrong: int = 0
    began: float = 0.0

    def befall(self, faults_in_turn: dict[str, faults.Fault], *, clustered: bool) -> None:
        """Start a province and let one fault after the other befall it."""
        folder = self.folder / ("cluster" if clustered else "alone")
        with Stage(folder, seed=self.seed, clustered=clustered) as stage:
            for name, fault in faults_in_turn.items():
                since = monotonic()
                if since - self.began > RUN_MINUTES_MAX * 60:
                    self._tell(name, since, {}, ["no time was left for it"])
                    continue
                try:
                    with stage.load() as load:
                        fault(stage, load, Random(f"{self.seed} {name}"))
                        load.goes_on()
                    counted, wrong = stage.verdict()
                except (TimeoutError, RuntimeError) as error:
                    self._tell(name, since, {}, [str(error)])
                    return
                self._tell(name, since, counted, wrong)
            print(f"the supervisor started {len(stage.said)} dead processes again")

    def _tell(self, name: str, since: float, counted: dict[str, int], wrong: list[str]) -> None:
        figures = ", ".join(f"{number} {what}" for what, number in counted.items())
        print(f"{'FAIL' if wrong else 'ok  '} {name} ({monotonic() - since:.0f} s): {figures}", flush=True)
        for problem in wrong[:PROBLEMS_MAX]:
            print(f"     {problem}", flush=True)
        if len(wrong) > PROBLEMS_MAX:
            print(f"     and {len(wrong) - PROBLEMS_MAX} more", flush=True)
        self.wrong += len(wrong)


def main() -> int:
    """Run everything; keep the folder only if something was wrong."""
    seed = int(os.environ.get("SEED") or SystemRandom().randrange(1_000_000))
    folder = Path(tempfile.mkdtemp(prefix="fourgood-chaos-"))
    print(f"SEED={seed}: the choices of this run; everything lies in {folder}", flush=True)
    run = Run(folder, seed, began=monotonic())
    wanted = sys.argv[1:]
    for faults_in_turn, clustered in ((ALONE, False), (IN_A_CLUSTER, True)):
        chosen = {
            name: fault
            for name, fault in faults_in_turn.items()
            if not wanted or any(word in name for word in wanted)
        }
        if chosen:
            run.befall(chosen, clustered=clustered)
    minutes = (monotonic() - run.began) / 60
    if run.wrong:
        print(f"{run.wrong} problems in {minutes:.1f} min: logs and the journal are in {folder}")
        return 1
    shutil.rmtree(folder)
    print(f"nothing lost, doubled or reordered in {minutes:.1f} min")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

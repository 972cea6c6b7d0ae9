"""A folder whose taker dies again and again: `python -m tests.deploy.killed_taking PLACE`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import deploy.cli
from contracts.publisher import Outbox
from deploy.cli.folder import Folder

SOURCE = "urn:fourgood:than-uyen"
TYPE = "registry.AdmissionTargetSet.v1"
LINES = 40
"""At so many lines at least it dies."""

EVERY = 3
"""Of the lines that a life runs through, so many apart are those it dies before."""

WATCHED = {str(Path(deploy.cli.__file__).parent / name) for name in ("folder.py", "sheets.py", "cells.py")}
WATCHED.add(str(Path(deploy.cli.__file__).parents[2] / "contracts/publisher/outbox.py"))

Line = tuple[str, int]


def rows(*targets: int) -> str:
    """Return a CSV of events that differ."""
    head = "organization,year,target,set_on\n"
    return head + "".join(f"THAN-UYEN,2024,{target},2024-01-05\n" for target in targets)


def live(place: Path, life: int, at_line: Callable[[Line], object]) -> None:
    """Take what is in the folder and one more good and one more bad file."""
    for name, body in (
        (f"{TYPE} {life}.csv", rows(2 * life, 2 * life + 1)),
        (f"{TYPE} bad {life}.csv", rows(life) + f"THAN-UYEN,24,{life},2024-01-05\n"),
    ):
        (place / "in" / f".{name}").write_text(body)
        (place / "in" / f".{name}").replace(place / "in" / name)

    def trace(frame, event, argument):
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            at_line((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    with Outbox(place / "events.db", source=SOURCE) as outbox:
        list(Folder(place / "in", outbox).look(at_once=True))


def main(place: Path) -> None:
    (place / "in").mkdir()
    reached: dict[Line, None] = {}
    live(place, 0, reached.setdefault)
    sys.settrace(None)
    kills = 0
    for life, line in enumerate([*reached][::EVERY], 1):

        def look(now: Line, line: Line = line) -> None:
            if now == line:
                os.kill(os.getpid(), signal.SIGKILL)

        if (child := os.fork()) == 0:
            live(place, life, look)
            os._exit(0)
        kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    live(place, life + 1, lambda line: None)
    print(life + 2, kills)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A service whose clock is wrong: `python -m tests.chaos.shifted registry -420` runs it seven minutes late.

Where a file is named instead, it says by how many seconds, and may say otherwise at any time.

Every service reads the time in one place, which its composition root is given: no library that bends
the whole process's time (libfaketime) is needed, and timeouts go on by the real clock, as they would.
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from services.chassis.clock import utc_now
from services.chassis.settings import Settings


def run(name: str, by_s: Callable[[], float]) -> None:
    """Run the service `name` with a clock that is wrong by so much whenever it is looked at."""
    main = import_module(f"services.{name}.main")
    [settings] = [
        kind
        for kind in vars(main).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind is not Settings
    ]
    main.create(settings.load(), clock=lambda: utc_now() + timedelta(seconds=by_s())).run()


if __name__ == "__main__":
    said = Path(sys.argv[2])
    run(sys.argv[1], lambda: float(said.read_text() if said.is_file() else said.name))

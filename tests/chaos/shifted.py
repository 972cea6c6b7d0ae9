"""A service whose clock is wrong: `python -m tests.chaos.shifted registry -420` runs it seven minutes late.

Every service reads the time in one place, which its composition root is given: no library that bends
the whole process's time (libfaketime) is needed, and timeouts go on by the real clock, as they would.
"""

import sys
from datetime import timedelta
from importlib import import_module

from services.chassis.clock import utc_now
from services.chassis.settings import Settings


def run(name: str, by: timedelta) -> None:
    """Run the service `name` with a clock that is wrong by so much."""
    main = import_module(f"services.{name}.main")
    [settings] = [
        kind
        for kind in vars(main).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind is not Settings
    ]
    main.create(settings.load(), clock=lambda: utc_now() + by).run()


if __name__ == "__main__":
    run(sys.argv[1], timedelta(seconds=float(sys.argv[2])))

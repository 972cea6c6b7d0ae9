"""A district's program that dies again and again: `python -m tests.publisher.killed FILE ADDRESS`.

Each life stores three more events and sends what there is; at one line of the publisher it is killed, as
by a power cut: before the line runs for the first time, or for the second. The first life tells which lines
there are, the last one lives until everything is confirmed and the month closed.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import contracts.publisher
from contracts.publisher import Credentials, Outbox, Publisher
from contracts.publisher import publisher as sending
from deploy.cli.district import credentials_of
from tests.publisher.province import CODE, SOURCE, target

HERE = str(Path(contracts.publisher.__file__).parent)
KEY = "5e" * 32
EVERY = 3
"""Of the lines that a life runs through, so many apart are those it is killed at."""

LIFE_S_MAX = 60
"""No life outlives its test."""

Line = tuple[str, int]


def live(
    file: str, credentials: Credentials, number: int, at_line: Callable[[Line], None], *, last: bool
) -> None:
    """Store, send and wait, telling each line of the publisher before it runs."""

    def trace(frame, event, argument):
        if not frame.f_code.co_filename.startswith(HERE):
            return None
        if event == "line":
            at_line((frame.f_code.co_filename, frame.f_lineno))
        return trace

    async def send(outbox: Outbox) -> None:
        async with Publisher(credentials, outbox) as publisher:
            publisher.add(**{name: said for name, said in target(number + 2).items() if name != "source"})
            if last:
                publisher.close_period("2024-11")
            await publisher.confirmed()

    signal.alarm(LIFE_S_MAX)
    sys.settrace(trace)
    with Outbox(file, source=SOURCE) as outbox:
        outbox.add_all([target(number), target(number + 1)])
        asyncio.run(send(outbox))


def killed_at(line: Line, times: int) -> Callable[[Line], None]:
    """Return what ends this process before a line runs for so many times."""
    left = Counter({line: times})

    def look(now: Line) -> None:
        left[now] -= 1
        if now == line and left[now] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return look


def main(file: str, address: str) -> None:
    sending.PAUSE_S = sending.LOOK_EVERY_S = 0.05
    credentials = credentials_of(CODE, address).model_copy(update={"signing_key": KEY})
    reached: dict[Line, None] = {}
    if (child := os.fork()) == 0:
        live(file, credentials, 1, reached.setdefault, last=False)
        Path(f"{file}.lines").write_text("\n".join(f"{name}:{number}" for name, number in reached))
        os._exit(0)
    assert 0 == os.waitpid(child, 0)[1]
    lines = [line.rsplit(":", 1) for line in Path(f"{file}.lines").read_text().splitlines()]
    kills = 0
    for life, (name, number) in enumerate(lines[::EVERY], 1):
        if (child := os.fork()) == 0:
            live(file, credentials, 3 * life + 1, killed_at((name, int(number)), 1 + life % 2), last=False)
            os._exit(0)
        kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    live(file, credentials, 3 * life + 4, lambda line: None, last=True)
    print(life + 2, kills)


if __name__ == "__main__":
    main(*sys.argv[1:])

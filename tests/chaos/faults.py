"""What befalls a province while its clients work: each fault in a function, strung along by conditions."""

import asyncio
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import nats
from nats.errors import Error as NatsError

from deploy.embedded.runtime import SERVICES
from tests.chaos.stage import DISTRICTS, Load, Stage

Fault = Callable[[Stage, Load, Random], None]

KILLS = 2
LEADERS_KILLED = 4
SHIFTS_S = (-420, 420)
ROOM_BYTES = 300_000
"""How much more NATS may store when its disk is nearly full."""


def killed(*victims: str, times: int = KILLS) -> Fault:
    """Kill each of `victims` at random moments; the supervisor starts it again."""

    def fault(stage: Stage, load: Load, dice: Random) -> None:
        for victim in victims * times:
            load.goes_on(dice.randrange(1, 20))
            stage.kill(victim)
            if victim in SERVICES:
                stage.back(victim)

    return fault


def killed_together(stage: Stage, load: Load, dice: Random) -> None:
    """A power cut in the whole house: everything at once."""
    load.goes_on(dice.randrange(1, 20))
    for victim in dice.sample((*SERVICES, "postgres", "nats"), len(SERVICES) + 2):
        stage.kill(victim)
    stage.back()


def emptied(stage: Stage, load: Load, dice: Random) -> None:
    """NATS loses all that it stored, while everyone works."""
    load.goes_on(dice.randrange(1, 20))
    stage.kill("nats")
    stage.nats.forget()
    stage.until(lambda: stage.nats.alive, "NATS back")


def held(*users: str) -> Fault:
    """The network between each of `users` and NATS stops answering, and goes on where it had stopped."""

    def fault(stage: Stage, load: Load, dice: Random) -> None:
        for user in users:
            load.goes_on(dice.randrange(1, 10))
            stage.lines[user].hold()
            stage.suffer(dice.uniform(2.0, 12.0))
            stage.lines[user].release()

    return fault


def cut(*users: str, for_s_max: float = 6.0) -> Fault:
    """The network between each of `users` and NATS breaks off, and is mended some time later."""

    def fault(stage: Stage, load: Load, dice: Random) -> None:
        for user in users:
            load.goes_on(dice.randrange(1, 10))
            stage.lines[user].cut()
            stage.suffer(dice.uniform(0.2, for_s_max))
            stage.lines[user].start()

    return fault


def full(stage: Stage, load: Load, dice: Random) -> None:
    """NATS may store no more; commands are stored all the same. Then it gets room."""
    server = stage.nats
    load.goes_on(dice.randrange(1, 20))
    stage.nats.stop()
    room, server.disk_bytes = server.disk_bytes, server.used_bytes() + ROOM_BYTES
    stage.until(lambda: stage.nats.alive, "NATS with a small disk")
    stage.until(lambda: _refuses(stage), "NATS refuses more", 120.0)
    stage.suffer(dice.uniform(5.0, 10.0))
    stage.nats.stop()
    server.disk_bytes = room
    stage.until(lambda: stage.nats.alive, "NATS with room")


def _refuses(stage: Stage) -> bool:
    """Return whether the stream of districts' events takes no more."""

    async def publish() -> bool:
        client = await nats.connect(
            stage.nats_url(DISTRICTS[0]),
            inbox_prefix=f"_INBOX_{DISTRICTS[0]}".encode(),
            allow_reconnect=False,
        )
        try:
            # On a subject that only the answerer of strays reads: it is told that nobody knows the name.
            await client.jetstream(timeout=2).publish(f"intake.{DISTRICTS[0]}.Filler", b"{}")
        except NatsError as error:
            return "insufficient" in str(error)
        finally:
            await client.close()
        return False

    try:
        return asyncio.run(publish())
    except (OSError, NatsError):
        return False


def clocks_apart(*names: str) -> Fault:
    """Services whose clocks are minutes before and behind the others', and then the other way round."""

    def fault(stage: Stage, load: Load, dice: Random) -> None:
        for turn in range(2):
            for number, name in enumerate(names):
                by = SHIFTS_S[(number + turn) % 2] + dice.randrange(60)
                _restart(stage, name, (sys.executable, "-m", "tests.chaos.shifted", name, str(by)))
            load.goes_on(dice.randrange(20, 40))

    return fault


def _restart(stage: Stage, name: str, command: tuple[str, ...]) -> None:
    stage.services[name].command = command
    stage.kill(name)
    stage.back(name)


def leaders_killed(stage: Stage, load: Load, dice: Random) -> None:
    """Of three servers, the one that leads a stream dies, again and again, whoever it is by then."""
    for _ in range(LEADERS_KILLED):
        load.goes_on(dice.randrange(5, 20))
        stream = dice.choice(("REGISTRY", "ASSESSMENT", "INTAKE", "RECEIPTS"))
        node = stage.nats.nodes[_leader(stage, stream)]
        node.kill()
        load.goes_on(dice.randrange(1, 10))
        stage.until(lambda node=node: node.alive, f"{node.name} back")  # type: ignore[misc]
        stage.until(lambda stream=stream: _whole(stage, stream), f"{stream} on all three")  # type: ignore[misc]


def _cluster(stage: Stage, stream: str) -> Any:
    async def ask() -> Any:
        client = await nats.connect(
            stage.nats_url("operator").split(","), inbox_prefix=b"_INBOX_operator", allow_reconnect=False
        )
        try:
            return (await client.jetstream(timeout=2).stream_info(stream)).cluster
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except (OSError, NatsError):
        return None


def _leader(stage: Stage, stream: str) -> str:
    stage.until(lambda: (found := _cluster(stage, stream)) and found.leader, f"{stream} has a leader")
    return str(_cluster(stage, stream).leader)


def _whole(stage: Stage, stream: str) -> bool:
    """Return whether every copy of a stream is up to date."""
    found = _cluster(stage, stream)
    return bool(found and found.leader and all(one.current and not one.offline for one in found.replicas))

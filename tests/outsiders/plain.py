"""A district's software on plain nats-py and the standard library: python plain.py FILE COUNT RESEND_S."""

import asyncio
import json
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import nats
from nats.errors import Error as NatsError


def target(district: str, number: int, value: int, **more: object) -> dict[str, object]:
    """Return one event: in a year a committee means to admit so many."""
    return {
        "specversion": "1.0",
        "id": f"target-{number}",
        "source": f"urn:fourgood:{district.lower()}",
        "number": number,
        "type": "registry.AdmissionTargetSet.v1",
        "data": {"organization": district, "year": "2025", "target": value, "set_on": "2025-01-06"},
        **more,
    }


def written(event: dict[str, object]) -> bytes:
    """Return the bytes of an event, the same at every sending."""
    return json.dumps(event).encode()


class Program:
    """What is kept until it is answered. A real program keeps it on disk."""

    def __init__(self, given: dict[str, object], count: int, resend_s: float) -> None:
        self.given = given
        self.district = str(given["district"])
        self.resend_s = resend_s
        self.events = [target(self.district, number, number) for number in range(1, count + 1)]
        self.unanswered = {event["id"]: event for event in self.events}
        self.sent_at: dict[object, float] = {}

    async def run(self) -> None:
        """Send until everything is answered, however long the line is down."""
        self.line = await nats.connect(
            self.given["nats"],
            user=self.given["user"],
            password=self.given["password"],
            tls=ssl.create_default_context(cadata=self.given.get("authority")),
            inbox_prefix=self.given["inbox_prefix"].encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=quiet,
        )
        await self.line.subscribe(f"receipts.{self.district}.>", cb=self.hear)
        await self.line.flush()
        while self.unanswered:
            for event in list(self.unanswered.values()):
                if monotonic() - self.sent_at.get(event["id"], -1e9) >= self.resend_s:
                    await self.send(event)
            await self.ask()
        await self.line.close()

    async def send(self, event: dict[str, object]) -> None:
        """Send one event; without an answer it stays due."""
        name = str(event["type"]).split(".")[1]
        self.sent_at[event["id"]] = monotonic()
        with suppress(NatsError, OSError):
            await self.line.request(f"intake.{self.district}.{name}", written(event), timeout=1)

    async def ask(self) -> None:
        """Ask what has arrived, and send again what has not."""
        question = {"source": self.events[0]["source"], "last": len(self.events)}
        with suppress(NatsError, OSError):
            subject = f"received.registry.{self.district}"
            answer = await self.line.request(subject, json.dumps(question).encode(), timeout=1)
            json.loads(answer.data)

    async def hear(self, message: nats.aio.msg.Msg) -> None:
        """Take a receipt, or send what is wanted."""
        told = json.loads(message.data)
        if message.subject.endswith(".Wanted"):
            for first, last in told["missing"]:
                for number in range(first, last + 1):
                    await self.send(self.events[number - 1])
            return
        if self.unanswered.pop(told["id"], None) and told["outcome"] == "rejected":
            number = len(self.events) + 1
            corrected = target(self.district, number, 1, replaces=told["id"])
            self.events.append(corrected)
            self.unanswered[corrected["id"]] = corrected


async def quiet(_: Exception) -> None:
    """The line is down; it comes back."""


if __name__ == "__main__":
    file, count, resend_s = sys.argv[1:]
    given = json.loads(Path(file).read_text("utf-8"))
    asyncio.run(Program(given, int(count), float(resend_s)).run())
